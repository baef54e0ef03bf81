package io.sterna.broker.partition;

import io.sterna.broker.config.AddressPattern;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Topics whose address is a pattern, as {@code a.*} or {@code a.#}, and that have subscriptions: what is published to a
 * topic that they match is for them, too. They change before a subscriber is answered, so that what is sent after that
 * finds its way. Any thread.
 */
final class TopicPatterns {
    private final Map<String, Subscribed> patterns = new ConcurrentHashMap<>();
    private final AtomicLong version = new AtomicLong();

    /** @param rejecting whether one of its subscriptions rejects what it has no room for */
    private record Subscribed(AddressPattern pattern, boolean rejecting) {}

    /**
     * The patterns that match a topic.
     *
     * @param rejecting whether a subscription to one of them rejects what it has no room for
     */
    record Matching(List<String> addresses, boolean rejecting) {
        static final Matching NONE = new Matching(List.of(), false);
    }

    /** The pattern that an address is; empty for one without wildcards. */
    static Optional<AddressPattern> patternOf(String address) {
        return address.indexOf('*') < 0 && address.indexOf('#') < 0 ? Optional.empty() : AddressPattern.parse(address);
    }

    /** A pattern has a subscription, or its subscriptions have changed. */
    void put(String address, AddressPattern pattern, boolean rejecting) {
        Subscribed now = new Subscribed(pattern, rejecting);
        if (!now.equals(patterns.put(address, now))) {
            version.incrementAndGet();
        }
    }

    void remove(String address) {
        patterns.remove(address);
        version.incrementAndGet();
    }

    /** Differs whenever what {@link #matching} says may differ. */
    long version() {
        return version.get();
    }

    Matching matching(String topic) {
        List<Map.Entry<String, Subscribed>> found = patterns.entrySet().stream()
                .filter(entry -> entry.getValue().pattern().matches(topic))
                .toList();
        return new Matching(
                found.stream().map(Map.Entry::getKey).toList(),
                found.stream().anyMatch(entry -> entry.getValue().rejecting()));
    }
}

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
    private final Map<String, AddressPattern> patterns = new ConcurrentHashMap<>();
    private final AtomicLong version = new AtomicLong();

    /** The pattern that an address is; empty for one without wildcards. */
    static Optional<AddressPattern> patternOf(String address) {
        return address.indexOf('*') < 0 && address.indexOf('#') < 0 ? Optional.empty() : AddressPattern.parse(address);
    }

    void add(String address, AddressPattern pattern) {
        patterns.put(address, pattern);
        version.incrementAndGet();
    }

    void remove(String address) {
        patterns.remove(address);
        version.incrementAndGet();
    }

    /** Differs whenever what {@link #matching} says may differ. */
    long version() {
        return version.get();
    }

    /** The patterns that match a topic. */
    List<String> matching(String topic) {
        return patterns.entrySet().stream()
                .filter(entry -> entry.getValue().matches(topic))
                .map(Map.Entry::getKey)
                .toList();
    }
}

package io.sterna.cluster;

import io.sterna.store.LogOperation.Published;
import java.util.NavigableMap;
import java.util.TreeMap;

/** What was published under a topic and is referred to: each message once, with rising sequences. */
final class SimTopic {
    private final NavigableMap<Long, Payload> payloads = new TreeMap<>();
    private long highest = Long.MIN_VALUE;

    /**
     * A message.
     *
     * @param references how many queues have it
     */
    record Payload(byte[] traits, byte[] message, int references) {}

    SimTopic copy() {
        SimTopic copy = new SimTopic();
        copy.payloads.putAll(payloads);
        copy.highest = payloads.lastKey();
        return copy;
    }

    NavigableMap<Long, Payload> payloads() {
        return payloads;
    }

    void add(Published published) {
        if (published.sequence() <= highest) {
            throw new Violation(
                    Violation.Invariant.ORDER, "published " + published.sequence() + " comes after " + highest);
        }
        highest = published.sequence();
        payloads.put(highest, new Payload(published.traits(), published.message(), published.queueIds().length));
    }

    /** One queue less refers to a message. */
    void release(long sequence) {
        payloads.computeIfPresent(
                sequence,
                (its, payload) -> payload.references() == 1
                        ? null
                        : new Payload(payload.traits(), payload.message(), payload.references() - 1));
    }

    boolean isEmpty() {
        return payloads.isEmpty();
    }

    Holdings.Messages holdings() {
        return new Holdings.Messages(SequenceRanges.of(payloads.keySet()), highest);
    }
}

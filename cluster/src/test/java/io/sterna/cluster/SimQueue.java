package io.sterna.cluster;

import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Predicate;

/** A queue's messages: its own, which came with rising sequences, and references to those of topics. */
final class SimQueue {
    private final NavigableMap<Long, SimMessage> messages = new TreeMap<>();
    private long highest = Long.MIN_VALUE;

    SimQueue copy() {
        SimQueue copy = new SimQueue();
        copy.messages.putAll(messages);
        messages.values().stream()
                .filter(message -> message.topicId().isEmpty())
                .forEach(message -> copy.highest = message.sequence());
        return copy;
    }

    NavigableMap<Long, SimMessage> messages() {
        return messages;
    }

    /** A message of its own comes. */
    void checkRises(long sequence) {
        if (sequence <= highest) {
            throw new Violation(Violation.Invariant.ORDER, "message " + sequence + " comes after " + highest);
        }
        highest = sequence;
    }

    Holdings.Queue holdings() {
        return new Holdings.Queue(
                new Holdings.Messages(those(message -> message.topicId().isEmpty()), highest),
                those(message -> message.topicId().isPresent()),
                those(message -> message.update().isPresent()));
    }

    private SequenceRanges those(Predicate<SimMessage> which) {
        return SequenceRanges.of(messages.values().stream()
                .filter(which)
                .map(SimMessage::sequence)
                .toList());
    }
}

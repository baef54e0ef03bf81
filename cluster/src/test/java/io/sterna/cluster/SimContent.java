package io.sterna.cluster;

import io.sterna.store.LogOperation;
import io.sterna.store.LogOperation.Acknowledged;
import io.sterna.store.LogOperation.Enqueued;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;

/** The live messages of a partition. */
final class SimContent {
    private final NavigableMap<Long, NavigableMap<Long, Enqueued>> queues = new TreeMap<>();

    SimContent copy() {
        SimContent copy = new SimContent();
        queues.forEach((id, messages) -> copy.queues.put(id, new TreeMap<>(messages)));
        return copy;
    }

    /** What a record of the log does; sequences rise. */
    void append(LogOperation operation) {
        if (operation instanceof Enqueued enqueued) {
            NavigableMap<Long, Enqueued> queue = queue(enqueued.queueId());
            if (!queue.isEmpty() && queue.lastKey() >= enqueued.sequence()) {
                throw new AssertionError("sequence " + enqueued.sequence() + " after " + queue.lastKey());
            }
        }
        apply(operation);
    }

    /** What a difference does; it may put messages between others. */
    void apply(LogOperation operation) {
        if (operation instanceof Enqueued enqueued) {
            if (queue(enqueued.queueId()).put(enqueued.sequence(), enqueued) != null) {
                throw new AssertionError("message " + enqueued.sequence() + " came twice");
            }
        } else if (operation instanceof Acknowledged acknowledged) {
            for (long sequence : acknowledged.sequences()) {
                queue(acknowledged.queueId()).remove(sequence);
            }
        }
    }

    NavigableMap<Long, Enqueued> queue(long queueId) {
        return queues.computeIfAbsent(queueId, id -> new TreeMap<>());
    }

    NavigableMap<Long, NavigableMap<Long, Enqueued>> queues() {
        return queues;
    }

    Holdings holdings() {
        Map<Long, Holdings.Queue> held = new HashMap<>();
        queues.forEach((id, messages) -> held.put(
                id,
                new Holdings.Queue(
                        new Holdings.Messages(SequenceRanges.of(messages.keySet()), Long.MIN_VALUE),
                        SequenceRanges.NONE,
                        SequenceRanges.NONE)));
        return new Holdings(List.of(), List.of(), held, Map.of());
    }

    boolean holdsTheSameAs(SimContent other) {
        for (Map.Entry<Long, NavigableMap<Long, Enqueued>> entry : queues.entrySet()) {
            if (!entry.getValue().equals(other.queue(entry.getKey()))) {
                return false;
            }
        }
        return other.size() == size();
    }

    int size() {
        return queues.values().stream().mapToInt(Map::size).sum();
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder();
        queues.forEach((id, messages) -> text.append(id).append(messages.keySet()));
        return text.toString();
    }
}

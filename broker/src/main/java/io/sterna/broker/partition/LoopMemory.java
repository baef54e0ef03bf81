package io.sterna.broker.partition;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * A loop's share of the memory for payloads. Above it, payloads that the store has are let go and read back later; when
 * that does not help, because what is left is not durable or is under way to consumers, producers get their outcomes, and
 * with them their credit, only when there is room again. Owned by the loop.
 */
final class LoopMemory {
    private final long limitBytes;
    private final List<QueueNode> nodes = new ArrayList<>();
    private final ArrayDeque<Runnable> held = new ArrayDeque<>();
    private long residentBytes;

    LoopMemory(long limitBytes) {
        this.limitBytes = limitBytes;
    }

    void add(QueueNode node) {
        nodes.add(node);
    }

    void remove(QueueNode node) {
        nodes.remove(node);
    }

    /** A queue holds so many bytes more, or less. */
    void onChange(long bytes) {
        residentBytes += bytes;
        if (bytes > 0 && residentBytes > limitBytes) {
            shrink();
        } else if (bytes < 0 && !held.isEmpty()) {
            release();
        }
    }

    private void shrink() {
        List<QueueNode> largestFirst = new ArrayList<>(nodes);
        largestFirst.sort(Comparator.comparingLong(QueueNode::residentBytes).reversed());
        long excess = residentBytes - limitBytes + limitBytes / 8;
        for (QueueNode node : largestFirst) {
            if (excess <= 0 || node.residentBytes() == 0) {
                break;
            }
            long freed = node.dropPayloads(excess);
            residentBytes -= freed;
            excess -= freed;
        }
    }

    private void release() {
        while (residentBytes <= limitBytes && !held.isEmpty()) {
            held.removeFirst().run();
        }
    }

    /** Tells a producer that its message is in: now, or when there is room for more. */
    void whenRoom(Runnable tellProducer) {
        if (residentBytes <= limitBytes && held.isEmpty()) {
            tellProducer.run();
        } else {
            held.addLast(tellProducer);
        }
    }

    long residentBytes() {
        return residentBytes;
    }
}

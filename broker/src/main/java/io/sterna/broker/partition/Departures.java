package io.sterna.broker.partition;

import io.sterna.amqp.message.AnnotationMap;
import io.sterna.broker.queue.Entry;
import io.sterna.store.LogOperation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Messages that have left a queue within one turn of the loop: one record for all that were acknowledged, and the way to
 * the dead letters for the others. Owned by the partition's loop.
 */
final class Departures {
    private static final int FIRST_CAPACITY = 16;

    private final QueueNode node;
    private final Partition partition;
    private long[] acknowledged = new long[0];
    private int acknowledgedCount;
    private final List<DeadLetter> deadLetters = new ArrayList<>(0);
    private boolean flushPosted;

    private record DeadLetter(long sequence, BrokerMessage message, boolean durable) {}

    Departures(QueueNode node, Partition partition) {
        this.node = node;
        this.partition = partition;
    }

    void acknowledged(long sequence) {
        if (acknowledgedCount == acknowledged.length) {
            acknowledged = Arrays.copyOf(acknowledged, Math.max(FIRST_CAPACITY, 2 * acknowledgedCount));
        }
        acknowledged[acknowledgedCount++] = sequence;
        flushLater();
    }

    /** The queue must not be called back from here, and finding the other queue may create it: later. */
    void deadLetter(Entry entry, String condition, String description) {
        AnnotationMap reason = AnnotationMap.builder()
                .putString("x-opt-deadletter-reason", condition.isEmpty() ? "rejected" : condition)
                .putString("x-opt-deadletter-description", description)
                .putString("x-opt-deadletter-source", node.address())
                .build();
        BrokerMessage moved = ((BrokerMessage) entry.message())
                .changed(
                        entry.deliveryCount(),
                        QueueNode.decode(entry.annotations()).mergedWith(reason));
        deadLetters.add(new DeadLetter(entry.sequence(), moved, entry.durable()));
        flushLater();
    }

    private void flushLater() {
        if (!flushPosted) {
            flushPosted = true;
            node.loop().post(() -> {
                flushPosted = false;
                node.flushDepartures();
            });
        }
    }

    /** Appends what has gathered. */
    void flush() {
        if (acknowledgedCount > 0) {
            partition.append(new LogOperation.Acknowledged(node.id(), Arrays.copyOf(acknowledged, acknowledgedCount)));
            acknowledgedCount = 0;
        }
        if (!deadLetters.isEmpty()) {
            List<DeadLetter> now = List.copyOf(deadLetters);
            deadLetters.clear();
            now.forEach(
                    letter -> partition.moveToDeadLetters(node, letter.sequence(), letter.message(), letter.durable()));
        }
    }
}

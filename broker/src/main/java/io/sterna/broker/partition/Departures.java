package io.sterna.broker.partition;

import io.sterna.broker.queue.DeadLetterReason;
import io.sterna.broker.queue.Entry;
import io.sterna.store.LogOperation;
import java.util.Arrays;

/**
 * Messages that have left a queue within one turn of the loop: one record for all that were acknowledged, and the way
 * to the dead letters for the others. Owned by the partition's loop.
 */
final class Departures {
    private static final int FIRST_CAPACITY = 16;

    /**
     * A queue that is purged may lose millions at once: more records then, so that neither they nor this grow with it.
     */
    private static final int MOST_A_RECORD = 16 * 1024;

    private final QueueNode node;
    private final Partition partition;
    private long[] acknowledged = new long[0];
    private int acknowledgedCount;
    private final DeadLetters deadLetters;
    private boolean flushPosted;

    Departures(QueueNode node, Partition partition) {
        this.node = node;
        this.partition = partition;
        deadLetters = new DeadLetters(node, partition);
    }

    void acknowledged(long sequence) {
        if (acknowledgedCount == acknowledged.length) {
            acknowledged = Arrays.copyOf(acknowledged, Math.max(FIRST_CAPACITY, 2 * acknowledgedCount));
        }
        acknowledged[acknowledgedCount++] = sequence;
        if (acknowledgedCount == MOST_A_RECORD) {
            flushAcknowledged();
        }
        flushLater();
    }

    /** The queue must not be called back from here, and finding the other queue may create it: later. */
    void deadLetter(Entry entry, DeadLetterReason reason, String condition, String description) {
        if (!DeadLetters.drops(node.policy(), reason)) {
            deadLetters.add(entry, reason, condition, description);
            flushLater();
        } else if (entry.durable()) {
            acknowledged(entry.sequence());
        } else if (entry.spilled()) {
            node.spill().release(entry.sequence());
        }
    }

    boolean takesDeadLetters() {
        return deadLetters.haveRoom();
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
            flushAcknowledged();
        }
        deadLetters.flush();
    }

    private void flushAcknowledged() {
        long[] sequences = Arrays.copyOf(acknowledged, acknowledgedCount);
        acknowledgedCount = 0;
        partition.append(node.links().leaving(new LogOperation.Acknowledged(node.id(), sequences)));
    }
}

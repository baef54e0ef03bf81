package io.sterna.broker.partition;

import io.sterna.broker.queue.Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.IntConsumer;
import java.util.function.Predicate;

/** What operators may do with a queue. Owned by the partition's loop. */
public final class QueueOperations {
    private final QueueNode node;

    QueueOperations(QueueNode node) {
        this.node = node;
    }

    /**
     * Removes all messages that nobody has acquired, scheduled ones too.
     *
     * @param whenDurable takes how many, once they can't come back; not called when the partition does not serve
     */
    public void purge(IntConsumer whenDurable) {
        node.command(() -> {
            int purged = node.queue().purge();
            node.afterSettled(() -> whenDurable.accept(purged));
        });
    }

    /** Describes messages that are held back until their time, in the order in which they came. */
    public List<Map<String, Object>> scheduledAbove(long sequence, int count) {
        List<Map<String, Object>> described = new ArrayList<>();
        for (Entry entry : node.queue().scheduledAbove(sequence, count)) {
            described.add(Map.of(
                    "message", entry.sequence(),
                    "deliverAt", entry.traits().deliverAtMillis(),
                    "bytes", entry.sizeBytes(),
                    "priority", entry.traits().priority()));
        }
        return described;
    }

    /**
     * Removes a message that is held back until its time.
     *
     * @param whenDurable takes whether there was one, once it can't come back; not called when the partition does not
     *     serve
     */
    public void cancelScheduled(long sequence, Consumer<Boolean> whenDurable) {
        node.command(() -> {
            boolean cancelled = node.queue().cancelScheduled(sequence);
            node.afterSettled(() -> whenDurable.accept(cancelled));
        });
    }

    /**
     * Brings dead letters to another queue of the same partition, usually the one they come from, in their order. They
     * begin anew there.
     *
     * @param filter which of them
     * @param limit at most so many
     * @param done told on this loop how many were moved, once that can't be lost; not told if the partition stops
     * @throws IllegalArgumentException when this queue is not of dead letters, or the target is in another partition
     */
    public void redrive(QueueNode target, Predicate<BrokerMessage> filter, int limit, IntConsumer done) {
        Partition partition = node.partition();
        if (!Addresses.isDeadLetterQueue(node.address()) || target == node || target.partition() != partition) {
            throw new IllegalArgumentException("dead letters can be moved to the queues of their own partition, from "
                    + node.address() + " not to " + target.address());
        }
        if (node.deleted() || limit <= 0) {
            done.accept(0);
        } else {
            partition.guard(() -> Redrive.begin(partition, node, target, filter, limit, done));
        }
    }

    /**
     * Gives whoever holds a message the whole lock duration again.
     *
     * @return until when, since 1970-01-01T00:00Z; empty when nobody holds it, or for ever
     */
    public OptionalLong renewLock(long sequence) {
        return node.partition().serves() && !node.deleted() ? node.queue().renewLock(sequence) : OptionalLong.empty();
    }
}

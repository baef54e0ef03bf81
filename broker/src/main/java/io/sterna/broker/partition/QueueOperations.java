package io.sterna.broker.partition;

import io.sterna.broker.queue.Entry;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.IntConsumer;

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
        for (Entry entry : node.queue().schedule().above(sequence, count)) {
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
            boolean cancelled = node.queue().schedule().cancel(sequence);
            node.afterSettled(() -> whenDurable.accept(cancelled));
        });
    }

    /** As {@link #cancelScheduled}, of the first message that has this message-id. */
    public void cancelScheduled(String messageId, Consumer<Boolean> whenDurable) {
        new ScheduledSearch(node, messageId, found -> {
                    if (found.isPresent()) {
                        cancelScheduled(found.getAsLong(), whenDurable);
                    } else {
                        whenDurable.accept(false);
                    }
                })
                .start();
    }

    /** As {@link #renewLock(long)}, of a message that has this message-id. */
    public OptionalLong renewLock(String messageId) {
        return node
                .seats()
                .held()
                .filter(entry -> ((BrokerMessage) entry.message())
                        .messageIdText()
                        .filter(messageId::equals)
                        .isPresent())
                .mapToLong(Entry::sequence)
                .findFirst()
                .stream()
                .mapToObj(this::renewLock)
                .findFirst()
                .orElse(OptionalLong.empty());
    }

    /**
     * Gives whoever holds a message the whole lock duration again.
     *
     * @return until when, since 1970-01-01T00:00Z; empty when nobody holds it, or for ever
     */
    public OptionalLong renewLock(long sequence) {
        return node.partition().serves() && !node.deleted()
                ? node.queue().holdings().renewLock(sequence)
                : OptionalLong.empty();
    }
}

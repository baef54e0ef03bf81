package io.sterna.broker.queue;

import java.util.List;

/** The messages of a queue that are held back until their time. Owned by the partition's event loop. */
public final class Schedule {
    private final Queue queue;
    private final Lifecycle lifecycle;

    Schedule(Queue queue, QueueParts parts) {
        this.queue = queue;
        lifecycle = parts.lifecycle;
    }

    /** The first of them above a sequence, in the order of sequences, at most so many. */
    public List<Entry> above(long sequence, int count) {
        assert queue.mayCommand();
        return lifecycle.scheduledAbove(sequence, count);
    }

    /**
     * Removes one; {@link QueueEffects#acknowledged} if it is durable.
     *
     * @return whether there was one
     */
    public boolean cancel(long sequence) {
        assert queue.mayCommand();
        boolean removed = lifecycle.removeScheduled(sequence) != null;
        queue.dispatch();
        return removed;
    }
}

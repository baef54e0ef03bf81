package io.sterna.broker.partition;

import io.sterna.store.LogOperation;

/** Where a partition's records go, and who says when they can't be lost any more. Owned by the partition's loop. */
public interface PartitionLog {

    /** The epoch in which this node owns the partition; above all in which it was owned before. */
    long epoch();

    /** Appends a record. What can't be appended any more is passed over, and what waits for it never happens. */
    void append(LogOperation operation);

    /**
     * Runs something once all that was appended so far can't be lost any more: at once when that is so and nothing waits
     * before it, so that everything runs in the order in which it was asked for.
     *
     * @param orGone runs in its place after {@link #giveUp}: nobody here knows then what becomes of what was appended
     */
    void afterAppended(Runnable whenSafe, Runnable orGone);

    /** Another node has the partition, and all that it had in memory here is gone. */
    void giveUp();
}

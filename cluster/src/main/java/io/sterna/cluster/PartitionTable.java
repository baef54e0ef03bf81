package io.sterna.cluster;

/**
 * The one place that says who has which partition: a linearizable register that the majority of the cluster keeps. All
 * methods return at once. There is no answer but the table's content, which is told to {@link Replica#onView} and
 * {@link Coordinator#onTable} after each call that reached it, and at least each second while it can be reached. Calls may
 * get lost, and may take effect late; but none that was made before the table was lost takes effect in its successor.
 */
public interface PartitionTable {

    /**
     * Puts a view in place of the one with {@code expectedEpoch}; nothing happens when another one is there.
     *
     * @param expectedEpoch 0 when there is to be none
     */
    void compareAndSet(long expectedEpoch, PartitionView view);

    /**
     * Puts a placement in place of the one with {@code expectedVersion}; nothing happens when another one is there.
     *
     * @param expectedVersion 0 when there is to be none
     */
    void compareAndSet(long expectedVersion, Placement placement);

    /** Asks for the view of a partition, because somebody seems to know of a newer one. */
    void refresh(int partition);
}

package io.sterna.cluster;

/**
 * The one place that says who has which partition: a linearizable register that the majority of the cluster keeps. All
 * methods return at once. There is no answer but the table's content, which is told to {@link Replica#onTable} and
 * {@link Coordinator#onTable} after each call that reached it, and at least each second while it can be reached. Calls may
 * get lost, and may take effect late. When the register was lost, what is told is {@link TableContent#NONE}, until a
 * generation begins.
 */
public interface PartitionTable {

    /**
     * Puts an empty table in place of the one of another generation; nothing happens when a third one is there.
     *
     * @param expectedGeneration 0 when none is to have begun
     */
    void begin(long expectedGeneration, long generation);

    /**
     * Puts a view in place of the one with {@code expectedEpoch}; nothing happens when another one is there, or the table
     * is of another generation.
     *
     * @param expectedEpoch 0 when there is to be none
     */
    void compareAndSet(long generation, long expectedEpoch, PartitionView view);

    /**
     * Puts a placement in place of the one with {@code expectedVersion}; nothing happens when another one is there, or the
     * table is of another generation.
     *
     * @param expectedVersion 0 when there is to be none
     */
    void compareAndSet(long generation, long expectedVersion, Placement placement);

    /** Asks for the view of a partition, because somebody seems to know of a newer one. */
    void refresh(int partition);
}

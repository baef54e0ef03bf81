package io.sterna.cluster;

import io.sterna.store.LogRecord;

/** What a partition hears of its replica. Called on the replica's loop. */
public interface ReplicaListener {

    /**
     * This node owns the partition and may accept; all that the log holds is committed. May come again with a higher epoch
     * without {@link #onClosed} between.
     */
    void onOpened(long epoch);

    /** A record that this owner has appended, or that it has inherited, is committed. In the order of the log. */
    void onCommitted(LogRecord record);

    /** This node owns the partition no more. What became of records that were not committed is not known here. */
    void onClosed();
}

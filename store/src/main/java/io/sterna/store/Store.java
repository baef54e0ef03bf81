package io.sterna.store;

/**
 * The durable log of all partitions of one node.
 *
 * <p>Life: open (takes the data directory's lock), {@link #recover} exactly once, then {@link #lane} and appends, then
 * {@link #close}. A store that can no longer write tells every lane through {@link LaneListener#onFailed} and
 * accepts nothing more; it never pretends.
 */
public interface Store extends AutoCloseable {

    /**
     * Reports everything that is alive, in this order: partitions, nodes, values, then messages, those of a queue with rising
     * sequences. Blocks the calling thread, which calls the visitor.
     *
     * @throws StoreException when the data cannot be read; names the file and what is affected
     */
    void recover(RecoveryVisitor visitor) throws StoreException;

    /**
     * Instead of {@link #recover}, where partitions are opened one by one: reports damage, partitions, and the values of
     * {@linkplain LogOperation.ValuePut#REPLICA replicas}. The rest is told by {@link Contents#open}.
     *
     * @throws StoreException as {@link #recover}
     */
    void recoverPartitions(RecoveryVisitor visitor) throws StoreException;

    /** What partitions hold. Called after {@link #recover}. */
    Contents contents();

    /**
     * Opens a lane. Called after {@link #recover}.
     *
     * @param listener called on the store's own threads; must only hand over and return
     */
    Lane lane(LaneListener listener);

    /**
     * Reads live messages of a queue, rising by sequence, from {@code fromSequence} on. Any thread; returns at once.
     * What was appended on a lane before the call and is durable is seen; acknowledgements still on their way may not
     * be.
     *
     * @param maxMessages at most so many
     * @param maxBytes stops after the message with which the sum of sizes reaches this; at least one message is read
     * @param reader called once on a thread of the store; must only hand over and return
     */
    void read(long queueId, long fromSequence, int maxMessages, long maxBytes, MessageReader reader);

    /** Where messages may be put that need not outlive the process. Called after {@link #recover}. */
    Spill spill();

    /**
     * A random number that was given to the data directory when it was first used, and that it keeps as long as it is there.
     * Called after {@link #recover}; any thread.
     */
    long diskId();

    /** Figures for metrics. Any thread. */
    StoreMetrics metrics();

    /** Makes all that was appended durable, writes a checkpoint, and releases the directory. Blocks. */
    @Override
    void close();
}

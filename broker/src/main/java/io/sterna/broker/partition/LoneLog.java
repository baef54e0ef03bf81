package io.sterna.broker.partition;

import io.sterna.store.LogOperation;
import io.sterna.store.LogRecord;

/** The log of a partition of a node that is alone: a record is safe when it is on this node's disk. */
final class LoneLog implements PartitionLog {
    private final int partition;
    private final LoopStore store;
    private final long epoch;
    private long index;
    private boolean epochWritten;

    /**
     * Begins the next epoch, of which the log hears with the first record.
     *
     * @param lastEpoch of the last record that the store has
     * @param lastIndex its index
     */
    LoneLog(int partition, LoopStore store, long lastEpoch, long lastIndex) {
        this.partition = partition;
        this.store = store;
        epoch = lastEpoch + 1;
        index = lastIndex;
    }

    @Override
    public long epoch() {
        return epoch;
    }

    @Override
    public void append(LogOperation operation) {
        if (!epochWritten) {
            epochWritten = true;
            store.append(new LogRecord(partition, epoch, ++index, new LogOperation.EpochStarted()));
        }
        store.append(new LogRecord(partition, epoch, ++index, operation));
    }

    @Override
    public void afterAppended(Runnable whenSafe, Runnable orGone) {
        store.afterAppended(whenSafe);
    }

    @Override
    public void giveUp() {
        // What was appended becomes safe here all the same.
    }
}

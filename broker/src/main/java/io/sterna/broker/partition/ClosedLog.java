package io.sterna.broker.partition;

import io.sterna.store.LogOperation;

/** The log of a partition that another node has: it takes nothing, and what waits for it never happens. */
record ClosedLog(long epoch) implements PartitionLog {
    @Override
    public void append(LogOperation operation) {
        // Whoever has the partition now goes on from what was safe.
    }

    @Override
    public void afterAppended(Runnable whenSafe) {
        // It is not known whether it ever will be.
    }
}

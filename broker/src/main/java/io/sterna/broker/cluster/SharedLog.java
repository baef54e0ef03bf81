package io.sterna.broker.cluster;

import io.sterna.broker.partition.PartitionLog;
import io.sterna.cluster.Replica;
import io.sterna.store.LogOperation;
import io.sterna.store.LogRecord;
import java.util.ArrayDeque;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * The log of a partition that other nodes keep, too: a record is safe when it is on the disks of all that are in sync. What
 * the replica does not take at the moment, as it begins another epoch or hears nothing from the table, waits here; that is
 * bounded by the credit that links were given. Owned by the partition's loop.
 *
 * <p>Invariant: {@code safe + underWay.size() + untaken.size() = appended}.
 */
final class SharedLog implements PartitionLog {
    private final long epoch;
    private final Replica replica;
    private final LongSupplier clock;
    private final Runnable onProposed;
    private final ArrayDeque<LogOperation> untaken = new ArrayDeque<>();
    private final ArrayDeque<LogOperation> underWay = new ArrayDeque<>();
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private long appended;
    private long safe;
    private boolean stopped;

    private record Waiting(long count, Runnable whenSafe, Runnable orGone) {}

    /**
     * Begins when this node has opened an epoch of its own.
     *
     * @param clock milliseconds, as the replica is told
     * @param onProposed has the replica flushed at the end of the turn
     */
    SharedLog(long epoch, Replica replica, LongSupplier clock, Runnable onProposed) {
        this.epoch = epoch;
        this.replica = replica;
        this.clock = clock;
        this.onProposed = onProposed;
    }

    @Override
    public long epoch() {
        return epoch;
    }

    @Override
    public void append(LogOperation operation) {
        if (stopped) {
            return;
        }
        appended++;
        untaken.add(operation);
        propose();
    }

    /** Gives the replica what it takes. */
    void propose() {
        long now = clock.getAsLong();
        boolean proposed = false;
        while (!untaken.isEmpty() && replica.accepts(now)) {
            LogOperation operation = untaken.remove();
            underWay.add(operation);
            replica.propose(operation, now);
            proposed = true;
        }
        if (proposed) {
            onProposed.run();
        }
    }

    @Override
    public void afterAppended(Runnable whenSafe, Runnable orGone) {
        if (!stopped && safe == appended && waiting.isEmpty()) {
            whenSafe.run();
        } else {
            waiting.add(new Waiting(appended, whenSafe, orGone));
        }
    }

    /** A record is safe, one of this log or one that was inherited. */
    void onCommitted(LogRecord record) {
        if (record.operation() == underWay.peek()) {
            underWay.remove();
            safe++;
        }
    }

    /** Runs what has waited for what is safe now. Not from within the replica, to which it may append. */
    void runSafe() {
        Waiting next = waiting.peek();
        while (next != null && next.count() <= safe) {
            waiting.remove();
            next.whenSafe().run();
            next = waiting.peek();
        }
    }

    /** This node has lost the partition: nothing more is proposed, nothing becomes safe. What waits hears so later. */
    void stop() {
        stopped = true;
        untaken.clear();
        underWay.clear();
    }

    @Override
    public void giveUp() {
        stop();
        List<Waiting> now = List.copyOf(waiting);
        waiting.clear();
        now.forEach(each -> each.orGone().run());
    }

    /** How many operations are not safe yet. */
    long pending() {
        return appended - safe;
    }
}

package io.sterna.broker.cluster;

import io.sterna.broker.partition.PartitionOpening;
import io.sterna.broker.partition.Partitions;
import io.sterna.cluster.Replica;
import io.sterna.cluster.ReplicaListener;
import io.sterna.store.LogRecord;
import io.sterna.store.RecoveryVisitor;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A partition as this node takes part in it: its replica, and while this node owns it, what clients use. Owned by the
 * partition's loop.
 *
 * <pre>
 * CLOSED -(the replica has opened an epoch)-> OPENING -(the store has told what there is)-> OPEN
 * OPENING -(another node owns it)-> CLOSED
 * OPEN -(another node owns it)-> CLOSING -(clients have been told, and what was in memory is gone)-> CLOSED
 * </pre>
 */
final class SharedPartition implements ReplicaListener {
    private static final Logger log = LoggerFactory.getLogger(SharedPartition.class);

    private final int id;
    private final Partitions partitions;
    private final Surroundings surroundings;
    private Optional<Replica> replica = Optional.empty();
    private State state = State.CLOSED;
    private Optional<SharedLog> records = Optional.empty();

    /** Each opening has its own: what the store still tells for an earlier one is passed over. */
    private int opening;

    /** What the replica has told since it was called, to be acted on when it has returned and nothing is closing. */
    private Optional<Long> opened = Optional.empty();

    private boolean closed;

    private boolean failed;

    private enum State {
        CLOSED,
        OPENING,
        OPEN,
        CLOSING
    }

    /** What a partition needs of its loop. */
    interface Surroundings {
        /** Milliseconds, as replicas are told. */
        LongSupplier clock();

        /** Has the replica flushed at the end of this turn. */
        void flushLater(SharedPartition partition);

        /** Has the store tell what the partition holds, as of all that was appended, on the loop; and then that it has. */
        void load(int partition, RecoveryVisitor visitor, Consumer<Optional<Exception>> done);

        /** It is served here from now on. */
        void onOpened(int partition);

        /** It is served here no more: clients that use it are told; {@code then} runs on the loop when they were. */
        void onClosed(int partition, Runnable then);
    }

    SharedPartition(int id, Partitions partitions, Surroundings surroundings) {
        this.id = id;
        this.partitions = partitions;
        this.surroundings = surroundings;
    }

    int id() {
        return id;
    }

    void attach(Replica its) {
        replica = Optional.of(its);
    }

    Replica replica() {
        return replica.orElseThrow();
    }

    boolean isOpen() {
        return state == State.OPEN;
    }

    /** Tells the replica something, and does what follows from it. A defect costs this replica, and nobody else. */
    void tell(Consumer<Replica> something) {
        if (failed) {
            return;
        }
        try {
            something.accept(replica());
        } catch (RuntimeException | AssertionError defect) {
            fail("because of a defect", defect);
        }
        if (closed) {
            closed = false;
            close();
        }
        maybeOpen();
        records.ifPresent(its -> {
            its.propose();
            its.runSafe();
        });
    }

    /** Not before its former life is over: names and addresses of that are the same in the next one. */
    private void maybeOpen() {
        if (state != State.CLOSING) {
            Optional<Long> epoch = opened.filter(now -> state == State.CLOSED);
            opened = Optional.empty();
            epoch.ifPresent(this::open);
        }
    }

    /** It takes part in nothing any more. */
    void fail(String why, Throwable cause) {
        if (failed) {
            return;
        }
        log.error("the replica of partition {} takes part in nothing any more, {}; restart this node", id, why, cause);
        failed = true;
        opened = Optional.empty();
        replica().onFailed();
        close();
    }

    private void open(long epoch) {
        state = State.OPENING;
        int its = ++opening;
        long begunMillis = surroundings.clock().getAsLong();
        SharedLog shared = new SharedLog(epoch, replica(), surroundings.clock(), () -> surroundings.flushLater(this));
        records = Optional.of(shared);
        PartitionOpening partition = partitions.opening(id, shared);
        surroundings.load(id, partition.visitor(), failure -> {
            if (its != opening || state != State.OPENING) {
                partition.cancel();
            } else if (failure.isPresent()) {
                partition.cancel();
                fail("as the store can't tell what it holds", failure.get());
            } else {
                partition.finish();
                state = State.OPEN;
                surroundings.onOpened(id);
                log.info(
                        "partition {} open in epoch {} after {} ms",
                        id,
                        epoch,
                        surroundings.clock().getAsLong() - begunMillis);
            }
        });
    }

    private void close() {
        records.ifPresent(SharedLog::stop);
        records = Optional.empty();
        opening++;
        if (state == State.OPEN) {
            state = State.CLOSING;
            log.info("partition {} closed", id);
            surroundings.onClosed(id, this::forget);
        } else if (state == State.OPENING) {
            state = State.CLOSED;
        }
    }

    private void forget() {
        partitions.get(id).close("partition " + id + " has moved to another node; connect again");
        state = State.CLOSED;
        maybeOpen();
    }

    @Override
    public void onOpened(long epoch) {
        opened = Optional.of(epoch);
    }

    @Override
    public void onCommitted(LogRecord record) {
        records.ifPresent(its -> its.onCommitted(record));
    }

    @Override
    public void onClosed() {
        opened = Optional.empty();
        closed = true;
    }
}

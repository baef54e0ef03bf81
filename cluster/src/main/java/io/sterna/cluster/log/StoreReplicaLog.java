package io.sterna.cluster.log;

import io.sterna.cluster.Difference;
import io.sterna.cluster.Holdings;
import io.sterna.cluster.Position;
import io.sterna.cluster.ReplicaLog;
import io.sterna.cluster.Standing;
import io.sterna.store.Contents;
import io.sterna.store.Lane;
import io.sterna.store.LogOperation;
import io.sterna.store.LogOperation.Atomic;
import io.sterna.store.LogOperation.LogRestarted;
import io.sterna.store.LogOperation.PartitionRemoved;
import io.sterna.store.LogOperation.ValuePut;
import io.sterna.store.LogRecord;
import io.sterna.store.StoreException;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Executor;
import java.util.function.Consumer;

/**
 * A replica's log on the node's store. Tickets are positions on the lane, which the replicas of a loop share: who owns the
 * lane tells each of them what is durable, first here by {@link #onDurable} and then the replica. Owned by the partition's
 * loop.
 */
public final class StoreReplicaLog implements ReplicaLog {
    private final int partition;
    private final Contents contents;
    private final Lane lane;
    private final Executor loop;
    private final Answers answers;
    private final Map<Long, DifferenceTelling> tellings = new HashMap<>();
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private Position end;
    private Standing standing;
    private long written;
    private long durable;

    private record Waiting(long ticket, Runnable action) {}

    /** Takes what the replica has asked for. Called on the loop, and not within the call that has asked. */
    public interface Answers {
        /** To be told to {@link io.sterna.cluster.Replica#onHoldings}. */
        void onHoldings(long attempt, Holdings holdings);

        /** To be told to {@link io.sterna.cluster.Replica#onDifference}. */
        void onDifference(long stream, Difference difference);

        /** The store can't be read: what was asked for is not answered. */
        void onFailed(StoreException cause);
    }

    /**
     * What it is tied to.
     *
     * @param contents of the store that the lane leads to
     * @param lane flushed after each call that writes
     * @param loop runs tasks on the partition's loop, in order; any thread calls it
     */
    public record Ports(Contents contents, Lane lane, Executor loop, Answers answers) {}

    /**
     * The log of a partition.
     *
     * @param recovered what {@link RecoveredReplicas} has heard of it
     */
    public StoreReplicaLog(int partition, Recovered recovered, Ports ports) {
        this.partition = partition;
        end = recovered.base();
        standing = recovered.standing();
        contents = ports.contents();
        lane = ports.lane();
        loop = ports.loop();
        answers = ports.answers();
    }

    // ---- Writing

    @Override
    public long append(List<LogRecord> records) {
        for (LogRecord record : records) {
            written = lane.stage(record);
            end = new Position(record.epoch(), record.index());
        }
        lane.flush();
        return written;
    }

    @Override
    public long write(Standing newStanding) {
        standing = newStanding;
        written =
                lane.stage(here(new ValuePut(ValuePut.REPLICA, StandingFormat.key(), StandingFormat.encode(standing))));
        lane.flush();
        return written;
    }

    @Override
    public long restartAt(Position position) {
        end = position;
        written = lane.stage(here(new LogRestarted()));
        lane.flush();
        return written;
    }

    @Override
    public long apply(Difference difference) {
        for (LogOperation operation : difference.operations()) {
            written = lane.stageUnordered(here(operation));
        }
        lane.flush();
        return written;
    }

    @Override
    public long clear() {
        end = Position.START;
        ValuePut kept = new ValuePut(ValuePut.REPLICA, StandingFormat.key(), StandingFormat.encode(standing));
        written = lane.stage(here(new Atomic(List.of(new PartitionRemoved(), new LogRestarted(), kept))));
        lane.flush();
        return written;
    }

    /** No replica is wanted here any more: all that the partition holds is removed, and what it is known by. */
    public long remove() {
        tellings.clear();
        written = lane.stage(here(new PartitionRemoved()));
        end = Position.START;
        standing = Standing.BLANK;
        lane.flush();
        return written;
    }

    /** A record that does not belong to the log says where that is. */
    private LogRecord here(LogOperation operation) {
        return new LogRecord(partition, end.epoch(), end.index(), operation);
    }

    @Override
    public void released(long index) {
        // Nothing is kept for those who may ask.
    }

    /** All that was written on the lane up to this position is durable. To be called before the replica hears of it. */
    public void onDurable(long position) {
        durable = Math.max(durable, position);
        while (!waiting.isEmpty() && waiting.element().ticket() <= durable) {
            waiting.remove().action().run();
        }
    }

    /** The store shows what is durable. */
    private void whenAllIsDurable(Runnable action) {
        if (written <= durable && waiting.isEmpty()) {
            action.run();
        } else {
            waiting.add(new Waiting(written, action));
        }
    }

    // ---- Telling what is here

    @Override
    public void readHoldings(long attempt) {
        readHoldings(found -> answers.onHoldings(attempt, found));
    }

    private void readHoldings(Consumer<Holdings> taker) {
        whenAllIsDurable(() -> contents.holdings(
                partition, new HoldingsReader(found -> loop.execute(() -> taker.accept(found)), this::fail)));
    }

    @Override
    public void openDifference(long stream, Holdings held) {
        tellings.put(stream, new DifferenceTelling(held, new Reading(stream)));
        readHoldings(mine -> ifOpen(stream, telling -> telling.onListed(mine)));
    }

    @Override
    public void readDifference(long stream, int maxBytes) {
        loop.execute(() -> ifOpen(stream, telling -> telling.read(maxBytes)));
    }

    @Override
    public LogRecord reduce(long stream, LogRecord record) {
        DifferenceTelling telling = tellings.get(stream);
        return telling == null ? record : telling.reduce(record);
    }

    @Override
    public void closeDifference(long stream) {
        tellings.remove(stream);
    }

    private void ifOpen(long stream, Consumer<DifferenceTelling> action) {
        Optional.ofNullable(tellings.get(stream)).ifPresent(action);
    }

    /** The store's thread. */
    private void fail(StoreException cause) {
        loop.execute(() -> answers.onFailed(cause));
    }

    /** The store, as one telling sees it. */
    private final class Reading implements DifferenceTelling.Source {
        private final long stream;

        Reading(long stream) {
            this.stream = stream;
        }

        @Override
        public <T> void read(DifferenceTelling.Question<T> question, DifferenceTelling.PageTaker<T> taker) {
            whenAllIsDurable(() -> question.ask(contents, partition, new Contents.PageReader<>() {
                @Override
                public void onPage(List<T> page, boolean isEnd) {
                    loop.execute(() -> ifOpen(stream, telling -> taker.take(page, isEnd)));
                }

                @Override
                public void onFailed(StoreException cause) {
                    fail(cause);
                }
            }));
        }

        @Override
        public void tell(Difference difference) {
            answers.onDifference(stream, difference);
        }
    }
}

package io.sterna.store;

import java.security.SecureRandom;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * A store for tests that keeps everything in memory and keeps the contract of the real one. It can hold back durability,
 * fail when told to, and crash so that what was not durable is lost.
 *
 * <p>Any thread. Listeners and readers are called on the executor, by default a thread of the store's own; tests on
 * virtual time give their own executor.
 */
public final class InMemoryStore implements Store {
    private final Object guard = new Object();
    private final ExecutorService ownThread;
    private final Executor executor;
    private final List<InMemoryLane> lanes = new ArrayList<>();
    private final Deque<Append> waiting = new ArrayDeque<>();
    private final long diskId;
    private StoreModel durable;
    private Spill spill = new NoSpill();
    private boolean holdingBack;
    private boolean scheduled;
    private boolean recovered;
    private boolean closed;
    private StoreException failure;
    private long recordsAppended;
    private long bytesAppended;
    private long forces;
    private int messagesRead;

    private record Append(InMemoryLane lane, long position, LogRecord record) {}

    /** An empty store with a thread of its own. */
    public InMemoryStore() {
        this(new StoreModel(), null, new SecureRandom().nextLong());
    }

    /** An empty store whose listeners and readers are called through {@code executor}, which keeps their order. */
    public InMemoryStore(Executor executor) {
        this(new StoreModel(), executor, new SecureRandom().nextLong());
    }

    private InMemoryStore(StoreModel durable, Executor executor, long diskId) {
        this.diskId = diskId;
        this.durable = durable;
        if (executor == null) {
            ownThread = Executors.newSingleThreadExecutor(task -> {
                Thread thread = new Thread(task, "in-memory-store");
                thread.setDaemon(true);
                return thread;
            });
            this.executor = ownThread;
        } else {
            ownThread = null;
            this.executor = executor;
        }
    }

    /** A spill without room for anything. */
    private record NoSpill() implements Spill {
        @Override
        public long newFile() {
            return 1;
        }

        @Override
        public void write(SpillPlace place, List<StoredMessage> messages, WriteListener listener) {
            listener.onFailed(new StoreException("there is no room"));
        }

        @Override
        public void read(SpillPlace place, MessageReader reader) {
            reader.onFailed(new StoreException("nothing was written"));
        }

        @Override
        public void delete(long file) {}
    }

    /** From now on there is room to spill there; before there is none. */
    public InMemoryStore spillingTo(Spill other) {
        spill = other;
        return this;
    }

    /** Runs something where listeners and readers are called. */
    public void execute(Runnable task) {
        executor.execute(task);
    }

    @Override
    public long diskId() {
        return diskId;
    }

    @Override
    public Spill spill() {
        return spill;
    }

    /** How many messages readers have got so far. */
    public int messagesRead() {
        synchronized (guard) {
            return messagesRead;
        }
    }

    /** From now on nothing becomes durable, until {@link #release}. */
    public void holdBack() {
        synchronized (guard) {
            holdingBack = true;
        }
    }

    /** Makes what was held back durable, in one batch, and goes on. */
    public void release() {
        synchronized (guard) {
            holdingBack = false;
            scheduleForce();
        }
    }

    /** Fails the store as a disk does: what is not yet durable never will be. */
    public void fail(String reason) {
        synchronized (guard) {
            if (failure != null) {
                return;
            }
            failure = new StoreException(reason);
            StoreException cause = failure;
            waiting.clear();
            for (InMemoryLane lane : lanes) {
                executor.execute(() -> lane.listener.onFailed(cause));
            }
        }
    }

    /** Stops this store as a crash does, and gives its successor, which holds what was durable. */
    public InMemoryStore crash() {
        synchronized (guard) {
            closed = true;
            waiting.clear();
            InMemoryStore successor = new InMemoryStore(durable.copy(), ownThread == null ? executor : null, diskId);
            shutdown();
            return successor;
        }
    }

    /** Gives the store that finds what this one has left; this one is to be closed or to have failed. */
    public InMemoryStore reopen() {
        synchronized (guard) {
            return new InMemoryStore(durable.copy(), ownThread == null ? executor : null, diskId);
        }
    }

    /** How many values of nodes are durable. */
    public int values() {
        synchronized (guard) {
            return durable.values();
        }
    }

    @Override
    public void recover(RecoveryVisitor visitor) throws StoreException {
        StoreModel found;
        synchronized (guard) {
            if (recovered) {
                throw new IllegalStateException("recovered twice");
            }
            recovered = true;
            found = durable.copy();
        }
        found.report(visitor);
    }

    @Override
    public void recoverPartitions(RecoveryVisitor visitor) {
        throw new UnsupportedOperationException("partitions are opened one by one from a disk only");
    }

    @Override
    public Contents contents() {
        throw new UnsupportedOperationException("partitions are opened one by one from a disk only");
    }

    @Override
    public Lane lane(LaneListener listener) {
        synchronized (guard) {
            if (!recovered) {
                throw new IllegalStateException("not recovered yet");
            }
            checkOpen();
            InMemoryLane lane = new InMemoryLane(listener);
            lanes.add(lane);
            return lane;
        }
    }

    @Override
    public void read(long queueId, long fromSequence, int maxMessages, long maxBytes, MessageReader reader) {
        synchronized (guard) {
            if (closed || failure != null) {
                StoreException cause = failure != null ? failure : new StoreException("The store is closed.");
                executorOrCaller(() -> reader.onFailed(cause));
                return;
            }
            executor.execute(() -> {
                List<StoredMessage> messages;
                synchronized (guard) {
                    messages = durable.read(queueId, fromSequence, maxMessages, maxBytes);
                    messagesRead += messages.size();
                }
                reader.onMessages(messages);
            });
        }
    }

    @Override
    public StoreMetrics metrics() {
        synchronized (guard) {
            return new StoreMetrics(recordsAppended, bytesAppended, forces, 0, 0, 0, 0, 0);
        }
    }

    @Override
    public void close() {
        synchronized (guard) {
            if (closed) {
                return;
            }
            holdingBack = false;
            force();
            closed = true;
            shutdown();
        }
    }

    private void executorOrCaller(Runnable task) {
        if (ownThread != null && ownThread.isShutdown()) {
            task.run();
        } else {
            executor.execute(task);
        }
    }

    private void shutdown() {
        if (ownThread != null) {
            ownThread.shutdown();
        }
    }

    private void checkOpen() {
        if (failure != null) {
            throw new IllegalStateException("the store has failed", failure);
        }
        if (closed) {
            throw new IllegalStateException("the store is closed");
        }
    }

    private void scheduleForce() {
        if (!scheduled && !waiting.isEmpty()) {
            scheduled = true;
            executor.execute(() -> {
                synchronized (guard) {
                    scheduled = false;
                    if (!holdingBack && !closed && failure == null) {
                        force();
                    }
                }
            });
        }
    }

    private void force() {
        if (waiting.isEmpty()) {
            return;
        }
        forces++;
        while (!waiting.isEmpty()) {
            Append append = waiting.remove();
            durable.apply(append.record());
            append.lane().durable = append.position();
            recordsAppended++;
            bytesAppended += RecordCodec.bytes(append.record());
        }
        for (InMemoryLane lane : lanes) {
            lane.maybeReport();
        }
    }

    private final class InMemoryLane implements Lane {
        private final LaneListener listener;
        private final SequenceGuard sequences = new SequenceGuard(InMemoryStore.this.durable.highestSequences());
        private long position;
        private long durable;
        private long reported;

        InMemoryLane(LaneListener listener) {
            this.listener = listener;
        }

        @Override
        public void flush() {
            // What is staged is taken at once.
        }

        @Override
        public void flushSoon() {
            // As above.
        }

        @Override
        public long stage(LogRecord record) {
            synchronized (guard) {
                checkOpen();
                sequences.check(record.partition(), record.operation());
                return stageUnordered(record);
            }
        }

        @Override
        public long stageUnordered(LogRecord record) {
            synchronized (guard) {
                checkOpen();
                waiting.add(new Append(this, ++position, record));
                if (!holdingBack) {
                    scheduleForce();
                }
                return position;
            }
        }

        void maybeReport() {
            if (durable > reported) {
                reported = durable;
                long upTo = durable;
                executor.execute(() -> listener.onDurable(upTo));
            }
        }
    }
}

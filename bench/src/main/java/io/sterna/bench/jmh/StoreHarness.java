package io.sterna.bench.jmh;

import io.sterna.bench.load.Directories;
import io.sterna.store.DurableStore;
import io.sterna.store.Lane;
import io.sterna.store.LaneListener;
import io.sterna.store.LogOperation;
import io.sterna.store.LogRecord;
import io.sterna.store.RecoveredMessage;
import io.sterna.store.RecoveryVisitor;
import io.sterna.store.StoreConfig;
import io.sterna.store.StoreException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/** A store in a directory of its own with one queue, which one thread at a time appends to and waits for. */
final class StoreHarness implements AutoCloseable {

    private static final int PARTITION = 0;
    private static final long EPOCH = 1;
    private static final long QUEUE = 1;
    private static final long TIMEOUT_NANOS = TimeUnit.SECONDS.toNanos(30);

    private final Path directory;
    private final DurableStore store;
    private final Durable durable = new Durable();
    private final Lane lane;
    private final byte[] message = Messages.jmsBytesMessage(1_024);
    private long index;
    private long sequence;
    private long[] unacknowledged = {};

    StoreHarness(Path parent) throws IOException, StoreException {
        directory = Files.createTempDirectory(parent, "journal-benchmark");
        store = DurableStore.open(directory, StoreConfig.defaults());
        store.recover(new Nothing());
        lane = store.lane(durable);
        append(new LogOperation.EpochStarted());
        durable.await(append(new LogOperation.NodeCreated(QUEUE, 0, "bench", new byte[0])));
    }

    /**
     * Appends so many messages, acknowledges those of the call before, and waits until all of it is durable.
     *
     * @return the position that was waited for
     */
    long append(int messages) {
        if (unacknowledged.length > 0) {
            append(new LogOperation.Acknowledged(QUEUE, unacknowledged));
        }
        unacknowledged = new long[messages];
        for (int i = 0; i < messages; i++) {
            unacknowledged[i] = sequence + i + 1;
        }
        return keep(messages);
    }

    /**
     * Appends so many messages, which stay, and waits until they are durable.
     *
     * @return the position that was waited for
     */
    long keep(int messages) {
        long position = 0;
        for (int i = 0; i < messages; i++) {
            position = append(new LogOperation.Enqueued(QUEUE, ++sequence, new byte[0], message));
        }
        durable.await(position);
        return position;
    }

    private long append(LogOperation operation) {
        return lane.append(new LogRecord(PARTITION, EPOCH, ++index, operation));
    }

    @Override
    public void close() throws IOException {
        store.close();
        Directories.delete(directory);
    }

    /** Lets one thread wait for a position. */
    private static final class Durable implements LaneListener {
        // Any thread
        private volatile long position;
        private volatile boolean failed;
        private volatile Thread waiter = Thread.currentThread();

        @Override
        public void onDurable(long newPosition) {
            position = newPosition;
            LockSupport.unpark(waiter);
        }

        @Override
        public void onFailed(StoreException cause) {
            failed = true;
            LockSupport.unpark(waiter);
        }

        void await(long wanted) {
            waiter = Thread.currentThread();
            long deadline = System.nanoTime() + TIMEOUT_NANOS;
            while (position < wanted) {
                long left = deadline - System.nanoTime();
                if (failed || left <= 0) {
                    throw new IllegalStateException(failed ? "the store has failed" : "not durable within 30 s");
                }
                LockSupport.parkNanos(this, left);
            }
        }
    }

    private static final class Nothing implements RecoveryVisitor {
        @Override
        public void onPartition(int partition, long epoch, long index) {}

        @Override
        public void onNode(int partition, LogOperation.NodeCreated node) {}

        @Override
        public void onValue(int partition, long nodeId, byte[] key, byte[] value) {}

        @Override
        public void onMessage(int partition, long queueId, RecoveredMessage message) {}
    }
}

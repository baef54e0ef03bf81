package io.sterna.broker.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.broker.config.QueuePolicies;
import io.sterna.broker.queue.MessageTraits;
import io.sterna.store.DurableStore;
import io.sterna.store.Lane;
import io.sterna.store.LaneListener;
import io.sterna.store.LogOperation;
import io.sterna.store.LogRecord;
import io.sterna.store.RecoveredMessage;
import io.sterna.store.RecoveryVisitor;
import io.sterna.store.Store;
import io.sterna.store.StoreConfig;
import io.sterna.store.StoreException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A million scheduled messages in one queue, over a restart. The figures of docs/performance.md are in its log. */
@Tag("long")
@Timeout(600)
class ScheduledMillionTest {
    private static final Logger log = LoggerFactory.getLogger(ScheduledMillionTest.class);
    private static final int MESSAGES = 1_000_000;
    private static final int MESSAGE_BYTES = 1024;
    private static final String ADDRESS = "scheduled";
    private static final long QUEUE_ID = 1;

    @TempDir
    Path directory;

    @Test
    void shouldTakeFewBytesForEachMessageWhenRecovered() throws Exception {
        long begin = System.nanoTime();
        fill();
        log.info("{} messages stored in {} ms", MESSAGES, millisSince(begin));
        long before = usedBytes();
        begin = System.nanoTime();
        try (Store store = DurableStore.open(directory, StoreConfig.defaults())) {
            Partitions partitions = Partitions.recover(
                    store, List.of(new Loop(new IdleLoop(), 1 << 20)), QueuePolicies.NONE, new NoLinks());
            log.info("recovered in {} ms", millisSince(begin));
            long bytesEach = (usedBytes() - before) / MESSAGES;
            log.info("{} bytes of heap for each scheduled message, store included", bytesEach);
            assertThat(partitions.totals().messages()).isEqualTo(MESSAGES);
            assertThat(bytesEach).isLessThan(300);
        }
    }

    private void fill() throws Exception {
        int partition = Addresses.partition(ADDRESS, 64);
        byte[] message = new byte[MESSAGE_BYTES];
        try (Store store = DurableStore.open(directory, StoreConfig.defaults())) {
            store.recover(new Nothing());
            CompletableFuture<Void> durable = new CompletableFuture<>();
            Lane lane = store.lane(new LaneListener() {
                @Override
                public void onDurable(long position) {
                    if (position > MESSAGES) {
                        durable.complete(null);
                    }
                }

                @Override
                public void onFailed(StoreException cause) {
                    durable.completeExceptionally(cause);
                }
            });
            lane.stage(new LogRecord(
                    partition,
                    1,
                    1,
                    new LogOperation.NodeCreated(QUEUE_ID, NodeKind.QUEUE.number(), ADDRESS, Partition.NONE)));
            for (int number = 1; number <= MESSAGES; number++) {
                long deliverAtMillis = Long.MAX_VALUE / 2 + number * 7919L % MESSAGES;
                byte[] traits = TraitsCodec.encode(new MessageTraits(4, 0, deliverAtMillis, ""));
                lane.stage(new LogRecord(
                        partition, 1, 1 + number, new LogOperation.Enqueued(QUEUE_ID, number, traits, message)));
                if (number % 1_000 == 0) {
                    lane.flush();
                }
            }
            lane.flush();
            durable.get(300, TimeUnit.SECONDS);
        }
    }

    private static long millisSince(long beginNanos) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - beginNanos);
    }

    private static long usedBytes() {
        for (int count = 0; count < 3; count++) {
            System.gc();
        }
        return ManagementFactory.getMemoryMXBean().getHeapMemoryUsage().getUsed();
    }

    /** The store is new. */
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

    /** Nothing happens on it. */
    private static final class IdleLoop implements EventLoop {
        @Override
        public void execute(Runnable turn) {}

        @Override
        public void schedule(long delayMillis, Runnable task) {}

        @Override
        public long nowMillis() {
            return System.currentTimeMillis();
        }

        @Override
        public boolean isCurrent() {
            return true;
        }
    }
}

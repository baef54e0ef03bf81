package io.sterna.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sterna.store.LogOperation.Enqueued;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Reads that wait while the store comes to its end. */
@Timeout(60)
final class PendingReadsTest {
    private static final StoreConfig SMALL = new StoreConfig(16 << 10, 4, 4 << 10, 1 << 10, 4 << 10, 1);

    private final CrashDisk disk = new CrashDisk();
    private final CountDownLatch reached = new CountDownLatch(1);
    private final CountDownLatch goOn = new CountDownLatch(1);
    private boolean fails;

    @AfterEach
    void discard() {
        disk.discard();
    }

    @Test
    void shouldFailReadWhenStoreFailsBeforeItIsAnswered() throws Exception {
        fails = true;
        try (DurableStore store = storeWhoseWorkerIsHeldUp()) {
            Reading reading = new Reading();
            store.read(1, 0, 1, 1, reading);
            goOn.countDown();
            assertThatThrownBy(reading::await)
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("accepts nothing more");
        }
    }

    @Test
    void shouldAnswerReadWhenStoreIsClosedMeanwhile() throws Exception {
        try (DurableStore store = storeWhoseWorkerIsHeldUp()) {
            Reading reading = new Reading();
            store.read(1, 0, 1, 1, reading);
            CompletableFuture<Void> closing = CompletableFuture.runAsync(store::close);
            goOn.countDown();
            assertThat(reading.await()).hasSize(1);
            closing.get(30, TimeUnit.SECONDS);
        }
    }

    @Test
    void shouldFailReadWhenItIsWhatTheWorkerEndsOf() throws Exception {
        FaultyDisk faulty = new FaultyDisk(disk);
        try (DurableStore store = DurableStore.open(faulty, SMALL)) {
            store.recover(new Recovered());
            RecordingLane listener = new RecordingLane();
            store.lane(listener).append(new LogRecord(0, 1, 1, new Enqueued(1, 1, new byte[0], new byte[500])));
            listener.awaitDurable(1);
            faulty.set((name, from, to, writes) -> {
                if (!writes) { // The worker may be about to write something of its own.
                    throw new IllegalStateException("a fault of ours");
                }
            });
            Reading reading = new Reading();
            store.read(1, 0, 1, 1, reading);
            assertThatThrownBy(reading::await)
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("queue 1")
                    .hasMessageContaining("a fault of ours");
            listener.awaitDurable(Long.MAX_VALUE);
            assertThat(listener.failures()).isEqualTo(1);
        }
    }

    @Test
    void shouldFailReadThatComesWhenTheWorkerHasEnded() {
        DurableStore never = DurableStore.open(disk, SMALL);
        Reading reading = new Reading();
        never.read(1, 0, 1, 1, reading);
        assertThatThrownBy(reading::await).isInstanceOf(StoreException.class).hasMessageContaining("closed");
    }

    /** Its worker waits in the midst of a checkpoint until it may go on. */
    private DurableStore storeWhoseWorkerIsHeldUp() throws Exception {
        DurableStore store = DurableStore.open(disk, SMALL);
        store.recover(new Recovered());
        RecordingLane listener = new RecordingLane();
        Lane lane = store.lane(listener);
        lane.append(new LogRecord(0, 1, 1, new Enqueued(1, 1, new byte[0], new byte[500])));
        listener.awaitDurable(1);
        disk.beforeForce(1, this::onForce);
        for (int i = 2; i <= 200 && reached.getCount() > 0; i++) {
            lane.append(new LogRecord(0, 1, i, new Enqueued(1, i, new byte[0], new byte[500])));
        }
        assertThat(reached.await(30, TimeUnit.SECONDS)).isTrue();
        return store;
    }

    private void onForce() {
        if (!Thread.currentThread().getName().equals("sterna-store-worker")) {
            disk.beforeForce(1, this::onForce);
            return;
        }
        reached.countDown();
        try {
            goOn.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
        if (fails) {
            throw new UncheckedIOException(new IOException("the disk is gone"));
        }
    }
}

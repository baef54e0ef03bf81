package io.sterna.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.store.LogOperation.DeliveryUpdated;
import io.sterna.store.LogOperation.Enqueued;
import io.sterna.store.LogOperation.NodeCreated;
import io.sterna.store.LogOperation.ValuePut;
import io.sterna.store.LogOperation.ValueRemoved;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** When the file of messages is copied to give space back, and when not. */
final class SpaceTest {
    private static final StoreConfig CONFIG = new StoreConfig(64 << 10, 8, 4 << 10, 1 << 10, 4 << 10, 1);

    private final CrashDisk disk = new CrashDisk();
    private final RecordingLane listener = new RecordingLane();
    private long index;

    @AfterEach
    void discard() {
        disk.discard();
    }

    @Test
    void shouldCountBlockOnceWhenItsLastMessageIsSettledDuringCheckpoint() throws IOException, StoreException {
        try (DurableStore store = open()) {
            Lane lane = store.lane(listener);
            for (int i = 1; i <= 200; i++) {
                lane.append(record(new Enqueued(1, i, new byte[0], new byte[400])));
            }
            listener.awaitDurable(index);
        }
        Checkpoints checkpoints = new Checkpoints(disk, CONFIG);
        QueueState queue = checkpoints.state().queue(1).orElseThrow();
        long before = checkpoints.blocks().neededBytes();
        Block first = queue.blocks().firstEntry().getValue();
        for (int at = 0; at < first.count() - 1; at++) {
            checkpoints.state().onAcknowledged(1, first.sequence(at));
        }
        checkpoints.start();
        // All is moved, and the block is to be updated.
        checkpoints.step();
        checkpoints.state().onAcknowledged(1, first.lastSequence());
        checkpoints.finish();
        long after = checkpoints.blocks().neededBytes();
        assertThat(after).isLessThan(before);
        assertThat(queue.blocks()).isNotEmpty().doesNotContainValue(first);
        checkpoints.run();
        assertThat(checkpoints.blocks().neededBytes()).isEqualTo(after);
    }

    @Test
    void shouldNotCopyTwiceWhenAnnotationsTakeMoreThanMessages() throws IOException, StoreException {
        putAnnotated(2_000);
        Checkpoints checkpoints = new Checkpoints(disk, CONFIG);
        checkpoints.copy();
        assertThat(checkpoints.blocks().isWasteful(0)).isFalse();
    }

    @Test
    void shouldNotCopyTwiceWhenKeysTakeMoreThanValues() throws IOException, StoreException {
        try (DurableStore store = open()) {
            Lane lane = store.lane(listener);
            Random random = new Random(1);
            for (int i = 1; i <= 2_000; i++) {
                byte[] key = new byte[250];
                random.nextBytes(key);
                lane.append(record(new ValuePut(1, key, new byte[8])));
            }
            listener.awaitDurable(index);
        }
        Checkpoints checkpoints = new Checkpoints(disk, CONFIG);
        checkpoints.copy();
        assertThat(checkpoints.blocks().isWasteful(0)).isFalse();
    }

    @Test
    void shouldGiveSpaceBackWhenDrainedAfterCopy() throws IOException, StoreException {
        putAnnotated(2_000);
        Checkpoints checkpoints = new Checkpoints(disk, CONFIG);
        checkpoints.copy();
        long full = checkpoints.blocks().fileBytes();
        for (int i = 1; i <= 1_990; i++) {
            checkpoints.state().onAcknowledged(1, i);
        }
        checkpoints.run();
        assertThat(checkpoints.blocks().isWasteful(0)).isTrue();
        checkpoints.copy();
        assertThat(checkpoints.blocks().fileBytes()).isLessThan(full / 4);
        assertThat(checkpoints.blocks().isWasteful(0)).isFalse();
    }

    @Test
    void shouldCountNothingWhenValuesAndNodesComeAndGoBetweenCheckpoints() throws IOException, StoreException {
        open().close();
        Checkpoints checkpoints = new Checkpoints(disk, CONFIG);
        long before = checkpoints.blocks().neededBytes();
        for (int i = 1; i <= 1_000; i++) {
            byte[] key = ByteBuffer.allocate(Integer.BYTES).putInt(0, i).array();
            checkpoints.state().onValuePut(0, new ValuePut(1, key, new byte[4]));
            checkpoints.state().onValueRemoved(0, new ValueRemoved(1, key));
            checkpoints.state().onNodeCreated(0, new NodeCreated(i, 1, "queue." + i, new byte[0]));
            checkpoints.state().onNodeDeleted(0, i);
        }
        checkpoints.run();
        assertThat(checkpoints.blocks().neededBytes()).isEqualTo(before);
    }

    private void putAnnotated(int count) throws StoreException {
        try (DurableStore store = open()) {
            Lane lane = store.lane(listener);
            for (int i = 1; i <= count; i++) {
                lane.append(record(new Enqueued(1, i, new byte[0], new byte[20])));
                lane.append(record(new DeliveryUpdated(1, i, 1, new byte[0], new byte[300])));
            }
            listener.awaitDurable(index);
        }
    }

    private DurableStore open() throws StoreException {
        DurableStore store = DurableStore.open(disk, CONFIG);
        store.recover(new Recovered());
        return store;
    }

    private LogRecord record(LogOperation operation) {
        return new LogRecord(0, 1, ++index, operation);
    }
}

package io.sterna.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sterna.store.LogOperation.DeliveryUpdated;
import io.sterna.store.LogOperation.Enqueued;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** That a store without work comes to rest. */
final class RestTest {
    private static final StoreConfig SMALL = new StoreConfig(16 << 10, 4, 4 << 10, 1 << 10, 4 << 10, 1);
    /** Between reads the worker looks each time whether a checkpoint is due. */
    private static final int READS = 3_000;

    private final CrashDisk disk = new CrashDisk();
    private final RecordingLane listener = new RecordingLane();
    private long index;

    @AfterEach
    void discard() {
        disk.discard();
    }

    @Test
    void shouldNotCheckpointAgainWhenUpdatesCanNotBeMoved() throws StoreException {
        try (DurableStore store = open(StoreConfig.defaults())) {
            Lane lane = store.lane(listener);
            for (int i = 1; i <= 100_000; i++) {
                lane.append(enqueue(i, 1));
            }
            for (int i = 1; i <= 100_000; i++) {
                lane.append(record(new DeliveryUpdated(1, i, 1, new byte[0], new byte[0])));
            }
            listener.awaitDurable(index);
            assertThat(store.metrics().journalSegments()).isEqualTo(1);
            read(store);
            assertThat(store.metrics().checkpoints()).isLessThanOrEqualTo(3);
        }
    }

    @Test
    void shouldNotCheckpointAgainWhenOnlySegmentIsLongerThanHalfTheJournal() throws StoreException {
        StoreConfig before = SMALL.withJournal(1 << 20, 4);
        try (DurableStore store = open(before)) {
            store.lane(listener).append(enqueue(1, 100));
            listener.awaitDurable(1);
        }
        try (DurableStore store = open(SMALL)) {
            read(store);
            assertThat(store.metrics().checkpoints()).isLessThanOrEqualTo(2);
        }
    }

    @Test
    void shouldFindNoDamageWhenOnlyNotesCameBeforeTheStop() throws StoreException, IOException {
        // Both are full but for one note, and each is half of the journal.
        writeSegment(1);
        writeSegment(2);
        try (DurableStore store = open(SMALL)) {
            // One note tells what recovery saved, the next that the first segment is free. That one opens a third
            // segment, and with another the second is free too: then no record is left but notes.
            await().until(() -> store.metrics().checkpoints() >= 3);
        }
        Recovered again = new Recovered();
        try (DurableStore store = DurableStore.open(disk, SMALL)) {
            store.recover(again);
            assertThat(again.damages()).isEmpty();
            assertThat(again.messages()).hasSize(2);
        }
    }

    /** Writes a segment with one record and room for one note, of another size, so that its file is not used again. */
    private void writeSegment(int number) throws IOException {
        String name = "journal-%04d.seg".formatted(number);
        int bytes = 2 * SMALL.segmentBytes();
        Disk.File file = disk.open(name);
        file.write(ByteBuffer.allocate(bytes), 0);
        new JournalSegment(new SegmentFile(name, file, bytes, false), number, number).writeHeader();
        RecordOutput out = new RecordOutput(SMALL.batchBytes(), file);
        out.moveTo(file, JournalSegment.HEADER_BYTES);
        int room = bytes - JournalSegment.HEADER_BYTES - (int) RecordCodec.aligned(RecordCodec.NOTE_BYTES);
        int emptyBytes = (int) RecordCodec.bytes(enqueue(number, 0));
        LogRecord record = enqueue(number, room - emptyBytes);
        RecordCodec.write(record, (int) RecordCodec.bytes(record), number, number, number - 1, out, new IndexBatch());
        out.force();
    }

    private void read(DurableStore store) throws StoreException {
        for (int i = 0; i < READS; i++) {
            assertThat(Reading.read(store, 1, 0, 1, 1)).hasSize(1);
        }
    }

    private DurableStore open(StoreConfig config) throws StoreException {
        DurableStore store = DurableStore.open(disk, config);
        store.recover(new Recovered());
        return store;
    }

    private LogRecord enqueue(long sequence, int sizeBytes) {
        return record(new Enqueued(1, sequence, new byte[0], new byte[sizeBytes]));
    }

    private LogRecord record(LogOperation operation) {
        return new LogRecord(0, 1, ++index, operation);
    }
}

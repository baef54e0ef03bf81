package io.sterna.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.store.LogOperation.Enqueued;
import java.io.IOException;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Journals without room: whatever waits for a segment, a checkpoint that frees some is started and can be noted. */
final class JournalSpaceTest {
    private static final StoreConfig SMALL = new StoreConfig(16 << 10, 4, 4 << 10, 1 << 10, 4 << 10, 1);
    private static final int NOTE_BYTES = (int) RecordCodec.aligned(RecordCodec.NOTE_BYTES);

    private final CrashDisk disk = new CrashDisk();
    private final RecordingLane listener = new RecordingLane();
    private DurableStore store = DurableStore.open(disk, SMALL);
    private long lastIndex;

    @AfterEach
    void close() {
        store.close();
        disk.discard();
    }

    @Test
    void shouldNoteCheckpointsWhenAllSegmentsAreInUseAndTheLastIsCutOff() throws StoreException, IOException {
        for (int number = 1; number < SMALL.maxSegments(); number++) {
            writeSegment(number, 10);
        }
        writeCutOffSegment(SMALL.maxSegments());
        open(SMALL);
        store.lane(listener).append(next(10));
        listener.awaitDurable(1);
        assertKeptWhenReopened(5);
        assertThat(store.metrics().journalBytes()).isLessThanOrEqualTo(4 * (16 << 10));
    }

    @Test
    void shouldNoteCheckpointsWhenALongRecordWaitsAndTheLastSegmentIsCutOff() throws StoreException, IOException {
        writeLongSegment(1, 26_000);
        writeLongSegment(2, 26_000);
        writeCutOffSegment(3);
        open(SMALL);
        store.lane(listener).append(next(20_000));
        listener.awaitDurable(1);
        assertKeptWhenReopened(4);
    }

    /** Segments for other records are free then, so that the journal is not full. */
    @Test
    void shouldFreeSegmentsWhenOnlyALongRecordFindsNoRoom() throws StoreException {
        open(SMALL.withJournal(16 << 10, 8));
        Lane lane = store.lane(listener);
        for (int bytes : new int[] {10_300, 10_300, 100_000, 10}) {
            lane.append(next(bytes));
        }
        listener.awaitDurable(4);
        assertKeptWhenReopened(4);
    }

    private void open(StoreConfig config) throws StoreException {
        store = DurableStore.open(disk, config);
        store.recover(new Recovered());
    }

    private void assertKeptWhenReopened(int messages) throws StoreException {
        store.close();
        open(SMALL);
        assertThat(Reading.read(store, 1, 0, 10, Long.MAX_VALUE)).hasSize(messages);
    }

    private LogRecord next(int bodyBytes) {
        lastIndex++;
        return new LogRecord(0, 1, lastIndex, new Enqueued(1, lastIndex, new byte[0], new byte[bodyBytes]));
    }

    /** One with room for a single note. */
    private void writeCutOffSegment(int number) throws IOException {
        int end = writeSegment(number, 10);
        disk.truncate("journal-%04d.seg".formatted(number), end + NOTE_BYTES);
    }

    private int writeSegment(int number, int bodyBytes) throws IOException {
        return writeSegment("journal-%04d.seg".formatted(number), number, SMALL.segmentBytes(), next(bodyBytes));
    }

    private void writeLongSegment(int number, int bodyBytes) throws IOException {
        LogRecord record = next(bodyBytes);
        long recordBytes = RecordCodec.aligned(RecordCodec.bytes(record));
        int fileBytes = (int) (JournalSegment.HEADER_BYTES + recordBytes + JournalSegment.NOTE_RESERVE_BYTES);
        writeSegment("journal-%08d.big".formatted(number), number, fileBytes, record);
    }

    /** Writes a segment with one record of its number, and gives where the record ends. */
    private int writeSegment(String name, int number, int fileBytes, LogRecord record) throws IOException {
        Disk.File file = disk.open(name);
        file.write(ByteBuffer.allocate(fileBytes), 0);
        boolean oversized = name.endsWith(SegmentPool.OVERSIZED_SUFFIX);
        new JournalSegment(new SegmentFile(name, file, fileBytes, oversized), number, number).writeHeader();
        RecordOutput out = new RecordOutput(SMALL.batchBytes(), file);
        out.moveTo(file, JournalSegment.HEADER_BYTES);
        int length = (int) RecordCodec.bytes(record);
        RecordCodec.write(record, length, number, number, number - 1, out, new IndexBatch());
        out.force();
        return JournalSegment.HEADER_BYTES + (int) RecordCodec.aligned(length);
    }
}

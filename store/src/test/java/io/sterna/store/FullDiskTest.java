package io.sterna.store;

import static java.time.Duration.ofMillis;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sterna.store.LogOperation.Acknowledged;
import io.sterna.store.LogOperation.DeliveryUpdated;
import io.sterna.store.LogOperation.Enqueued;
import io.sterna.store.LogOperation.NodeDeleted;
import java.io.IOException;
import java.util.Random;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A disk that is full: what needs room waits for it, the rest goes on, and nothing is lost. */
@Timeout(60)
final class FullDiskTest {
    private static final int SEGMENT_BYTES = 16 << 10;
    private static final StoreConfig CONFIG = new StoreConfig(SEGMENT_BYTES, 8, 4 << 10, 1 << 10, 4 << 10, 1);

    private static final String FIRST = MessageFile.name(1);
    private static final String SECOND = MessageFile.name(2);

    private final CrashDisk disk = new CrashDisk();
    private final RecordingLane listener = new RecordingLane();
    private DurableStore store = DurableStore.open(disk, CONFIG);
    private long index;
    private long sequence;

    @AfterEach
    void close() {
        store.close();
        disk.discard();
    }

    private Lane open() throws StoreException {
        return open(CONFIG);
    }

    private Lane open(StoreConfig config) throws StoreException {
        return open(disk, config);
    }

    private Lane open(Disk on, StoreConfig config) throws StoreException {
        store = DurableStore.open(on, config);
        store.recover(new Recovered());
        return store.lane(listener);
    }

    private void enqueue(Lane lane, int count, int bytes) {
        for (int i = 0; i < count; i++) {
            lane.append(new LogRecord(0, 1, ++index, new Enqueued(1, ++sequence, new byte[0], new byte[bytes])));
        }
    }

    private void acknowledge(Lane lane, long from, long to) {
        lane.append(new LogRecord(
                0,
                1,
                ++index,
                new Acknowledged(1, LongStream.rangeClosed(from, to).toArray())));
    }

    private int readable() throws StoreException {
        return Reading.read(store, 1, 0, 100_000, Long.MAX_VALUE).size();
    }

    /** Waits until nothing else can be given up. */
    private void awaitReserve(boolean made) {
        await().until(() -> disk.exists(Reserve.NAME) == made);
    }

    @Test
    void shouldGoOnByItselfAndReadMeanwhileWhenACheckpointWaitsForRoom() throws StoreException {
        Lane lane = open(CONFIG.withBlocks(1 << 10, 16 << 10));
        enqueue(lane, 100, 400);
        listener.awaitDurable(100);
        awaitReserve(true);
        disk.capacity(disk.usedBytes() + 10_000);
        enqueue(lane, 10_000, 400);
        awaitReserve(false);
        assertThat(readable()).isBetween(100, 10_099);
        assertThat(listener.failures()).isZero();

        disk.capacity(100 << 20);
        listener.awaitDurable(10_100);
        assertThat(listener.broken()).isEmpty();
        assertThat(readable()).isEqualTo(10_100);
        awaitReserve(true);
        disk.capacity(Long.MAX_VALUE);
        store.close();
        open();
        assertThat(readable()).isEqualTo(10_100);
    }

    @Test
    void shouldTakeAcknowledgementsUntilAllIsSettledWhenTheDiskIsFull() throws StoreException {
        Lane lane = open(CONFIG.withBlocks(1 << 10, 16 << 10));
        enqueue(lane, 5_000, 400);
        listener.awaitDurable(index);
        awaitReserve(true);
        disk.capacity(disk.usedBytes());
        for (long settled = 1; settled <= sequence; settled++) {
            acknowledge(lane, settled, settled);
        }
        listener.awaitDurable(index);
        assertThat(readable()).isZero();
        await().until(() -> disk.usableBytes() > 1 << 20);
        assertThat(listener.failures()).isZero();
    }

    @Test
    void shouldUseItsSegmentsAgainWhenThereIsNoRoomForAnother() throws StoreException {
        int segmentBytes = 1 << 20;
        long twoSegmentsBytes = 2L * segmentBytes;
        Lane lane = open(CONFIG.withJournal(segmentBytes, 8));
        await().until(() -> store.metrics().journalBytes() == twoSegmentsBytes);
        // For what checkpoints write, but not for a segment with something to spare.
        disk.capacity(disk.usedBytes() + twoSegmentsBytes - 1);
        for (int round = 0; round < 100; round++) {
            enqueue(lane, 10, 10_000);
            acknowledge(lane, sequence - 9, sequence);
            listener.awaitDurable(index);
        }
        assertThat(store.metrics().journalBytes()).isEqualTo(twoSegmentsBytes);
        assertThat(store.metrics().checkpoints()).isGreaterThan(4);
        assertThat(readable()).isZero();
    }

    @Test
    void shouldWaitForRoomForASegmentWhenNoneCanBeFreed() throws StoreException {
        disk.capacity(SEGMENT_BYTES + (64 << 10));
        Lane lane = open();
        disk.capacity(disk.usedBytes());
        enqueue(lane, 150, 400);
        listener.awaitDurable(1);
        assertThat(listener.failures()).isZero();

        disk.capacity(100 << 20);
        listener.awaitDurable(150);
    }

    @Test
    void shouldCopyTheMessageFileOnlyWhenThereIsRoomForTheCopy() throws StoreException {
        Lane lane = open(CONFIG.withJournal(64 << 10, 4).withBlocks(1 << 10, 64 << 10));
        enqueue(lane, 2_000, 4_000);
        listener.awaitDurable(index);
        awaitReserve(true);
        assertThat(disk.exists(FIRST)).isTrue();
        disk.capacity(disk.usedBytes() + (3 << 20));
        long checkpoints = store.metrics().checkpoints();
        acknowledge(lane, 1, 1_300);
        await().until(() -> store.metrics().checkpoints() > checkpoints);
        assertThat(disk.exists(FIRST)).isTrue();

        acknowledge(lane, 1_301, 1_900);
        await().until(() -> !disk.exists(FIRST));
        assertThat(readable()).isEqualTo(100);
        assertThat(listener.failures()).isZero();
        assertThat(disk.usableBytes()).isGreaterThan(6 << 20);
    }

    @Test
    void shouldGiveUpACopyWhenTheDiskGetsFullMeanwhile() throws StoreException {
        giveUpACopy(16 << 10);
    }

    /** A commit of the copy finds no room itself, since so much is written at once. */
    @Test
    void shouldGiveUpACopyWhenItIsTheOneThatFindsTheDiskFull() throws StoreException {
        giveUpACopy(512 << 10);
    }

    private void giveUpACopy(int sliceBytes) throws StoreException {
        StoreConfig config = CONFIG.withJournal(1 << 20, 4).withBlocks(1 << 10, sliceBytes);
        FaultyDisk watched = new FaultyDisk(disk);
        AtomicBoolean begun = new AtomicBoolean();
        watched.set((name, from, to, writes) -> {
            if (writes && name.equals(SECOND) && from > 32 << 10 && begun.compareAndSet(false, true)) {
                disk.capacity(disk.usedBytes() + 5_000);
            }
        });
        Lane lane = open(watched, config);
        enqueue(lane, 8_000, 4_000);
        listener.awaitDurable(index);
        awaitReserve(true);
        acknowledge(lane, 1, 6_500);
        await().atMost(ofSeconds(30)).until(() -> begun.get() && !disk.exists(SECOND));
        assertThat(disk.exists(FIRST)).isTrue();
        assertThat(readable()).isEqualTo(1_500);
        acknowledge(lane, 6_501, 6_600);
        listener.awaitDurable(index);

        disk.capacity(200 << 20);
        await().atMost(ofSeconds(30)).until(() -> disk.exists(SECOND) && !disk.exists(FIRST));
        assertThat(readable()).isEqualTo(1_400);
        assertThat(listener.failures()).isZero();
        disk.capacity(Long.MAX_VALUE);
        store.close();
        open(config);
        assertThat(readable()).isEqualTo(1_400);
    }

    @Test
    void shouldWaitWithALongRecordWhileItHasNoRoom() throws StoreException {
        Lane lane = open();
        awaitReserve(true);
        disk.capacity(disk.usedBytes() + 100_000);
        enqueue(lane, 1, 200_000);
        enqueue(lane, 1, 10);
        assertThat(readable()).isZero();

        disk.capacity(100 << 20);
        listener.awaitDurable(2);
        assertThat(readable()).isEqualTo(2);
    }

    /** It may wait for the very room that the copy gives back. */
    @Test
    void shouldCopyTheMessageFileWhileALongRecordWaitsForRoom() throws StoreException {
        Lane lane = open(CONFIG.withJournal(64 << 10, 4).withBlocks(1 << 10, 64 << 10));
        enqueue(lane, 2_000, 4_000);
        listener.awaitDurable(index);
        awaitReserve(true);
        disk.capacity(disk.usedBytes());
        acknowledge(lane, 1, 1_900);
        listener.awaitDurable(index);
        enqueue(lane, 1, 6 << 20);
        awaitReserve(false);
        assertThat(disk.exists(FIRST)).isTrue();

        disk.capacity(disk.usedBytes() + (3 << 20));
        listener.awaitDurable(index);
        assertThat(disk.exists(FIRST)).isFalse();
        assertThat(readable()).isEqualTo(101);
        assertThat(listener.failures()).isZero();
    }

    @Test
    void shouldComeToRestWhenAllSegmentsAreInUseAndALongMessageFindsNoRoomToBeMovedTo() throws StoreException {
        FaultyDisk watched = new FaultyDisk(disk);
        Lane lane = open(watched, CONFIG.withJournal(SEGMENT_BYTES, 4));
        enqueue(lane, 1, 2 << 20);
        listener.awaitDurable(index);
        awaitReserve(true);
        disk.capacity(disk.usedBytes() + 300_000);
        enqueue(lane, 1_000, 400);
        awaitReserve(false);
        // Both threads waking each other, they look thousands of times a second.
        await().atMost(ofSeconds(30)).until(() -> {
            long before = watched.looks();
            readable();
            await().pollDelay(ofMillis(500)).until(() -> true);
            return watched.looks() - before < 50;
        });
        assertThat(disk.usableBytes()).isGreaterThan(2L * SEGMENT_BYTES);

        disk.capacity(100 << 20);
        listener.awaitDurable(index);
        assertThat(readable()).isEqualTo(1_001);
    }

    @Test
    void shouldNotWaitForRoomForMessagesOfAQueueThatIsGone() throws StoreException {
        Lane lane = open(CONFIG.withJournal(SEGMENT_BYTES, 8));
        enqueue(lane, 1, 2 << 20);
        listener.awaitDurable(index);
        awaitReserve(true);
        disk.capacity(disk.usedBytes() + 700_000);
        enqueue(lane, 60, 400);
        listener.awaitDurable(index);
        awaitReserve(false);
        long checkpoints = store.metrics().checkpoints();
        lane.append(new LogRecord(0, 1, ++index, new NodeDeleted(1)));
        listener.awaitDurable(index);
        await().until(() -> store.metrics().checkpoints() > checkpoints);
        assertThat(listener.failures()).isZero();
    }

    @Test
    void shouldTryAgainWhenThereIsRoomByTheTimeItLooks() throws StoreException {
        FaultyDisk watched = new FaultyDisk(disk);
        Lane lane = open(watched, CONFIG);
        awaitReserve(true);
        AtomicBoolean failed = new AtomicBoolean();
        watched.set((name, from, to, writes) -> {
            if (writes && name.startsWith("journal-") && failed.compareAndSet(false, true)) {
                throw new IOException("No space left on device");
            }
        });
        enqueue(lane, 10, 400);
        listener.awaitDurable(10);
        assertThat(failed).isTrue();
        assertThat(readable()).isEqualTo(10);
        assertThat(listener.failures()).isZero();
    }

    @Test
    void shouldFailWhenWritesFailThoughThereIsRoom() throws StoreException {
        FaultyDisk watched = new FaultyDisk(disk);
        Lane lane = open(watched, CONFIG);
        awaitReserve(true);
        watched.set((name, from, to, writes) -> {
            if (writes && name.startsWith("journal-")) {
                throw new IOException("Input/output error");
            }
        });
        enqueue(lane, 1, 400);
        await().until(() -> listener.failures() == 1);
    }

    @Test
    void shouldEndWhenItIsClosedWhileItWaitsForRoom() throws StoreException {
        Lane lane = open();
        enqueue(lane, 100, 400);
        listener.awaitDurable(100);
        disk.capacity(disk.usedBytes() + 10_000);
        enqueue(lane, 10_000, 400);
        awaitReserve(false);
        store.close();
        assertThat(listener.failures()).isEqualTo(1);
        long durable = listener.durable();

        disk.capacity(Long.MAX_VALUE);
        open();
        assertThat((long) readable()).isBetween(durable, 10_100L);
    }

    @Test
    void shouldLoseNothingWhenItIsClosedWithoutRoomForALastCheckpoint() throws StoreException {
        Lane lane = open(CONFIG.withJournal(1 << 20, 4));
        awaitReserve(true);
        disk.capacity(disk.usedBytes());
        enqueue(lane, 1_000, 400);
        listener.awaitDurable(1_000);
        store.close();
        assertThat(listener.failures()).isZero();
        open(CONFIG.withJournal(1 << 20, 4));
        assertThat(readable()).isEqualTo(1_000);
    }

    @Test
    void shouldOpenAfterACrashWhenTheDiskIsFull() throws StoreException {
        Lane lane = open();
        enqueue(lane, 1_000, 400);
        listener.awaitDurable(1_000);
        awaitReserve(true);
        CrashDisk image = disk.crash(new Random(1));
        image.capacity(image.usedBytes());
        try (DurableStore crashed = DurableStore.open(image, CONFIG)) {
            crashed.recover(new Recovered());
            assertThat(Reading.read(crashed, 1, 0, 100_000, Long.MAX_VALUE)).hasSize(1_000);
        }
    }

    /** All but the note is written then. */
    @Test
    void shouldEndWhenTheNoteOfTheLastCheckpointFindsNoRoom() throws StoreException, IOException {
        StoreConfig config = CONFIG.withJournal(2 << 20, 4);
        int noteBytes = (int) RecordCodec.aligned(RecordCodec.NOTE_BYTES);
        SegmentFile file = new SegmentFile("journal-0001.seg", disk.open("journal-0001.seg"), 2 << 20, false);
        file.file().writeZeros(0, 2 << 20);
        new JournalSegment(file, 1, 1).writeHeader();
        RecordOutput out = new RecordOutput(config.batchBytes(), file.file());
        out.moveTo(file.file(), JournalSegment.HEADER_BYTES);
        // Room is left for one note, which tells what recovery has saved.
        long bytes = (2 << 20) - JournalSegment.HEADER_BYTES - noteBytes - RecordCodec.bytes(update(0));
        LogRecord record = update((int) bytes);
        RecordCodec.write(record, (int) RecordCodec.bytes(record), 1, 1, 0, out, new IndexBatch());
        out.force();
        // For a checkpoint, but not for another segment.
        disk.capacity(disk.usedBytes() + 1_700_000);
        open(config);
        await().until(() -> store.metrics().checkpoints() == 1);
        store.close();
        assertThat(store.metrics().checkpoints()).isEqualTo(1);
        assertThat(listener.failures()).isZero();

        disk.capacity(Long.MAX_VALUE);
        open(config);
        assertThat(listener.broken()).isEmpty();
    }

    /** Of a message that is not there. */
    private static LogRecord update(int bytes) {
        return new LogRecord(0, 1, 1, new DeliveryUpdated(1, 1, 1, new byte[0], new byte[bytes]));
    }

    @Test
    void shouldTakeTheReserveWhenASegmentNeedsItToOpen() throws StoreException, IOException {
        StoreConfig config = CONFIG.withJournal(4 << 20, 4);
        open(config);
        awaitReserve(true);
        store.close();
        for (String name : disk.list()) {
            if (!name.equals(Reserve.NAME)) {
                disk.delete(name);
            }
        }
        disk.capacity(disk.usedBytes() + (3 << 20));
        enqueue(open(config), 1, 400);
        listener.awaitDurable(1);
    }

    @Test
    void shouldSayWhatToDoWhenThereIsNoRoomToOpenIt() {
        disk.capacity(0);
        assertThatThrownBy(this::open)
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("has no room")
                .hasMessageContaining("Free 1 MiB on it, and start again");
    }

    @Test
    void shouldTakeAnEighthOfASmallDiskForTheJournal() {
        StoreConfig usual = StoreConfig.defaults();
        assertThat(usual.forDisk(Long.MAX_VALUE)).isEqualTo(usual);
        assertThat(usual.forDisk(4L << 30)).isEqualTo(usual);
        assertThat(usual.forDisk((4L << 30) - 1))
                .isEqualTo(usual.withJournal(16 << 20, 16).withBlocks(128 << 10, 512 << 10));
        assertThat(usual.forDisk(300 << 20))
                .isEqualTo(usual.withJournal(2 << 20, 16).withBlocks(128 << 10, 128 << 10));
        assertThat(usual.forDisk(0)).isEqualTo(usual.withJournal(1 << 20, 16).withBlocks(128 << 10, 128 << 10));
    }
}

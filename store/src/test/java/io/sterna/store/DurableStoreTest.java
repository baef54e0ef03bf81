package io.sterna.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static java.time.Duration.ofSeconds;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sterna.store.LogOperation.Acknowledged;
import io.sterna.store.LogOperation.Enqueued;
import io.sterna.store.LogOperation.NodeCreated;
import io.sterna.store.LogOperation.Published;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import java.util.zip.CRC32C;
import org.h2.mvstore.MVStore;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

final class DurableStoreTest {
    private static final StoreConfig SMALL = new StoreConfig(16 << 10, 4, 4 << 10, 1 << 10, 4 << 10, 1);

    private final CrashDisk disk = new CrashDisk();
    private final List<DurableStore> opened = new ArrayList<>();
    private final RecordingLane listener = new RecordingLane();
    private long index;

    @AfterEach
    void closeAll() {
        opened.forEach(DurableStore::close);
        disk.discard();
    }

    @Test
    void shouldWriteAllThatArrivedDuringOneForceWithTheNext() throws StoreException, InterruptedException {
        DurableStore store = open(StoreConfig.defaults().withJournal(1 << 20, 4));
        Lane lane = store.lane(listener);
        lane.append(enqueue(1, 1, 10));
        listener.awaitDurable(1);
        CountDownLatch forcing = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        beforeJournalForce(() -> {
            forcing.countDown();
            awaitLatch(goOn);
        });
        long before = store.metrics().forces();
        lane.append(enqueue(1, 2, 10));
        forcing.await();
        for (int i = 3; i <= 1_000; i++) {
            lane.append(enqueue(1, i, 10));
        }
        goOn.countDown();
        listener.awaitDurable(1_000);
        assertThat(store.metrics().forces() - before).isEqualTo(2);
        assertThat(listener.calls()).isEqualTo(3);
    }

    @Test
    void shouldForceWhatNobodyWaitsForEveryTenMillisecondsAtMost() throws StoreException {
        DurableStore store = open(StoreConfig.defaults().withJournal(1 << 20, 4));
        Lane lane = store.lane(listener);
        lane.append(enqueue(1, 1, 10));
        listener.awaitDurable(1);
        long before = store.metrics().forces();
        long start = System.nanoTime();
        for (int i = 2; i <= 1_000; i++) {
            lane.stage(enqueue(1, i, 10));
            lane.flushSoon();
        }
        listener.awaitDurable(1_000);
        long tens = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start) / 10;
        assertThat(store.metrics().forces() - before).isBetween(1L, tens + 1);
    }

    @Test
    void shouldForceWhatNobodyWaitsForWithTheNextRecordThatSomebodyWaitsFor() throws StoreException {
        DurableStore store = open(StoreConfig.defaults().withJournal(1 << 20, 4));
        Lane relaxed = store.lane(listener);
        RecordingLane other = new RecordingLane();
        Lane urgent = store.lane(other);
        relaxed.stage(enqueue(1, 1, 10));
        relaxed.flushSoon();
        urgent.append(new LogRecord(1, 1, 1, new LogOperation.Enqueued(2, 1, new byte[0], new byte[10])));
        other.awaitDurable(1);
        // Told in the order of the lanes.
        assertThat(listener.durable()).isEqualTo(1);
    }

    @Test
    void shouldLimitBatches() throws StoreException, InterruptedException {
        DurableStore store = open(StoreConfig.defaults().withJournal(1 << 20, 4).withBatchBytes(4 << 10));
        Lane lane = store.lane(listener);
        CountDownLatch forcing = new CountDownLatch(1);
        CountDownLatch goOn = new CountDownLatch(1);
        beforeJournalForce(() -> {
            forcing.countDown();
            awaitLatch(goOn);
        });
        lane.append(enqueue(1, 1, 1_000));
        forcing.await();
        long before = store.metrics().forces();
        for (int i = 2; i <= 41; i++) {
            lane.append(enqueue(1, i, 1_000));
        }
        goOn.countDown();
        listener.awaitDurable(41);
        assertThat(store.metrics().forces() - before).isGreaterThanOrEqualTo(9);
    }

    @Test
    void shouldWaitForCheckpointsWhenJournalIsFull() throws StoreException {
        DurableStore store = open(SMALL);
        Lane lane = store.lane(listener);
        for (int i = 1; i <= 3_000; i++) {
            lane.append(enqueue(1, i, 500));
        }
        listener.awaitDurable(3_000);
        assertThat(store.metrics().journalBytes()).isEqualTo(4 * (16 << 10));
        assertThat(store.metrics().checkpoints()).isGreaterThan(10);
        DurableStore again = reopen(store, SMALL);
        assertThat(Reading.read(again, 1, 0, 10_000, Long.MAX_VALUE)).hasSize(3_000);
    }

    @Test
    void shouldNotMoveMessagesThatAreSettledInTime() throws StoreException {
        DurableStore store = open(SMALL.withJournal(64 << 10, 4));
        Lane lane = store.lane(listener);
        for (int i = 1; i <= 1_000; i++) {
            lane.append(enqueue(1, i, 4_000));
            lane.append(record(new Acknowledged(1, new long[] {i})));
            listener.awaitDurable(2L * i);
        }
        await().until(() -> store.metrics().checkpoints() > 5);
        assertThat(store.metrics().messageStoreBytes()).isLessThan(1 << 20);
    }

    @Test
    void shouldKeepRecordsLongerThanSegments() throws StoreException {
        DurableStore store = open(SMALL);
        Lane lane = store.lane(listener);
        int[] sizes = {100, 20_000, 3_000_000, 50, 16 << 10, 70_000, 2_000_000, 10};
        for (int i = 0; i < sizes.length; i++) {
            lane.append(enqueue(1, i + 1, sizes[i]));
        }
        listener.awaitDurable(sizes.length);
        assertSizes(store, sizes);
        DurableStore again = reopen(store, SMALL);
        assertSizes(again, sizes);
        Lane second = again.lane(new RecordingLane());
        for (int i = sizes.length + 1; i <= 300; i++) {
            second.append(enqueue(2, i, 500));
        }
        await().untilAsserted(() -> assertThat(
                        disk.list().stream().filter(name -> name.endsWith(SegmentPool.OVERSIZED_SUFFIX)))
                .isEmpty());
        assertSizes(again, sizes);
    }

    @Test
    void shouldGoOnWhenOnlyLongRecordsCome() throws StoreException {
        DurableStore store = open(SMALL);
        Lane lane = store.lane(listener);
        for (int i = 1; i <= 20; i++) {
            lane.append(enqueue(1, i, 100_000));
        }
        listener.awaitDurable(20);
        assertThat(Reading.read(store, 1, 0, 100, Long.MAX_VALUE)).hasSize(20);
    }

    @Test
    void shouldStoreSharedMessageOnceInJournal() throws StoreException {
        DurableStore store = open(SMALL);
        byte[] shared = message(1, 4_000);
        long[] queueIds = LongStream.rangeClosed(1, 1_000).toArray();
        store.lane(listener).append(record(new Published(0, 1, queueIds, new byte[0], shared)));
        listener.awaitDurable(1);
        assertThat(store.metrics().bytesAppended()).isLessThan(5_500);
        assertThat(Reading.read(store, 77, 0, 1, 1).get(0).message()).isEqualTo(shared);
    }

    @Test
    void shouldEndJournalAtTornRecordAndNotReviveWhatFollows() throws StoreException {
        DurableStore store = open(SMALL);
        Lane lane = store.lane(listener);
        lane.append(enqueue(1, 1, 2_000));
        listener.awaitDurable(1);
        byte[] before = disk.bytes("journal-0000.seg");
        lane.append(enqueue(1, 2, 2_000));
        lane.append(enqueue(1, 3, 2_000));
        listener.awaitDurable(3);
        byte[] after = disk.bytes("journal-0000.seg");
        store.close();
        // The crash lost the second record's sectors and kept the third's, which was in the same write.
        int second = firstDifference(before, after);
        int third = second + (int) RecordCodec.aligned(RecordCodec.bytes(enqueue(1, 2, 2_000)));
        // As they say when they arrive together.
        RecordPatch.sayForced(after, third, ByteBuffer.wrap(after).getLong(second + 16));
        System.arraycopy(before, second, after, second, third - second);
        CrashDisk crashed = diskWith(after, store);
        DurableStore survivor = open(crashed, SMALL);
        assertThat(StoreContract.sequences(Reading.read(survivor, 1, 0, 10, Long.MAX_VALUE)))
                .containsExactly(1L);
        assertThat(survivor.metrics().damages()).isZero();
        RecordingLane next = new RecordingLane();
        survivor.lane(next).append(enqueue(1, 2, 2_000));
        next.awaitDurable(1);
        CrashDisk second2 = crashed.crash(new Random(1));
        DurableStore last = open(second2, SMALL);
        assertThat(StoreContract.sequences(Reading.read(last, 1, 0, 10, Long.MAX_VALUE)))
                .containsExactly(1L, 2L);
    }

    @Test
    void shouldSetMessageStoreAsideWhenItDoesNotOpen() throws StoreException {
        DurableStore store = open(SMALL);
        Lane lane = store.lane(listener);
        for (int i = 1; i <= 300; i++) {
            lane.append(enqueue(1, i, 500));
        }
        listener.awaitDurable(300);
        // For a while there may be a second one, which is or was being copied: that would be told of, too.
        CrashDisk image = await().until(
                        () -> disk.crash(new Random(1)),
                        crashed -> crashed.list().stream()
                                        .filter(MessageFile::isMessageFile)
                                        .count()
                                == 1);
        byte[] rubbish = new byte[20_000];
        new Random(2).nextBytes(rubbish);
        image.put(messages(image), rubbish);
        Recovered recovered = new Recovered();
        DurableStore again = DurableStore.open(image, SMALL);
        opened.add(again);
        again.recover(recovered);
        assertThat(recovered.damages()).hasSize(1);
        assertThat(recovered.damages().get(0)).contains("/messages-", "does not open", "moved to");
        List<Long> kept = StoreContract.sequences(Reading.read(again, 1, 0, 1_000, Long.MAX_VALUE));
        assertThat(kept).isNotEmpty().isSorted().endsWith(300L);
        String moved = image.list().stream()
                .filter(file -> file.startsWith("damaged-1-messages-"))
                .findFirst()
                .orElseThrow();
        assertThat(image.bytes(moved)).isEqualTo(rubbish);
        again.close();
        DurableStore third = open(image, SMALL);
        assertThat(third.metrics().damages()).isZero();
        assertThat(StoreContract.sequences(Reading.read(third, 1, 0, 1_000, Long.MAX_VALUE)))
                .isEqualTo(kept);
    }

    @Test
    void shouldReadRoundDamagedBlocks() throws StoreException {
        DurableStore store = open(SMALL);
        Lane lane = store.lane(listener);
        // It has blocks of the file for itself, so that what is beside it stays whole.
        byte[] large = new byte[12_000];
        new Random(9).nextBytes(large);
        for (int i = 1; i <= 100; i++) {
            lane.append(i == 9 ? record(new Enqueued(1, i, new byte[0], large)) : enqueue(1, i, 500));
        }
        listener.awaitDurable(100);
        store.close();
        // Nothing is overwritten: a block that was merged into another one leaves an older copy behind.
        byte[] written = disk.bytes(messages(disk));
        // Twice, since a checksum may lie within what is looked for.
        for (int from = 6_000; from <= 6_100; from += 100) {
            findAll(written, Arrays.copyOfRange(large, from, from + 50)).forEach(at -> disk.ruin(messages(disk), at));
        }
        DurableStore again = open(SMALL);
        List<Long> read = StoreContract.sequences(Reading.read(again, 1, 0, 100, Long.MAX_VALUE));
        assertThat(read).isSorted().doesNotContain(9L).contains(100L).hasSizeGreaterThan(60);
        assertThat(again.metrics().damages()).isPositive();
    }

    @Test
    void shouldFailLanesOnceWhenDiskFails() throws StoreException {
        DurableStore store = open(SMALL);
        Lane lane = store.lane(listener);
        lane.append(enqueue(1, 1, 500));
        listener.awaitDurable(1);
        disk.failAfter(2);
        assertThatThrownBy(() -> {
                    for (int i = 2; i < 1_000_000; i++) {
                        lane.append(enqueue(1, i, 500));
                    }
                })
                .isInstanceOf(IllegalStateException.class);
        listener.awaitDurable(Long.MAX_VALUE);
        assertThat(listener.failures()).isEqualTo(1);
        assertThat(listener.cause().orElseThrow()).hasMessageContaining("accepts nothing more");
        assertThatThrownBy(() -> store.lane(new RecordingLane())).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> Reading.read(store, 1, 0, 1, 1)).isInstanceOf(StoreException.class);
        store.close();
        assertThat(listener.failures()).isEqualTo(1);
        assertThat(listener.broken()).isEmpty();
    }

    @Test
    void shouldAnswerReadsWhileCheckpointing() throws StoreException {
        DurableStore store = open(SMALL);
        Lane lane = store.lane(listener);
        for (int i = 1; i <= 2_000; i++) {
            lane.append(enqueue(1, i, 300));
            if (i % 20 == 0) {
                listener.awaitDurable(i);
                List<StoredMessage> found = Reading.read(store, 1, i - 19L, 100, Long.MAX_VALUE);
                assertThat(found).hasSize(20);
                assertThat(found.get(7).message()).isEqualTo(message(i - 12L, 300));
                assertThat(Reading.read(store, 1, 0, 3, Long.MAX_VALUE)).hasSize(3);
            }
        }
        assertThat(store.metrics().checkpoints()).isPositive();
    }

    @Test
    void shouldKeepManyQueues() throws StoreException {
        StoreConfig config = SMALL.withJournal(64 << 10, 4);
        DurableStore store = open(config);
        Lane lane = store.lane(listener);
        for (int i = 1; i <= 1_000; i++) {
            lane.append(record(new NodeCreated(i, 1, "queue." + i, new byte[0])));
        }
        for (int i = 1; i <= 5_000; i++) {
            lane.append(enqueue(1 + i % 1_000, i, 100));
        }
        for (int i = 1; i <= 5_000; i++) {
            if (i % 5 != 0) {
                lane.append(record(new Acknowledged(1 + i % 1_000, new long[] {i})));
            }
        }
        listener.awaitDurable(10_000);
        assertThat(store.metrics().checkpoints()).isPositive();
        Recovered recovered = new Recovered();
        store.close();
        DurableStore again = DurableStore.open(disk, config);
        opened.add(again);
        again.recover(recovered);
        assertThat(recovered.lines().stream().filter(line -> line.startsWith("node")))
                .hasSize(1_000);
        assertThat(StoreContract.messages(recovered)).hasSize(1_000);
    }

    @Test
    void shouldGiveSpaceBackWhenDrained() throws StoreException {
        DurableStore store = open(SMALL.withBlocks(4 << 10, 16 << 10));
        Lane lane = store.lane(listener);
        for (int i = 1; i <= 4_000; i++) {
            lane.append(enqueue(1, i, 500));
        }
        listener.awaitDurable(4_000);
        await().until(() -> store.metrics().messageStoreBytes() > 1 << 20);
        for (int i = 1; i <= 4_000; i++) {
            lane.append(record(new Acknowledged(1, new long[] {i})));
        }
        listener.awaitDurable(8_000);
        await().untilAsserted(
                        () -> assertThat(store.metrics().messageStoreBytes()).isLessThan(128 << 10));
        assertThat(store.metrics().journalBytes()).isLessThanOrEqualTo(4 * (16 << 10));
        // In use, and spare.
        await().atMost(ofSeconds(30))
                .untilAsserted(() -> assertThat(store.metrics().journalBytes()).isLessThanOrEqualTo(2 * (16 << 10)));
    }

    /** So little is not worth a copy while there is something else to do. */
    @Test
    void shouldGiveTheLastOfTheSpaceBackWhenDrainedAndAtRest() throws StoreException {
        DurableStore store = open(StoreConfig.defaults().withJournal(1 << 20, 4));
        Lane lane = store.lane(listener);
        for (int i = 1; i <= 1_000; i++) {
            lane.append(enqueue(1, i, 6_000));
        }
        listener.awaitDurable(1_000);
        await().until(() -> store.metrics().messageStoreBytes() > 2 << 20);
        lane.append(record(new Acknowledged(1, LongStream.rangeClosed(1, 1_000).toArray())));
        await().atMost(ofSeconds(30)).until(() -> store.metrics().messageStoreBytes() < 1 << 20);
        assertThat(Reading.read(store, 1, 0, 10, 100)).isEmpty();
    }

    @Test
    void shouldCopyLongLivedMessagesForward() throws StoreException {
        DurableStore store = open(SMALL);
        Lane lane = store.lane(listener);
        int position = 0;
        for (int i = 1; i <= 4_000; i++) {
            lane.append(enqueue(1, i, 100));
            position++;
            if (i > 500 && (i - 500) % 100 != 0) {
                lane.append(record(new Acknowledged(1, new long[] {i - 500})));
                position++;
            }
        }
        listener.awaitDurable(position);
        DurableStore again = reopen(store, SMALL);
        List<StoredMessage> found = Reading.read(again, 1, 0, 10_000, Long.MAX_VALUE);
        assertThat(found).hasSize(535);
        assertThat(found.subList(0, 35)).allMatch(message -> message.sequence() % 100 == 0);
        assertThat(found.get(20).message()).isEqualTo(message(2_100, 100));
    }

    @Test
    void shouldRefuseJournalOfAnotherFormat() throws StoreException {
        DurableStore store = open(SMALL);
        store.close();
        byte[] segment = disk.bytes("journal-0000.seg");
        ByteBuffer header = ByteBuffer.wrap(segment);
        header.putInt(8, 7);
        CRC32C crc = new CRC32C();
        crc.update(segment, 0, 24);
        header.putInt(24, (int) crc.getValue());
        disk.put("journal-0000.seg", segment);
        DurableStore again = DurableStore.open(disk, SMALL);
        opened.add(again);
        assertThatThrownBy(() -> again.recover(new Recovered()))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("format version 7");
    }

    @Test
    void shouldRefuseMessageStoreOfAnotherFormat() throws IOException {
        CheckedFile checked = CheckedFile.open(disk.open(MessageFile.name(1)), "of a test", damage -> {});
        DiskFileStore file = DiskFileStore.open(checked, "of a test", 1);
        MVStore other = new MVStore.Builder().adoptFileStore(file).open();
        other.setStoreVersion(9);
        other.commit();
        other.closeImmediately();
        DurableStore again = DurableStore.open(disk, SMALL);
        opened.add(again);
        assertThatThrownBy(() -> again.recover(new Recovered()))
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("format version 9");
    }

    private static String messages(CrashDisk disk) {
        return disk.list().stream()
                .filter(MessageFile::isMessageFile)
                .findFirst()
                .orElseThrow();
    }

    /** The worker forces, too: what it keeps for a full disk. */
    private void beforeJournalForce(Runnable action) {
        disk.beforeForce(1, () -> {
            if (Thread.currentThread().getName().equals("sterna-journal")) {
                action.run();
            } else {
                beforeJournalForce(action);
            }
        });
    }

    private DurableStore open(StoreConfig config) throws StoreException {
        return open(disk, config);
    }

    private DurableStore open(CrashDisk on, StoreConfig config) throws StoreException {
        DurableStore store = DurableStore.open(on, config);
        opened.add(store);
        store.recover(new Recovered());
        return store;
    }

    private DurableStore reopen(DurableStore store, StoreConfig config) throws StoreException {
        store.close();
        return open(config);
    }

    private CrashDisk diskWith(byte[] segment, DurableStore closed) throws StoreException {
        assertThat(closed.metrics().damages()).isZero();
        CrashDisk crashed = new CrashDisk();
        DurableStore first = DurableStore.open(crashed, SMALL);
        first.recover(new Recovered());
        CrashDisk image = crashed.crash(new Random(1));
        first.close();
        image.put("journal-0000.seg", segment);
        return image;
    }

    private void assertSizes(DurableStore store, int[] sizes) throws StoreException {
        List<StoredMessage> found = Reading.read(store, 1, 0, 100, Long.MAX_VALUE);
        assertThat(found.stream().mapToInt(message -> message.message().length).toArray())
                .isEqualTo(sizes);
        for (StoredMessage message : found) {
            assertThat(Arrays.equals(
                            message.message(), message(message.sequence(), sizes[(int) message.sequence() - 1])))
                    .isTrue();
        }
    }

    private LogRecord enqueue(long queueId, long sequence, int sizeBytes) {
        return record(new Enqueued(queueId, sequence, new byte[0], message(sequence, sizeBytes)));
    }

    private LogRecord record(LogOperation operation) {
        return new LogRecord(0, 1, ++index, operation);
    }

    private static byte[] message(long sequence, int sizeBytes) {
        byte[] message = new byte[sizeBytes];
        byte[] text = ("message " + sequence + "; ").getBytes(UTF_8);
        for (int i = 0; i < sizeBytes; i++) {
            message[i] = text[i % text.length];
        }
        return message;
    }

    private static List<Integer> findAll(byte[] bytes, byte[] wanted) {
        List<Integer> found = new ArrayList<>();
        for (int at = 0; at <= bytes.length - wanted.length; at++) {
            if (Arrays.equals(bytes, at, at + wanted.length, wanted, 0, wanted.length)) {
                found.add(at);
            }
        }
        assertThat(found).isNotEmpty();
        return found;
    }

    private static int firstDifference(byte[] left, byte[] right) {
        return Arrays.mismatch(left, right) & -RecordCodec.ALIGNMENT;
    }

    private static void awaitLatch(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            throw new AssertionError(e);
        }
    }
}

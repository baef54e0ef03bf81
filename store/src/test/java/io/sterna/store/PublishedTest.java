package io.sterna.store;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sterna.store.LogOperation.Acknowledged;
import io.sterna.store.LogOperation.DeliveryUpdated;
import io.sterna.store.LogOperation.Enqueued;
import io.sterna.store.LogOperation.NodeDeleted;
import io.sterna.store.LogOperation.Published;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Messages that several queues refer to, on disk. */
final class PublishedTest {
    private static final StoreConfig SMALL = new StoreConfig(16 << 10, 4, 4 << 10, 1 << 10, 4 << 10, 1);
    private static final long TOPIC = 1_000_000;
    private static final byte[] NONE = {};

    private final CrashDisk disk = new CrashDisk();
    private final List<DurableStore> opened = new ArrayList<>();
    private final List<Lane> lanes = new ArrayList<>();
    private RecordingLane listener = new RecordingLane();
    private Recovered recovered = new Recovered();
    private long index;
    private int appended;

    @AfterEach
    void closeAll() {
        opened.forEach(DurableStore::close);
        disk.discard();
    }

    @Test
    void shouldNameManyQueuesInFewBytes() throws StoreException {
        DurableStore store = open(disk, StoreConfig.defaults().withJournal(1 << 20, 4));
        long[] queueIds = LongStream.rangeClosed(1, 10_000).map(i -> i << 6 | 5).toArray();
        append(new Published(TOPIC, 1, queueIds, NONE, payload(1, 4_000)));
        assertThat(store.metrics().bytesAppended()).isLessThan(4_000 + 10_000 * 2 + 200);
        assertThat(Reading.read(store, queueIds[7_777], 0, 1, 1).get(0).message())
                .isEqualTo(payload(1, 4_000));
    }

    @Test
    void shouldStoreMessageOnceForAllQueues() throws StoreException {
        DurableStore store = open(disk, SMALL);
        long[] queueIds = LongStream.rangeClosed(1, 100).toArray();
        for (int i = 1; i <= 400; i++) {
            append(new Published(TOPIC, i, queueIds, NONE, payload(i, 500)));
        }
        DurableStore again = reopen(store, SMALL);
        assertThat(again.metrics().messageStoreBytes()).isLessThan(100 * 400 * 500 / 10);
        assertThat(StoreContract.messages(recovered)).hasSize(100 * 400);
        List<StoredMessage> found = Reading.read(again, 50, 0, 1_000, Long.MAX_VALUE);
        assertThat(found).hasSize(400);
        assertThat(found.get(123).message()).isEqualTo(payload(124, 500));
    }

    @Test
    void shouldGiveSpaceBackWhenLastQueueIsDone() throws StoreException {
        DurableStore store = open(disk, SMALL);
        for (int i = 1; i <= 1_000; i++) {
            append(new Published(TOPIC, i, new long[] {1, 2, 3}, NONE, payload(i, 500)));
        }
        for (int i = 1; i <= 1_000; i++) {
            append(new Acknowledged(1, new long[] {i}));
            append(new Acknowledged(2, new long[] {i}));
        }
        DurableStore second = reopen(store, SMALL);
        assertThat(second.metrics().messageStoreBytes()).isGreaterThan(400 * 1_000);
        assertThat(Reading.read(second, 1, 0, 10, Long.MAX_VALUE)).isEmpty();
        assertThat(Reading.read(second, 3, 0, 2_000, Long.MAX_VALUE)).hasSize(1_000);
        append(new NodeDeleted(3));
        await().untilAsserted(() -> {
            // Something has to fill the journal for a checkpoint to come.
            append(new Enqueued(4, 1_001 + appended, NONE, payload(1, 500)));
            assertThat(second.metrics().messageStoreBytes()).isLessThan(100_000);
        });
    }

    @Test
    void shouldReadSparseReferencesOfManyMessages() throws StoreException {
        DurableStore store = open(disk, SMALL);
        for (int i = 1; i <= 3_000; i++) {
            long[] queueIds = i % 100 == 0 ? new long[] {1, 2} : new long[] {1};
            append(new Published(TOPIC, i, queueIds, NONE, payload(i, 100)));
        }
        DurableStore again = reopen(store, SMALL);
        List<StoredMessage> found = Reading.read(again, 2, 150, 5, Long.MAX_VALUE);
        assertThat(StoreContract.sequences(found)).containsExactly(200L, 300L, 400L, 500L, 600L);
        assertThat(found.get(2).message()).isEqualTo(payload(400, 100));
        assertThat(Reading.read(again, 2, 0, 1_000, Long.MAX_VALUE)).hasSize(30);
    }

    @Test
    void shouldKeepUpdatesOfEachQueueThroughCheckpoints() throws StoreException {
        DurableStore store = open(disk, SMALL);
        append(new Published(TOPIC, 1, new long[] {1, 2}, utf8("p9"), payload(1, 100)));
        append(new DeliveryUpdated(1, 1, 1, utf8("p9"), utf8("once")));
        DurableStore second = reopen(store, SMALL);
        append(new Published(TOPIC, 2, new long[] {1, 2}, NONE, payload(2, 100)));
        append(new DeliveryUpdated(2, 2, 2, utf8("p1"), NONE));
        DurableStore third = reopen(second, SMALL);
        append(new DeliveryUpdated(2, 1, 0, NONE, NONE));
        append(new Acknowledged(1, new long[] {2}));
        reopen(third, SMALL);
        assertThat(recovered.lines())
                .containsExactly(
                        "partition 0 epoch 1 index 6",
                        "message 1/1 in 0 bytes 100 count 1 traits p9 annotations once",
                        "message 2/1 in 0 bytes 100 count 0 traits  annotations ",
                        "message 2/2 in 0 bytes 100 count 2 traits p1 annotations ");
    }

    @Test
    void shouldKeepTheOthersWhenAHeaderIsDamaged() throws StoreException {
        DurableStore store = open(disk, SMALL);
        for (int i = 1; i <= 40; i++) {
            append(new Published(TOPIC, i, new long[] {1, 2}, NONE, payload(i, 500)));
        }
        store.close();
        String file = disk.list().stream()
                .filter(MessageFile::isMessageFile)
                .findFirst()
                .orElseThrow();
        damageSomeHeader(file);
        DurableStore again = open(disk, SMALL);
        assertThat(recovered.damages())
                .isNotEmpty()
                .allMatch(damage -> damage.contains(file) || damage.contains("lost"));
        List<String> kept = StoreContract.messages(recovered);
        assertThat(kept.size()).isBetween(0, 78);
        assertThat(Reading.read(again, 1, 0, 100, Long.MAX_VALUE)).hasSize(kept.size() / 2);
        append(new Published(TOPIC, 100, new long[] {2}, NONE, payload(100, 500)));
        DurableStore third = reopen(again, SMALL);
        assertThat(recovered.damages()).hasSizeLessThan(2);
        assertThat(Reading.read(third, 2, 100, 1, 1).get(0).message()).isEqualTo(payload(100, 500));
    }

    /** Garbles the first place where a header of a topic's block stands. */
    private void damageSomeHeader(String file) {
        byte[] bytes = disk.bytes(file);
        byte[] wanted =
                ByteBuffer.allocate(13).put((byte) 1).putLong(TOPIC).putInt(0).array();
        for (int at = bytes.length - wanted.length; at >= 0; at--) {
            if (Arrays.equals(bytes, at, at + wanted.length, wanted, 0, wanted.length)) {
                disk.ruin(file, at + 16);
                return;
            }
        }
        throw new AssertionError("no header found");
    }

    private DurableStore open(CrashDisk on, StoreConfig config) throws StoreException {
        DurableStore store = DurableStore.open(on, config);
        opened.add(store);
        recovered = Recovered.of(store);
        listener = new RecordingLane();
        lanes.add(store.lane(listener));
        appended = 0;
        return store;
    }

    private DurableStore reopen(DurableStore store, StoreConfig config) throws StoreException {
        store.close();
        return open(disk, config);
    }

    /** Appends to the store that was opened last, and waits. */
    private void append(LogOperation operation) {
        lanes.get(lanes.size() - 1).append(new LogRecord(0, 1, ++index, operation));
        listener.awaitDurable(++appended);
    }

    private static byte[] payload(long number, int sizeBytes) {
        byte[] payload = new byte[sizeBytes];
        new Random(number).nextBytes(payload);
        return payload;
    }

    private static byte[] utf8(String text) {
        return text.getBytes(UTF_8);
    }
}

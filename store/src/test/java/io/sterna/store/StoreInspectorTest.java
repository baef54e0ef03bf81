package io.sterna.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sterna.store.LogOperation.Acknowledged;
import io.sterna.store.LogOperation.Enqueued;
import io.sterna.store.LogOperation.EpochStarted;
import io.sterna.store.LogOperation.NodeCreated;
import io.sterna.store.LogOperation.Published;
import io.sterna.store.StoreReport.NodeUse;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class StoreInspectorTest {
    private static final StoreConfig SMALL = new StoreConfig(16 << 10, 4, 4 << 10, 1 << 10, 4 << 10, 1);
    private static final int MESSAGES = 300;

    /** The number of a message that has blocks of the file for itself, so that what is beside it stays whole. */
    private static final int LARGE = 400;

    private static final int LARGE_BYTES = 12_000;

    private final CrashDisk disk = new CrashDisk();

    @TempDir
    Path directory;

    /** Queue 1 has messages 1 to 300 but for each third, topic 2 has given 301 to 310 to queues 3 and 4. */
    private void fill(Store store, int... more) throws StoreException {
        store.recover(new Recovered());
        RecordingLane listener = new RecordingLane();
        Lane lane = store.lane(listener);
        long index = 0;
        for (NodeCreated node : nodes()) {
            lane.append(new LogRecord(0, 1, ++index, node));
        }
        for (int i = 1; i <= MESSAGES; i++) {
            lane.append(new LogRecord(0, 1, ++index, new Enqueued(1, i, new byte[0], message(i))));
            if (i % 3 == 0) {
                lane.append(new LogRecord(0, 1, ++index, new Acknowledged(1, new long[] {i})));
            }
        }
        for (int i = MESSAGES + 1; i <= MESSAGES + 10; i++) {
            Published published = new Published(2, i, new long[] {3, 4}, new byte[0], message(i));
            lane.append(new LogRecord(0, 1, ++index, published));
        }
        for (int i : more) {
            lane.append(new LogRecord(0, 1, ++index, new Enqueued(1, i, new byte[0], message(i))));
        }
        listener.awaitDurable(index);
        // Says that all of the above was forced: without it damage in the last write could be a torn one.
        lane.append(new LogRecord(0, 1, ++index, new EpochStarted()));
        listener.awaitDurable(index);
    }

    private static NodeCreated[] nodes() {
        return new NodeCreated[] {
            new NodeCreated(1, 1, "orders", new byte[0]),
            new NodeCreated(2, 2, "news", new byte[0]),
            new NodeCreated(3, 3, "news.subs.a", new byte[0]),
            new NodeCreated(4, 3, "news.subs.b", new byte[0])
        };
    }

    private static byte[] message(int number) {
        byte[] message = new byte[number == LARGE ? LARGE_BYTES : 500];
        new Random(number).nextBytes(message);
        return message;
    }

    private static StoreReport verify(Disk disk) throws StoreException {
        return inspector(Path.of("unused")).inspect(disk, new DamageLog(), true, message -> 0);
    }

    private static StoreInspector inspector(Path directory) {
        return new StoreInspector(directory, SMALL, (bytes, ofBytes) -> {});
    }

    private static Map<String, byte[]> bytes(CrashDisk disk) {
        Map<String, byte[]> bytes = new HashMap<>();
        disk.list().forEach(name -> bytes.put(name, disk.bytes(name)));
        return bytes;
    }

    @Test
    void shouldCountWhatIsThereAndChangeNothing() throws StoreException {
        Store store = DurableStore.open(disk, SMALL);
        fill(store);
        CrashDisk crashed = disk.crash(new Random(1));
        store.close();

        for (CrashDisk either : new CrashDisk[] {disk, crashed}) {
            Map<String, byte[]> before = bytes(either);
            StoreReport report = verify(either);

            assertThat(report.damages()).isEmpty();
            assertThat(report.space().messages()).isEqualTo(210);
            assertThat(report.space().messageBytes()).isEqualTo(210 * 500);
            assertThat(report.queues().stream().map(NodeUse::messages)).containsExactly(200L, 0L, 10L, 10L);
            assertThat(report.queues().stream().map(NodeUse::bytes)).containsExactly(100_000L, 0L, 5_000L, 5_000L);
            assertThat(report.queues().get(0).node().orElseThrow().address()).isEqualTo("orders");
            assertThat(bytes(either)).containsExactlyInAnyOrderEntriesOf(before);
        }
    }

    @Test
    void shouldNameQueueAndMessageWhenABlockIsDamaged() throws StoreException {
        Store store = DurableStore.open(disk, SMALL);
        fill(store, LARGE);
        store.close();
        damageLarge();

        StoreReport report = verify(disk);

        assertThat(report.unreadable()).isPositive();
        assertThat(report.damages()).anySatisfy(damage -> assertThat(damage)
                .contains("/messages-", "orders (queue 1 in partition 0)", "400")
                .contains("can't be delivered"));
    }

    @Test
    void shouldTellWhatWouldBeSetAsideWithoutDoingSo() throws StoreException {
        StoreConfig roomy = SMALL.withJournal(1 << 20, 4);
        Store store = DurableStore.open(disk, roomy);
        fill(store);
        CrashDisk crashed = disk.crash(new Random(1));
        store.close();
        byte[] last = message(MESSAGES + 5);
        String journal = crashed.list().stream()
                .filter(name -> SegmentPool.isJournal(name) && find(crashed.bytes(name), last) >= 0)
                .findFirst()
                .orElseThrow();
        crashed.garble(journal, find(crashed.bytes(journal), last), 10, new Random(1));

        StoreReport report = new StoreInspector(directory, roomy, (bytes, ofBytes) -> {})
                .inspect(crashed, new DamageLog(), true, message -> 0);

        assertThat(report.damages().get(0)).contains(journal, "by repair, or the next start");
        assertThat(report.space().messages()).isEqualTo(209);
        assertThat(crashed.list()).noneMatch(Quarantine::isSetAside);
    }

    @Test
    void shouldAskForTheTimeOfTheFirstMessageOfEachQueue() throws StoreException {
        Store store = DurableStore.open(disk, SMALL);
        fill(store);
        store.close();

        StoreReport report = inspector(Path.of("unused"))
                .inspect(disk, new DamageLog(), false, message -> Arrays.equals(message, message(1)) ? 7 : 0);

        assertThat(report.queues().get(0).oldestMillis()).isEqualTo(Optional.of(7L));
        assertThat(report.queues().get(2).oldestMillis()).isEmpty();
    }

    @Test
    void shouldRefuseWhenABrokerRunsOrThereIsNoStore() throws StoreException {
        try (Store store = DurableStore.open(directory, SMALL)) {
            fill(store);
            assertThatThrownBy(inspector(directory)::verify).isInstanceOf(DirectoryInUseException.class);
        }
        assertThat(inspector(directory).verify().damages()).isEmpty();
        assertThatThrownBy(inspector(directory.resolve("missing"))::verify)
                .isInstanceOf(StoreException.class)
                .hasMessageContaining("no data directory");
        assertThat(directory.resolve("missing")).doesNotExist();
    }

    @Test
    void shouldRepairWithoutLosingWhatIsReadable() throws StoreException {
        Store store = DurableStore.open(disk, SMALL);
        fill(store, LARGE);
        store.close();
        damageLarge();
        StoreReport before = verify(disk);

        StoreReport after = new StoreRepair(Path.of("unused"), SMALL, (bytes, ofBytes) -> {}).run(disk);

        assertThat(before.damages()).isNotEmpty();
        assertThat(after.damages()).isEmpty();
        assertThat(after.space().messages()).isBetween(170L, 210L);
        assertThat(disk.list()).anyMatch(name -> name.startsWith("damaged-1-messages-"));
        DurableStore again = DurableStore.open(disk, SMALL);
        Recovered recovered = new Recovered();
        again.recover(recovered);
        assertThat(recovered.damages()).isEmpty();
        assertThat(Reading.read(again, 1, Long.MIN_VALUE, 1_000, Long.MAX_VALUE))
                .allMatch(message -> Arrays.equals(message.message(), message((int) message.sequence())))
                .hasSize((int) after.queues().get(0).messages());
        again.close();
    }

    /** Wherever the middle of its bytes is: blocks that were merged, and what fills chunks up, leave older copies behind. */
    private void damageLarge() {
        damageLarge(LARGE_BYTES / 2);
        // A checksum may lie within what was looked for.
        damageLarge(LARGE_BYTES / 2 + 100);
    }

    private void damageLarge(int from) {
        byte[] middle = Arrays.copyOfRange(message(LARGE), from, LARGE_BYTES);
        for (String name : disk.list()) {
            byte[] bytes = MessageFile.isMessageFile(name) ? disk.bytes(name) : new byte[0];
            for (int at = find(bytes, middle); at >= 0; at = find(Arrays.copyOf(bytes, at), middle)) {
                disk.ruin(name, at);
            }
        }
    }

    /** Where it is for the last time. */
    private static int find(byte[] bytes, byte[] message) {
        // The rest may lie behind a checksum.
        byte[] wanted = Arrays.copyOf(message, 50);
        for (int at = bytes.length - wanted.length; at >= 0; at--) {
            if (Arrays.equals(bytes, at, at + wanted.length, wanted, 0, wanted.length)) {
                return at;
            }
        }
        return -1;
    }
}

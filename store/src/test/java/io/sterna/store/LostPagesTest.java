package io.sterna.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sterna.store.LogOperation.Enqueued;
import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A store whose message file can't be read in places, or for a while. */
@Timeout(300)
final class LostPagesTest {
    private static final StoreConfig SMALL = new StoreConfig(64 << 10, 4, 4 << 10, 1 << 10, 64 << 10, 1);
    private static final int MESSAGES = 3_000;
    private static final int PLACES = 25;

    private final Map<String, byte[]> files = new HashMap<>();
    private String messages = "";

    @BeforeEach
    void write() throws StoreException {
        CrashDisk disk = new CrashDisk();
        try (DurableStore store = DurableStore.open(disk, SMALL)) {
            store.recover(new Recovered());
            RecordingLane listener = new RecordingLane();
            Lane lane = store.lane(listener);
            byte[] body = new byte[400];
            for (int i = 1; i <= MESSAGES; i++) {
                new Random(i).nextBytes(body);
                lane.append(new LogRecord(0, 1, i, new Enqueued(1, i, new byte[0], body.clone())));
            }
            listener.awaitDurable(MESSAGES);
        }
        disk.list().forEach(name -> files.put(name, disk.bytes(name)));
        messages = files.keySet().stream()
                .filter(MessageFile::isMessageFile)
                .findFirst()
                .orElseThrow();
    }

    @Test
    void shouldLoseNothingWhenAPageIsLost() throws StoreException {
        long pages = files.get(messages).length / LostPages.BYTES;
        for (int place = 0; place < PLACES; place++) {
            CrashDisk copy = copy();
            FaultyDisk disk = new FaultyDisk(copy);
            LostPages lost = new LostPages(messages, copy);
            lost.add(place * pages / PLACES);
            disk.set(lost);
            assertThat(readAll(disk))
                    .as("messages with page " + place * pages / PLACES + " lost")
                    .isEqualTo(MESSAGES);
        }
    }

    @Test
    void shouldRefuseToStartAndLoseNothingWhenTheFileCanNotBeReadForAWhile() throws StoreException {
        AtomicInteger left = new AtomicInteger(Integer.MAX_VALUE);
        FaultyDisk.Fault fault = (name, from, to, writes) -> {
            if (!writes && name.equals(messages) && left.getAndDecrement() <= 0) {
                throw new IOException("Input/output error");
            }
        };
        FaultyDisk healthy = new FaultyDisk(copy());
        healthy.set(fault);
        assertThat(readAll(healthy)).isEqualTo(MESSAGES);
        int reads = Integer.MAX_VALUE - left.get();
        int refused = 0;
        for (int place = 0; place < PLACES; place++) {
            FaultyDisk disk = new FaultyDisk(copy());
            left.set(reads * place / PLACES);
            disk.set(fault);
            DurableStore store = DurableStore.open(disk, SMALL);
            try {
                store.recover(new Recovered());
            } catch (StoreException e) {
                assertThat(e).hasMessageContaining("Cannot read the data directory");
                refused++;
            }
            disk.set((name, from, to, writes) -> {});
            store.close();
            assertThat(readAll(disk))
                    .as("messages after " + reads * place / PLACES + " of " + reads + " reads")
                    .isEqualTo(MESSAGES);
        }
        assertThat(refused).isPositive();
    }

    @Test
    void shouldFailReadsAndPassOverNothingWhileTheFileCanNotBeRead() throws StoreException {
        FaultyDisk disk = new FaultyDisk(copy());
        try (DurableStore store = DurableStore.open(disk, SMALL)) {
            store.recover(new Recovered());
            disk.set((name, from, to, writes) -> {
                if (!writes && name.equals(messages)) {
                    throw new IOException("Input/output error");
                }
            });
            assertThatThrownBy(() -> count(store)).isInstanceOf(StoreException.class);
            disk.set((name, from, to, writes) -> {});
            assertThat(count(store)).isEqualTo(MESSAGES);
            assertThat(store.metrics().damages()).isZero();
        }
    }

    private CrashDisk copy() {
        CrashDisk copy = new CrashDisk();
        files.forEach(copy::put);
        return copy;
    }

    private static int readAll(Disk disk) throws StoreException {
        try (DurableStore store = DurableStore.open(disk, SMALL)) {
            store.recover(new Recovered());
            return count(store);
        }
    }

    private static int count(Store store) throws StoreException {
        int count = 0;
        long from = 0;
        while (true) {
            List<StoredMessage> read = Reading.read(store, 1, from, 1_000, Long.MAX_VALUE);
            if (read.isEmpty()) {
                return count;
            }
            count += read.size();
            from = read.get(read.size() - 1).sequence() + 1;
        }
    }
}

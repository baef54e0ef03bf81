package io.sterna.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sterna.store.LogOperation.Enqueued;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Files in the directory that the journal did not put there. */
@Timeout(60)
final class JournalFilesTest {
    private static final StoreConfig SMALL = new StoreConfig(16 << 10, 4, 4 << 10, 1 << 10, 4 << 10, 1);

    private final CrashDisk disk = new CrashDisk();

    @BeforeEach
    void writeJournal() throws StoreException {
        try (DurableStore store = DurableStore.open(disk, SMALL)) {
            store.recover(new Recovered());
            RecordingLane listener = new RecordingLane();
            Lane lane = store.lane(listener);
            for (int i = 1; i <= 5; i++) {
                lane.append(new LogRecord(0, 1, i, new Enqueued(1, i, new byte[0], new byte[300])));
            }
            listener.awaitDurable(5);
        }
    }

    @AfterEach
    void discard() {
        disk.discard();
    }

    @Test
    void shouldLeaveFilesAloneThatAreNotOfTheJournal() throws StoreException {
        byte[] segment = disk.bytes("journal-0000.seg");
        disk.put("journal-0000-copy.seg", segment);
        disk.put("journal-.big", segment);
        disk.put("journal-notes.new", segment);
        try (DurableStore store = DurableStore.open(disk, SMALL)) {
            store.recover(new Recovered());
            assertThat(Reading.read(store, 1, 0, 10, Long.MAX_VALUE)).hasSize(5);
            assertThat(store.metrics().damages()).isZero();
        }
        assertThat(disk.bytes("journal-0000-copy.seg")).isEqualTo(segment);
        assertThat(disk.bytes("journal-.big")).isEqualTo(segment);
        assertThat(disk.bytes("journal-notes.new")).isEqualTo(segment);
    }

    @Test
    void shouldRefuseToStartWhenTwoFilesHoldOneSegment() {
        byte[] segment = disk.bytes("journal-0000.seg");
        disk.put("journal-0009.seg", segment);
        assertRefused();
        assertThat(disk.bytes("journal-0000.seg")).isEqualTo(segment);
        assertThat(disk.bytes("journal-0009.seg")).isEqualTo(segment);
    }

    @Test
    void shouldRefuseToStartWhenTwoFilesHoldOneSegmentAndHeadersAreDamaged() {
        disk.put("journal-0009.seg", disk.bytes("journal-0000.seg"));
        disk.garble("journal-0000.seg", 3, 4, new Random(1));
        assertRefused();
        disk.garble("journal-0009.seg", 3, 4, new Random(1));
        assertRefused();
    }

    private void assertRefused() {
        try (DurableStore store = DurableStore.open(disk, SMALL)) {
            assertThatThrownBy(() -> store.recover(new Recovered()))
                    .isInstanceOf(StoreException.class)
                    .hasMessageContaining("/journal-0000.seg")
                    .hasMessageContaining("/journal-0009.seg")
                    .hasMessageContaining("Move the copy out of the directory");
        }
    }
}

package io.sterna.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.store.LogOperation.Enqueued;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.LongStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What damage to a file of the journal costs: the records that it touched, and no other. */
@Timeout(60)
final class JournalDamageTest {
    private static final StoreConfig SMALL = new StoreConfig(16 << 10, 4, 4 << 10, 1 << 10, 4 << 10, 1);
    private static final String FILE = "journal-0000.seg";
    private static final int MESSAGES = 9;
    /** The first is a note. */
    private static final int RECORDS = 1 + MESSAGES;

    private CrashDisk disk = new CrashDisk();
    private final int[] places = new int[RECORDS + 2];

    /** Each record in a write of its own, so that it is known to have been forced. */
    @BeforeEach
    void writeJournal() throws StoreException {
        try (DurableStore store = DurableStore.open(disk, SMALL)) {
            store.recover(new Recovered());
            RecordingLane listener = new RecordingLane();
            Lane lane = store.lane(listener);
            for (int i = 1; i <= MESSAGES; i++) {
                lane.append(new LogRecord(0, 1, i, new Enqueued(1, i, new byte[0], new byte[300])));
                listener.awaitDurable(i);
            }
            disk = disk.crash(new Random(1));
        }
        ByteBuffer bytes = ByteBuffer.wrap(disk.bytes(FILE));
        int at = JournalSegment.HEADER_BYTES;
        for (int record = 1; record <= RECORDS; record++) {
            places[record] = at;
            at += (int) RecordCodec.aligned(bytes.getInt(at));
        }
        places[RECORDS + 1] = at;
    }

    @AfterEach
    void discard() {
        disk.discard();
    }

    @Test
    void shouldSetDamagedRecordsAsideAndKeepTheOthers() throws StoreException {
        disk.garble(FILE, places[6] + 100, 10, new Random(1));
        assertLost(List.of("records 6 to 6 are unreadable"), 5);
        assertThat(disk.list()).anyMatch(name -> name.startsWith("damaged-"));
    }

    @Test
    void shouldKeepRecordsWhenSegmentHeaderIsDamaged() throws StoreException {
        disk.garble(FILE, 3, 4, new Random(1));
        assertLost(List.of("header of the journal file"));
    }

    @Test
    void shouldKeepAllBehindFirstRecordsThatAreDamagedTogetherWithTheHeader() throws StoreException {
        assertFirstLostWithTheHeader();
    }

    /** A torn write can't have taken the header, which was forced before; nothing else shows here that they were forced. */
    @Test
    void shouldKeepOneWriteWhoseFirstRecordsAreDamagedTogetherWithTheHeader() throws StoreException {
        byte[] bytes = disk.bytes(FILE);
        for (int record = 2; record <= RECORDS; record++) {
            RecordPatch.sayForced(bytes, places[record], 1);
        }
        disk.put(FILE, bytes);
        assertFirstLostWithTheHeader();
    }

    /** The copy ends in the middle of a record that is still in its own place, too. */
    @Test
    void shouldKeepRecordsBehindMisplacedCopyOfThoseBeforeThem() throws StoreException {
        byte[] bytes = disk.bytes(FILE);
        System.arraycopy(bytes, places[5], bytes, places[2], places[7] - places[5] + 20);
        disk.put(FILE, bytes);
        assertLost(List.of("records 2 to 4 are unreadable"), 1, 2, 3);
    }

    @Test
    void shouldTakeRecordsThatWereWrittenBehindLaterOnes() throws StoreException {
        move(6, 2, places[RECORDS + 1]);
        assertLost(List.of("damaged before record 6"));
    }

    @Test
    void shouldTakeRecordThatWasWrittenInThePlaceOfALaterOne() throws StoreException {
        move(5, 1, places[9]);
        assertLost(List.of("damaged before record 5", "records 9 to 9 are unreadable"), 8);
    }

    /** Torn is the last write, of which the first record is missing: the others must not come back behind later ones. */
    @Test
    void shouldNotReviveWhatStandsBeforeAMisplacedRecordWhenTheEndIsTorn() throws StoreException {
        byte[] bytes = disk.bytes(FILE);
        RecordPatch.sayForced(bytes, places[10], 8);
        disk.put(FILE, bytes);
        move(7, 1, places[RECORDS + 1]);
        disk.garble(FILE, places[9], 10, new Random(1));
        assertLost(List.of("damaged before record 7"), 8, 9);
        assertLost(List.of(), 8, 9);
    }

    /** Damages the header and the records 1, a note, and 2. */
    private void assertFirstLostWithTheHeader() throws StoreException {
        disk.garble(FILE, 3, 4, new Random(1));
        disk.garble(FILE, places[1], 4, new Random(1));
        disk.garble(FILE, places[2], 4, new Random(1));
        assertLost(List.of("has lost what it said", "header of the journal file", "records 1 to 2 are unreadable"), 1);
    }

    private void move(int record, int count, int to) {
        byte[] bytes = disk.bytes(FILE);
        byte[] moved = Arrays.copyOfRange(bytes, places[record], places[record + count]);
        Arrays.fill(bytes, places[record], places[record + count], (byte) 0);
        System.arraycopy(moved, 0, bytes, to, moved.length);
        disk.put(FILE, bytes);
    }

    private void assertLost(List<String> reports, long... lost) throws StoreException {
        Recovered recovered = new Recovered();
        try (DurableStore store = DurableStore.open(disk, SMALL)) {
            store.recover(recovered);
            assertThat(StoreContract.sequences(Reading.read(store, 1, 0, 100, Long.MAX_VALUE)))
                    .containsExactlyElementsOf(LongStream.rangeClosed(1, MESSAGES)
                            .filter(sequence -> LongStream.of(lost).noneMatch(each -> each == sequence))
                            .boxed()
                            .toList());
        }
        assertThat(recovered.damages()).hasSameSizeAs(reports);
        for (int i = 0; i < reports.size(); i++) {
            assertThat(recovered.damages().get(i)).contains(reports.get(i));
        }
    }
}

package io.sterna.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.store.LogOperation.Acknowledged;
import io.sterna.store.LogOperation.Enqueued;
import io.sterna.store.LogOperation.EpochStarted;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The journal's last note is lost: what it told of the message file is told by the file, too. */
final class LostNoteTest {
    private static final StoreConfig SMALL = new StoreConfig(16 << 10, 4, 4 << 10, 1 << 10, 4 << 10, 1);

    private final CrashDisk disk = new CrashDisk();
    private final RecordingLane listener = new RecordingLane();
    private final Set<Long> live = new TreeSet<>();
    private Optional<DurableStore> running = Optional.empty();

    @AfterEach
    void close() {
        running.ifPresent(DurableStore::close);
    }

    /** As the store runs: messages, some of them settled, then records that show that all of these were forced. */
    private CrashDisk fill(StoreConfig config, int messages, boolean settle) throws StoreException {
        DurableStore store = DurableStore.open(disk, config);
        running = Optional.of(store);
        store.recover(new Recovered());
        Lane lane = store.lane(listener);
        int index = 0;
        for (long sequence = 1; sequence <= messages; sequence++) {
            append(lane, ++index, new Enqueued(1, sequence, new byte[0], new byte[300]));
            live.add(sequence);
            if (settle && sequence > 100 && sequence % 7 != 0 && live.remove(sequence - 100)) {
                append(lane, ++index, new Acknowledged(1, new long[] {sequence - 100}));
            }
            if (sequence % 50 == 0) {
                listener.awaitDurable(index);
            }
        }
        for (int i = 0; i < 2; i++) {
            append(lane, ++index, new EpochStarted());
            listener.awaitDurable(index);
        }
        return disk.crash(new Random(1));
    }

    private static void append(Lane lane, int index, LogOperation operation) {
        lane.append(new LogRecord(0, 1, index, operation));
    }

    private static Recovered start(CrashDisk on) throws StoreException {
        try (DurableStore store = DurableStore.open(on, SMALL)) {
            return Recovered.of(store);
        }
    }

    private static Set<Long> sequences(Recovered recovered) {
        Set<Long> sequences = new TreeSet<>();
        recovered.messages().forEach(message -> sequences.add(message[1]));
        return sequences;
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldLoseNoMessageWhenTheLastNoteIsDamaged(boolean settle) throws StoreException {
        CrashDisk crashed = fill(SMALL, 700, settle);
        assertThat(Damage.toLastNote(crashed, new Random(1))).isPresent();

        StoreReport report = new StoreInspector(Path.of("unused"), SMALL, (bytes, ofBytes) -> {})
                .inspect(crashed, new DamageLog(), true, message -> 0);
        Recovered recovered = start(crashed);
        Recovered again = start(crashed);

        assertThat(report.space().messages()).isEqualTo(live.size());
        assertThat(report.unreadable()).isZero();
        assertThat(report.damages()).isNotEmpty();
        assertThat(sequences(recovered)).isEqualTo(live);
        assertThat(recovered.damages()).isNotEmpty();
        assertThat(sequences(again)).isEqualTo(live);
        assertThat(again.damages()).isEmpty();
    }

    @Test
    void shouldTakeTheCopyWhenItsNoteIsLostAndTheOldFileIsDeleted() throws IOException, StoreException {
        fill(SMALL, 700, true);
        running.orElseThrow().close();
        // It writes nothing to the journal.
        new Checkpoints(disk, SMALL).copy();
        List<String> files =
                disk.list().stream().filter(MessageFile::isMessageFile).toList();
        int noted = Damage.lastNote(disk).orElseThrow().note().fileNumber();
        assertThat(files).containsExactly(MessageFile.name(noted + 1));

        Recovered recovered = start(disk);

        assertThat(sequences(recovered)).isEqualTo(live);
        assertThat(recovered.damages()).anySatisfy(damage -> assertThat(damage).contains(files.get(0), "saved last"));
        assertThat(sequences(start(disk))).isEqualTo(live);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 28, 2000, 4096, 4100, 4150, -1})
    void shouldKeepMessagesWhenNoRecordOfTheFirstSegmentIsReadable(int kept) throws StoreException {
        fill(SMALL.withJournal(64 << 10, 4), 50, false);
        running.orElseThrow().close();
        byte[] segment = disk.bytes("journal-0000.seg");
        disk.put(
                "journal-0000.seg",
                kept < 0
                        ? Arrays.copyOf(Arrays.copyOf(segment, JournalSegment.HEADER_BYTES), segment.length)
                        : Arrays.copyOf(segment, kept));

        Recovered recovered = start(disk);

        assertThat(sequences(recovered)).isEqualTo(live);
        assertThat(recovered.damages()).anySatisfy(damage -> assertThat(damage).contains("saved last"));
        Recovered again = start(disk);
        assertThat(sequences(again)).isEqualTo(live);
        assertThat(again.damages()).isEmpty();
    }

    @Test
    void shouldTellOfRecordsThatAreLostWhenTheyWereBehindWhatTheFileHolds() throws StoreException {
        fill(SMALL.withJournal(64 << 10, 4), 50, false);
        running.orElseThrow().close();
        disk.truncate("journal-0000.seg", JournalSegment.HEADER_BYTES);
        DurableStore store = DurableStore.open(disk, SMALL);
        running = Optional.of(store);
        store.recover(new Recovered());
        RecordingLane more = new RecordingLane();
        store.lane(more).append(new LogRecord(0, 1, 60, new Enqueued(1, 60, new byte[0], new byte[10])));
        more.awaitDurable(1);
        live.add(60L);

        // Its number has to be behind those that the file holds, or it would not be replayed.
        Recovered crashed = start(disk.crash(new Random(1)));

        assertThat(sequences(crashed)).isEqualTo(live);
    }

    @Test
    void shouldReportNothingWhenTheFirstOpeningWasCutShort() throws StoreException {
        for (int force = 1; force <= 6; force++) {
            for (int seed = 0; seed < 8; seed++) {
                CrashDisk first = new CrashDisk();
                AtomicReference<CrashDisk> image = new AtomicReference<>();
                Random random = new Random(seed);
                first.beforeForce(force, () -> image.compareAndSet(null, first.crash(random)));
                start(first);

                CrashDisk crashed = Optional.ofNullable(image.get()).orElse(first);
                assertThat(start(crashed).damages()).as("force " + force).isEmpty();
                assertThat(crashed.list()).noneMatch(Quarantine::isSetAside);
            }
        }
    }

    @Test
    void shouldPutAsideAFileThatIsNotInUseWhenTheJournalDoesNotSayWhich() throws StoreException {
        fill(SMALL, 300, false);
        running.orElseThrow().close();
        List<String> files =
                disk.list().stream().filter(MessageFile::isMessageFile).toList();
        assertThat(files).hasSize(1);
        String other = MessageFile.name(MessageFile.number(files.get(0)) + 1);
        disk.put(other, disk.bytes(files.get(0)));
        disk.list().stream().filter(SegmentPool::isJournal).forEach(disk::delete);

        Recovered recovered = start(disk);

        assertThat(sequences(recovered)).isEqualTo(live);
        assertThat(recovered.damages()).anySatisfy(damage -> assertThat(damage).contains(other, "moved to"));
        assertThat(disk.list()).anyMatch(name -> name.endsWith(other) && Quarantine.isSetAside(name));
    }
}

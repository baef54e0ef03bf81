package io.sterna.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.store.LogOperation.EpochStarted;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Stores with a known history of records that were forced, many copies of each damaged at random in one file, and opened.
 * Of each history one copy has its last note damaged.
 * What is checked of each:
 *
 * <ul>
 *   <li>Opening succeeds, and so do appending and closing afterwards; opening again shows the same.
 *   <li>Nothing is invented: a message is there only if it was put there and not settled, or if what settled it was damaged;
 *       and its bytes are those it had, or reading passes over it.
 *   <li>Nothing is silent: when no damage is reported, everything is as it was.
 *   <li>A repair leaves a store without damage.
 *   <li>No intact forced record is lost. In the journal: all but the records that the damage touched have their effect.
 *       In a message file, damage of up to 28 KiB in one place costs nothing. What is larger costs what stands on the pages
 *       that it touched, and when it touched what was saved last there, what was saved then.
 * </ul>
 *
 * A torn write looks like damage to the last write before a crash; what shows that it had been forced is a later record.
 * The histories end with one, so that only damage to it too leaves that open. A failing seed is printed; make it a test.
 */
final class DamageTest {
    private static final long RESTORABLE_BYTES = 7 * 4096;

    @Test
    void shouldLoseNothingIntactAndInventNothingWhenDamaged() throws StoreException {
        run(1, 12, 60);
    }

    @Test
    @Tag("long")
    void shouldLoseNothingIntactAndInventNothingWhenDamagedVeryOften() throws StoreException {
        run(1_000, 200, 100);
    }

    private static void run(long firstSeed, int stores, int damages) throws StoreException {
        for (long seed = firstSeed; seed < firstSeed + stores; seed++) {
            History history = History.make(seed);
            for (int number = 0; number < damages; number++) {
                Random random = new Random(seed * 1_000_003 + number);
                CrashDisk copy = history.copy();
                // Once it is the note without which most of the store could not be found.
                Damage damage =
                        number == 0 ? Damage.toLastNote(copy, random).orElseThrow() : Damage.cause(copy, random);
                try {
                    new Check(history, damage, copy).run();
                } catch (AssertionError | RuntimeException | StoreException e) {
                    throw new AssertionError(
                            "seed " + seed + " damage " + number + ": " + damage.kind() + " in " + damage.file()
                                    + " at " + describe(damage.ranges()),
                            e);
                }
                copy.discard();
            }
        }
    }

    private static String describe(List<long[]> ranges) {
        return ranges.stream().limit(4).map(Arrays::toString).toList().toString();
    }

    /** A store's files, and what is in it. */
    private record History(StoreConfig config, Map<String, byte[]> files, StoreModel model, RandomLog log) {
        static History make(long seed) throws StoreException {
            Random random = new Random(seed);
            // Half of them with so much room that nearly all is still in the journal when they end.
            int segmentBytes = random.nextBoolean() ? 16 << 10 : 256 << 10;
            StoreConfig config = new StoreConfig(segmentBytes, 4 + random.nextInt(4), 4 << 10, 1 << 10, 4 << 10, 1);
            CrashDisk disk = new CrashDisk();
            RandomLog log = new RandomLog(random, 1 + random.nextInt(2));
            DurableStore store = DurableStore.open(disk, config);
            store.recover(new Recovered());
            log.openLanes(store);
            for (int left = 100 + random.nextInt(600); left > 0; left--) {
                log.appendRandom();
            }
            log.awaitDurable();
            log.appendToEach(new EpochStarted());
            CrashDisk end = random.nextBoolean() ? disk.crash(random) : disk;
            store.close();
            Map<String, byte[]> files = new HashMap<>();
            end.list().forEach(name -> files.put(name, end.bytes(name)));
            return new History(config, files, log.model(), log);
        }

        CrashDisk copy() {
            CrashDisk copy = new CrashDisk();
            files.forEach(copy::put);
            return copy;
        }
    }

    /** One damaged copy. */
    private record Check(History history, Damage damage, CrashDisk disk) {
        void run() throws StoreException {
            Recovered recovered = new Recovered();
            DurableStore store = DurableStore.open(disk, history.config());
            boolean unread;
            try {
                store.recover(recovered);
                unread = checkBodies(store, recovered);
                RecordingLane listener = new RecordingLane();
                store.lane(listener).append(new LogRecord(9, 1, 1, new EpochStarted()));
                listener.awaitDurable(1);
                assertThat(listener.failures()).isZero();
            } finally {
                store.close();
            }
            JournalLoss loss = JournalLoss.of(history.files(), damage);
            if (!loss.lastTouched()) {
                if (recovered.damages().isEmpty() && !unread) {
                    assertThat(recovered.lines())
                            .isEqualTo(Recovered.of(history.model()).lines());
                }
                checkMessages(recovered, loss);
            }
            checkAgain(recovered);
        }

        /** Whether some could not be read. */
        private boolean checkBodies(Store store, Recovered recovered) throws StoreException {
            boolean unread = false;
            for (long[] message : recovered.messages()) {
                try {
                    List<StoredMessage> read = Reading.read(store, message[0], message[1], 1, 1);
                    unread |= read.isEmpty() || read.get(0).sequence() != message[1];
                    for (StoredMessage found : read) {
                        assertThat(found.message()).isEqualTo(history.log().bodyOf((int) message[2], found.sequence()));
                    }
                } catch (StoreException e) {
                    unread = true;
                }
            }
            return unread;
        }

        private void checkMessages(Recovered recovered, JournalLoss loss) throws StoreException {
            TreeSet<String> expected = names(Recovered.of(history.model()));
            TreeSet<String> lost = new TreeSet<>(expected);
            TreeSet<String> found = names(recovered);
            lost.removeAll(found);
            found.removeAll(expected);
            if (SegmentPool.isJournal(damage.file())) {
                assertThat(lost).as("lost").isSubsetOf(loss.added());
                assertThat(found).as("back though settled").allMatch(loss::mayBeBack);
            } else if (damage.kind() != Damage.Kind.TRUNCATION && damage.span() <= RESTORABLE_BYTES) {
                assertThat(lost).as("lost").isEmpty();
                assertThat(found).as("invented").isEmpty();
            } else {
                assertThat(found).as("invented").allMatch(history.log()::wasEver);
            }
        }

        private static TreeSet<String> names(Recovered recovered) {
            TreeSet<String> names = new TreeSet<>();
            recovered.messages().forEach(message -> names.add(message[0] + "/" + message[1]));
            return names;
        }

        private void checkAgain(Recovered first) throws StoreException {
            Recovered again = new Recovered();
            try (DurableStore store = DurableStore.open(disk, history.config())) {
                store.recover(again);
            }
            assertThat(names(again)).isEqualTo(names(first));
            StoreRepair repair = new StoreRepair(Path.of("unused"), history.config(), (bytes, ofBytes) -> {});
            assertThat(repair.run(disk).damages()).as("after repair").isEmpty();
        }
    }
}

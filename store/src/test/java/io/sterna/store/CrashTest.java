package io.sterna.store;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/**
 * Random work on a store, with crashes at any instant: what was durable comes back exactly once and in order, of what was
 * not durable a prefix, and nothing else. A failing seed is printed; make it a test.
 */
final class CrashTest {
    private static final int INCARNATIONS = 4;

    @Test
    void shouldKeepWhatWasDurableWhenCrashing() throws StoreException {
        for (long seed = 1; seed <= 120; seed++) {
            run(seed);
        }
    }

    @Test
    @Tag("long")
    void shouldKeepWhatWasDurableWhenCrashingVeryOften() throws StoreException {
        for (long seed = 1_000; seed <= 4_000; seed++) {
            run(seed);
        }
    }

    private static void run(long seed) throws StoreException {
        try {
            Random random = new Random(seed);
            StoreConfig config = new StoreConfig(
                    (16 << 10) * (1 + random.nextInt(2)), 4 + random.nextInt(4), 4 << 10, 1 << 10, 4 << 10, 1);
            CrashDisk disk = new CrashDisk();
            RandomLog log = new RandomLog(random, 1 + random.nextInt(2));
            if (seed % 2 == 0) {
                log.appendSomeForLater();
            }
            for (int i = 0; i < INCARNATIONS; i++) {
                disk = live(disk, config, log, random);
            }
            check(DurableStore.open(disk, config), log);
            disk.discard();
        } catch (AssertionError | RuntimeException | StoreException e) {
            throw new AssertionError("seed " + seed, e);
        }
    }

    /** One life of a store, from opening to a crash or a clean close; gives what is on the disk afterwards. */
    private static CrashDisk live(CrashDisk disk, StoreConfig config, RandomLog log, Random random)
            throws StoreException {
        DurableStore store = DurableStore.open(disk, config);
        try {
            Recovered recovered = Recovered.of(store);
            assertThat(recovered.damages()).isEmpty();
            log.checkAndCut(recovered);
            checkReads(store, log);
            List<RecordingLane> listeners = log.openLanes(store);
            AtomicReference<CrashDisk> image = new AtomicReference<>();
            CrashDisk running = disk;
            if (random.nextBoolean()) {
                Random crashRandom = new Random(random.nextLong());
                disk.beforeForce(1 + random.nextInt(100), () -> {
                    log.markDurable(listeners);
                    image.set(running.crash(crashRandom));
                });
            }
            int records = random.nextInt(400);
            int pauseEvery = 1 + random.nextInt(60);
            for (int i = 0; i < records; i++) {
                log.appendRandom();
                if (i % pauseEvery == 0) {
                    log.awaitDurable();
                }
            }
            if (image.get() == null && random.nextInt(4) == 0) {
                store.close();
                if (image.get() == null) {
                    log.markDurable(listeners);
                    log.assertAllDurable();
                    // It may still wait for a force of the next life.
                    disk.beforeForce(0, () -> {});
                    return disk;
                }
            } else if (image.get() == null) {
                if (random.nextBoolean()) {
                    log.awaitDurable();
                }
                synchronized (disk) {
                    if (image.get() == null) {
                        // In this order: what is reported durable by now has to be in the image.
                        log.markDurable(listeners);
                        image.set(disk.crash(random));
                    }
                }
            }
            disk.discard();
            return image.get();
        } finally {
            store.close();
        }
    }

    private static void check(DurableStore store, RandomLog log) throws StoreException {
        try {
            log.checkAndCut(Recovered.of(store));
            checkReads(store, log);
        } finally {
            store.close();
        }
    }

    private static void checkReads(Store store, RandomLog log) throws StoreException {
        StoreModel model = log.model();
        for (long queueId : model.queueIds()) {
            List<StoredMessage> found = Reading.read(store, queueId, Long.MIN_VALUE, 100_000, Long.MAX_VALUE);
            List<StoredMessage> expected = model.read(queueId, Long.MIN_VALUE, 100_000, Long.MAX_VALUE);
            assertThat(found).usingRecursiveFieldByFieldElementComparator().isEqualTo(expected);
        }
    }
}

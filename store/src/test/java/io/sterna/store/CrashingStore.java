package io.sterna.store;

import java.util.Random;

/** A data directory in memory for tests of other modules: what was not forced may be lost when it crashes. */
public final class CrashingStore {
    private static final StoreConfig SMALL = new StoreConfig(64 << 10, 6, 4 << 10, 1 << 10, 4 << 10, 1);

    private final CrashDisk disk;

    private CrashingStore(CrashDisk disk) {
        this.disk = disk;
    }

    /** An empty one. */
    public static CrashingStore empty() {
        return new CrashingStore(new CrashDisk());
    }

    /** Opens the store on it, with little room in the journal. */
    public DurableStore open() {
        return DurableStore.open(disk, SMALL);
    }

    /** What it may hold after a crash at this instant; this one is of no use any more. */
    public CrashingStore crash(Random random) {
        synchronized (disk) {
            CrashDisk image = disk.crash(random);
            disk.discard();
            return new CrashingStore(image);
        }
    }
}

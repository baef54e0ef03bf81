package io.sterna.broker.partition;

import java.io.IOException;
import java.util.List;
import java.util.function.LongUnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stops the producers of all loops while less of the disk is free than has to be, and lets them go on by itself.
 * Consumers, acknowledgements and commits go on meanwhile: what is kept free is for them, and for the store's own work.
 */
public final class DiskWatch {
    private static final Logger log = LoggerFactory.getLogger(DiskWatch.class);

    private static final long CALM_MILLIS = 1_000;

    /** A second is long for a disk that is nearly full: some write a gigabyte in it. */
    private static final long NEAR_MILLIS = 100;

    private final DiskSpace space;
    private final LongUnaryOperator minFreeBytes;
    private final List<Loop> loops;

    // Whoever looks
    private boolean blind;

    // Whoever looks writes, any thread reads.
    private volatile long freeBytes;
    private volatile long wantedBytes;
    private volatile boolean tight;

    /** @param minFreeBytes of a disk of a size how much has to be free */
    public DiskWatch(DiskSpace space, LongUnaryOperator minFreeBytes, List<Loop> loops) {
        this.space = space;
        this.minFreeBytes = minFreeBytes;
        this.loops = List.copyOf(loops);
    }

    /** Looks, and tells the loops what has changed. Blocks: not for a loop. One thread at a time. */
    public void look() {
        try {
            DiskSpace.Reading now = space.look();
            freeBytes = now.usableBytes();
            wantedBytes = minFreeBytes.applyAsLong(now.totalBytes());
            blind = false;
        } catch (IOException | RuntimeException e) {
            if (!blind) {
                blind = true;
                log.warn("how much of the disk is free can't be told ({}); what was known last counts", e.toString());
            }
            return;
        }
        if (!tight && freeBytes < wantedBytes) {
            log.warn(
                    "the disk of data.dir has {} MiB left, less than the {} MiB of data.min-free-space: producers get"
                            + " no credit until {} MiB are free, consumers are served. Have queues drained or purged, free"
                            + " space on the disk, or make it larger",
                    mebibytes(freeBytes),
                    mebibytes(wantedBytes),
                    mebibytes(enoughBytes()));
            set(true);
        } else if (tight && freeBytes >= enoughBytes()) {
            log.info("the disk of data.dir has {} MiB left: producers get credit again", mebibytes(freeBytes));
            set(false);
        }
    }

    /** In how much time it should be looked again. Whoever looks. */
    public long nextLookMillis() {
        return !tight && freeBytes < 2 * wantedBytes ? NEAR_MILLIS : CALM_MILLIS;
    }

    /** A tenth more, so that producers do not stop and go with each file that comes and goes. */
    private long enoughBytes() {
        return wantedBytes + wantedBytes / 10;
    }

    private void set(boolean nowTight) {
        tight = nowTight;
        loops.forEach(loop -> loop.post(() -> loop.disk().set(nowTight)));
    }

    private static long mebibytes(long bytes) {
        return bytes >> 20;
    }

    /** What was free when it was looked at last. Any thread. */
    public long freeBytes() {
        return freeBytes;
    }

    /** Below how much producers are held back. Any thread. */
    public long minFreeBytes() {
        return wantedBytes;
    }

    /** Whether producers are held back. Any thread. */
    public boolean tight() {
        return tight;
    }
}

package io.sterna.store;

import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * How much room the disk has for what the worker is about to write, with what may be given up for it. The worker looks
 * before it writes: so it can wait between the reads, not in them. Owned by the worker.
 */
final class DiskRoom {
    private static final Logger log = LoggerFactory.getLogger(DiskRoom.class);

    private final Disk disk;
    private final StoreConfig config;
    private final SegmentPool pool;
    private final Reserve reserve;

    private boolean missed;
    private boolean toldOfWaiting;

    DiskRoom(WorkerParts parts, Reserve reserve) {
        disk = parts.disk();
        config = parts.config();
        pool = parts.pool();
        this.reserve = reserve;
    }

    /** A turn of the worker begins. */
    void onTurn() {
        missed = false;
    }

    /** Something that looked as if it had room turned out to have none. */
    void onMissed() {
        missed = true;
    }

    /** Whether something was put off in this turn: nobody tells when there is room for it. */
    boolean isMissed() {
        return missed;
    }

    boolean has(long bytes) {
        boolean enough = bytes == 0 || disk.usableBytes() >= bytes;
        missed |= !enough;
        return enough;
    }

    /** Whether another segment can be made, and a long record begun if one waits. */
    boolean hasForSegment() {
        return has(pool.roomForAnother());
    }

    /**
     * Whether a segment can be made for a note; that takes the reserve, since nothing sets any room free without it.
     */
    boolean hasForNote() throws IOException {
        return has(config.segmentBytes()) || reserve.release();
    }

    /**
     * Whether a message file may grow by so much for no other reason than to save space. Else it waits until less is to
     * be put there: what fills the disk is of no use.
     */
    boolean hasToSaveSpace(long bytes) throws IOException {
        // A long record may wait for the very room that is given back. So little may take the reserve: it gives back
        // more.
        return has(bytes + pool.roomForSegment()) || (bytes <= reserve.bytes() && (has(bytes) || reserve.release()));
    }

    /** Whether a step of what was begun can be done. */
    boolean hasForStep(long bytes) {
        boolean enough = has(bytes);
        if (enough && toldOfWaiting && bytes > 0) {
            toldOfWaiting = false;
            log.info("The disk of {} has room again; the store goes on.", disk.path(""));
        }
        return enough;
    }

    /**
     * Gives up what is kept for a checkpoint, and what the journal can do without.
     *
     * @return false when there is nothing left of it
     */
    boolean makeForCheckpoint() throws IOException {
        return reserve.release() || pool.deleteSpare();
    }

    /** A checkpoint waits for so much; said once. */
    void onCheckpointWaits(long bytes) {
        if (!toldOfWaiting) {
            toldOfWaiting = true;
            log.error(
                    "The disk of {} has no room for {} KiB. A checkpoint waits for it, and so will all that is to be"
                            + " stored when the journal is full; free space on the disk.",
                    disk.path(""),
                    bytes >> 10);
        }
    }

    /** What a checkpoint may take. */
    long bytesForCheckpoint() {
        return disk.usableBytes() + (reserve.isMade() ? reserve.bytes() : 0);
    }

    /** When nothing else wants room. */
    void maybeMakeReserve() throws IOException {
        if (!reserve.isMade() && has(reserve.bytes() + pool.roomForAnother())) {
            reserve.make();
        }
    }
}

package io.sterna.store;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * A file that is there to be deleted when the disk is full. What it gives back is for checkpoints: they free segments
 * of the journal, so that messages can be settled, and find out what can be left out of a copy. It is made again when
 * there is room.
 *
 * <p>Any thread, but for {@link #make}.
 */
final class Reserve {
    static final String NAME = "reserve";

    private final Disk disk;
    private final long bytes;
    private final AtomicBoolean made = new AtomicBoolean();

    Reserve(Disk disk, long bytes) {
        this.disk = disk;
        this.bytes = bytes;
    }

    /** On opening: takes the one that is there, if a crash has not cut it short. */
    void adopt() throws IOException {
        if (disk.list().contains(NAME)) {
            made.set(true);
            if (disk.size(NAME) != bytes) {
                release();
            }
        }
    }

    boolean isMade() {
        return made.get();
    }

    long bytes() {
        return bytes;
    }

    /** The worker: writes it, durably, unless the disk turns out to have no room. */
    void make() throws IOException {
        disk.giveUpWhenFull(NAME, true);
        try (Disk.File file = disk.open(NAME)) {
            file.writeZeros(0, bytes);
            file.force();
        } catch (NoRoomException e) {
            disk.delete(NAME);
            return;
        }
        made.set(true);
    }

    /** Deletes it; false when it is not there. */
    boolean release() throws IOException {
        if (!made.compareAndSet(true, false)) {
            return false;
        }
        disk.delete(NAME);
        return true;
    }
}

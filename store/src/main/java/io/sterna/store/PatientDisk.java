package io.sterna.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Another disk, on which a write that finds no room takes the reserve, and then waits rather than fail: what it belongs
 * to is late then, and that is all. What was forced can't be lost by that; a force that fails still does, since nobody
 * knows what it has left behind. Files that are to be given up do not wait. Any thread.
 */
final class PatientDisk extends ForwardingDisk {
    private static final Logger log = LoggerFactory.getLogger(PatientDisk.class);
    private static final long RETRY_MILLIS = 200;

    /** A disk that has more than this, and what is to be written, did not fail because it is full. */
    private static final long SLACK_BYTES = 1 << 20;

    private final Reserve reserve;
    private final Set<String> givenUp = ConcurrentHashMap.newKeySet();
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile boolean begun;

    PatientDisk(Disk below, long reserveBytes) {
        super(below);
        this.reserve = new Reserve(this, reserveBytes);
    }

    /** What can be given up first. */
    Reserve reserve() {
        return reserve;
    }

    /** From now on writes wait; before, and so while the store is opened, they fail. */
    void begin() {
        begun = true;
    }

    /** Writes fail again, those too that wait: somebody waits for the store to end. */
    void end() {
        ended.countDown();
    }

    /** Whether so little is left that a write of so many bytes may have failed for it. */
    boolean isFull(long moreBytes) {
        return usableBytes() < moreBytes + SLACK_BYTES;
    }

    /**
     * Returns when it is worth to try again what has failed, as long as that takes.
     *
     * @param hadRoom whether there was room at once when it failed before
     * @return whether there is room at once
     * @throws IOException {@code full} when it is not to wait, or that was not the reason
     */
    private boolean await(String name, long moreBytes, IOException full, boolean hadRoom) throws IOException {
        boolean hasRoom = !isFull(moreBytes);
        if (!begun || (hasRoom && hadRoom)) {
            throw full;
        }
        if (hasRoom) {
            // It may have got free since the write has failed: something else was deleted.
            return true;
        }
        if (givenUp.contains(name)) {
            throw new NoRoomException(path(name), full);
        }
        if (!reserve.release()) {
            awaitRoom(name, moreBytes, full);
        }
        return false;
    }

    private void awaitRoom(String name, long moreBytes, IOException full) throws IOException {
        if (ended.getCount() == 0) {
            throw full;
        }
        log.error(
                "{} has no room for {} bytes ({}). The store waits for it, and with it all that has to be stored or"
                        + " read; free space on the disk.",
                path(name),
                moreBytes,
                full.getMessage());
        try {
            while (isFull(moreBytes)) {
                if (ended.await(RETRY_MILLIS, TimeUnit.MILLISECONDS)) {
                    throw full;
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw full;
        }
        log.info("{} has room again; the store goes on.", path(name));
    }

    @Override
    public Disk.File open(String name) throws IOException {
        boolean hadRoom = false;
        while (true) {
            try {
                return new PatientFile(name, super.open(name));
            } catch (IOException e) {
                hadRoom = await(name, 0, e, hadRoom);
            }
        }
    }

    @Override
    public void giveUpWhenFull(String name, boolean giveUp) {
        if (giveUp) {
            givenUp.add(name);
        } else {
            givenUp.remove(name);
        }
    }

    private final class PatientFile extends ForwardingFile {
        private final String name;

        PatientFile(String name, Disk.File below) {
            super(below);
            this.name = name;
        }

        /** A part may have been written when there was no more room. */
        @Override
        public void write(ByteBuffer source, long position) throws IOException {
            int start = source.position();
            boolean hadRoom = false;
            while (true) {
                try {
                    super.write(source, position + source.position() - start);
                    return;
                } catch (IOException e) {
                    hadRoom = await(name, source.remaining(), e, hadRoom);
                }
            }
        }

        @Override
        public void force() throws IOException {
            try {
                super.force();
            } catch (IOException e) {
                if (begun && givenUp.contains(name) && isFull(0)) {
                    throw new NoRoomException(path(name), e);
                }
                throw e;
            }
        }
    }
}

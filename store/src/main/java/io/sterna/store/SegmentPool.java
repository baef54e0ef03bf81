package io.sterna.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/**
 * The journal's files that are not in use. The worker puts them in, the journal thread takes them out. Files of the
 * usual size are filled with zeros beforehand, so that forcing a record never has to force the file's length or layout.
 */
final class SegmentPool {
    static final String SUFFIX = ".seg";
    static final String OVERSIZED_SUFFIX = ".big";
    private static final String UNFINISHED_SUFFIX = ".new";
    private static final int FILL_BYTES = 1 << 20;

    private final Disk disk;
    private final StoreConfig config;

    // Journal thread takes, worker puts
    private final Queue<SegmentFile> free = new ConcurrentLinkedQueue<>();
    private final AtomicLong oversizedBytes = new AtomicLong();
    private final AtomicInteger oversizedFiles = new AtomicInteger();

    // Any thread
    private final AtomicLong fileBytes = new AtomicLong();

    // Worker
    private int files;
    private int nextName;

    SegmentPool(Disk disk, StoreConfig config) {
        this.disk = disk;
        this.config = config;
    }

    static boolean isJournal(String name) {
        return name.startsWith("journal-") && (name.endsWith(SUFFIX) || name.endsWith(OVERSIZED_SUFFIX));
    }

    static boolean isUnfinished(String name) {
        return name.startsWith("journal-") && name.endsWith(UNFINISHED_SUFFIX);
    }

    /** Counts a file that was found in use on opening. */
    void adopt(SegmentFile file) {
        fileBytes.addAndGet(file.bytes());
        if (file.oversized()) {
            oversizedBytes.addAndGet(file.bytes());
            oversizedFiles.incrementAndGet();
        } else {
            files++;
            nextName = Math.max(
                    nextName,
                    Integer.parseInt(file.name().substring(8, file.name().length() - 4)) + 1);
        }
    }

    /** Journal thread: the next file, empty when there is none. */
    Optional<SegmentFile> poll() {
        return Optional.ofNullable(free.poll());
    }

    /** Journal thread: makes a file for one long record, empty when long records have used up the journal's limit. */
    Optional<SegmentFile> pollOversized(int segmentNumber, long recordBytes) throws IOException {
        long bytes = JournalSegment.HEADER_BYTES + recordBytes + JournalSegment.NOTE_RESERVE_BYTES;
        long limit = (long) config.segmentBytes() * config.maxSegments();
        // The one written last can't be freed before there is another, so a second one is always allowed.
        if (oversizedFiles.get() > 1 && oversizedBytes.get() + bytes > limit) {
            return Optional.empty();
        }
        String name = "journal-%08d%s".formatted(segmentNumber, OVERSIZED_SUFFIX);
        SegmentFile file = new SegmentFile(name, disk.open(name), bytes, true);
        disk.forceDirectory();
        fileBytes.addAndGet(bytes);
        oversizedBytes.addAndGet(bytes);
        oversizedFiles.incrementAndGet();
        return Optional.of(file);
    }

    /** Worker: makes another file when there is none free and the limit allows it. */
    void maybeAllocate() throws IOException {
        if (free.isEmpty() && files < config.maxSegments()) {
            free.add(allocate());
        }
    }

    /**
     * Worker, and on opening: a file beyond the limit if need be, because a note has to be written before anything can be
     * freed. It is deleted when it is released.
     */
    void allocateForNote() throws IOException {
        if (free.isEmpty()) {
            free.add(allocate());
        }
    }

    /** Worker: whether the next segment is the last, or has yet to be made. */
    boolean isLow() {
        return free.isEmpty() && files < config.maxSegments();
    }

    /** Worker: whether the journal thread will have to wait for a checkpoint. */
    boolean isExhausted() {
        return free.isEmpty() && files >= config.maxSegments();
    }

    /** Worker: takes back a file whose records are no longer needed. */
    void release(SegmentFile file) throws IOException {
        if (!file.oversized() && file.bytes() == config.segmentBytes() && files <= config.maxSegments()) {
            free.add(file);
            return;
        }
        file.file().close();
        disk.delete(file.name());
        fileBytes.addAndGet(-file.bytes());
        if (file.oversized()) {
            oversizedBytes.addAndGet(-file.bytes());
            oversizedFiles.decrementAndGet();
        } else {
            files--;
        }
    }

    /** Size of all journal files. */
    long fileBytes() {
        return fileBytes.get();
    }

    /** After the threads have ended. */
    void closeFree() throws IOException {
        for (SegmentFile file : free) {
            file.file().close();
        }
    }

    private SegmentFile allocate() throws IOException {
        String base = "journal-%04d".formatted(nextName++);
        Disk.File file = disk.open(base + UNFINISHED_SUFFIX);
        ByteBuffer zeros = ByteBuffer.allocate(Math.min(FILL_BYTES, config.segmentBytes()));
        for (long at = 0; at < config.segmentBytes(); at += zeros.capacity()) {
            zeros.clear().limit((int) Math.min(zeros.capacity(), config.segmentBytes() - at));
            file.write(zeros, at);
        }
        file.force();
        disk.rename(base + UNFINISHED_SUFFIX, base + SUFFIX);
        disk.forceDirectory();
        files++;
        fileBytes.addAndGet(config.segmentBytes());
        return new SegmentFile(base + SUFFIX, file, config.segmentBytes(), false);
    }
}

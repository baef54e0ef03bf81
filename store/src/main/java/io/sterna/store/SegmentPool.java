package io.sterna.store;

import java.io.IOException;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The journal's files that are not in use. The worker puts them in, the journal thread takes them out. Files of the
 * usual size are filled with zeros beforehand, so that forcing a record never has to force the file's length or layout.
 */
final class SegmentPool {
    static final String SUFFIX = ".seg";
    static final String OVERSIZED_SUFFIX = ".big";
    private static final String UNFINISHED_SUFFIX = ".new";
    private static final String PREFIX = "journal-";
    private static final Pattern JOURNAL = Pattern.compile(PREFIX + "(\\d{1,18})\\.(seg|big)");
    private static final Pattern UNFINISHED = Pattern.compile(PREFIX + "\\d{1,18}\\.new");

    private final Disk disk;
    private final StoreConfig config;

    // Journal thread takes, worker puts
    private final Queue<SegmentFile> free = new ConcurrentLinkedQueue<>();
    private final AtomicLong oversizedBytes = new AtomicLong();
    private final AtomicInteger oversizedFiles = new AtomicInteger();
    /** What a long record takes that finds no room on the disk; 0 when there is none. */
    private volatile long refusedBytes;

    // Any thread
    private final AtomicLong fileBytes = new AtomicLong();

    // Worker
    private int files;
    private long nextName;

    SegmentPool(Disk disk, StoreConfig config) {
        this.disk = disk;
        this.config = config;
    }

    static boolean isJournal(String name) {
        return JOURNAL.matcher(name).matches();
    }

    static boolean isUnfinished(String name) {
        return UNFINISHED.matcher(name).matches();
    }

    /** Whether a file was put there by somebody else, though its name begins as the journal's do. */
    static boolean isStray(String name) {
        return name.startsWith(PREFIX) && !isJournal(name) && !isUnfinished(name);
    }

    private static long number(String name) {
        Matcher matcher = JOURNAL.matcher(name);
        if (!matcher.matches()) {
            throw new IllegalArgumentException(name + " is no file of the journal");
        }
        return Long.parseLong(matcher.group(1));
    }

    /** Counts a file that was found in use on opening. */
    void adopt(SegmentFile file) {
        fileBytes.addAndGet(file.bytes());
        if (file.oversized()) {
            oversizedBytes.addAndGet(file.bytes());
            oversizedFiles.incrementAndGet();
        } else {
            files++;
            nextName = Math.max(nextName, number(file.name()) + 1);
        }
    }

    /** Journal thread: the next file, empty when there is none. */
    Optional<SegmentFile> poll() {
        return Optional.ofNullable(free.poll());
    }

    /**
     * Journal thread: makes a file for one long record, empty when long records have used up the journal's limit, or
     * the disk has no room. In the midst of the record it would be too late: what makes room has to be noted in the
     * journal.
     */
    Optional<SegmentFile> pollOversized(int segmentNumber, long recordBytes) throws IOException {
        long bytes = JournalSegment.HEADER_BYTES + recordBytes + JournalSegment.NOTE_RESERVE_BYTES;
        long limit = (long) config.segmentBytes() * config.maxSegments();
        // The one written last can't be freed before there is another, so a second one is always allowed.
        boolean allowed = oversizedFiles.get() <= 1 || oversizedBytes.get() + bytes <= limit;
        refusedBytes = allowed && disk.usableBytes() < bytes ? bytes : 0;
        if (!allowed || refusedBytes > 0) {
            return Optional.empty();
        }
        String name = PREFIX + "%08d%s".formatted(segmentNumber, OVERSIZED_SUFFIX);
        SegmentFile file = new SegmentFile(name, disk.open(name), bytes, true);
        disk.forceDirectory();
        fileBytes.addAndGet(bytes);
        oversizedBytes.addAndGet(bytes);
        oversizedFiles.incrementAndGet();
        return Optional.of(file);
    }

    /** Worker: how much room has to be on the disk before another file is made, for a long record too if one waits. */
    long roomForAnother() {
        return Math.max(roomForSegment(), refusedBytes);
    }

    /** As {@link #roomForAnother}, but for files of the usual size only. */
    long roomForSegment() {
        // As much again for what a checkpoint writes, so that the journal is not what fills the disk.
        return 2L * config.segmentBytes();
    }

    /** Worker: whether a long record waits for room on the disk. */
    boolean hasRefused() {
        return refusedBytes > 0;
    }

    /** Worker: whether none is free. */
    boolean hasNone() {
        return free.isEmpty();
    }

    /** Worker: whether none is free, and another may be made. */
    boolean isLow() {
        return free.isEmpty() && files < config.maxSegments();
    }

    /** Worker: whether the journal thread will have to wait for a checkpoint. */
    boolean isExhausted() {
        return free.isEmpty() && files >= config.maxSegments();
    }

    /** Worker: deletes what is free but for one file; false when there is nothing to delete. */
    boolean deleteSpare() throws IOException {
        boolean deleted = false;
        while (free.size() > 1) {
            SegmentFile spare = free.poll();
            if (spare == null) {
                return deleted;
            }
            delete(spare);
            deleted = true;
        }
        return deleted;
    }

    /** Worker: takes back a file whose records are no longer needed. */
    void release(SegmentFile file) throws IOException {
        if (!file.oversized() && file.bytes() == config.segmentBytes() && files <= config.maxSegments()) {
            free.add(file);
        } else {
            delete(file);
        }
    }

    private void delete(SegmentFile file) throws IOException {
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

    /**
     * Worker, and on opening: makes another file, beyond the limit if need be, because a note has to be written before
     * anything can be freed, or damaged files be left. Whichever is released first beyond the limit is deleted. It is
     * given up when the disk is full: journal and checkpoints need the room.
     *
     * @return false when the disk turns out to have no room
     */
    boolean allocate() throws IOException {
        String base = PREFIX + "%04d".formatted(nextName);
        String unfinished = base + UNFINISHED_SUFFIX;
        disk.giveUpWhenFull(unfinished, true);
        Disk.File file;
        try {
            file = newFile(unfinished);
        } catch (NoRoomException e) {
            disk.delete(unfinished);
            return false;
        } finally {
            disk.giveUpWhenFull(unfinished, false);
        }
        disk.rename(unfinished, base + SUFFIX);
        disk.forceDirectory();
        nextName++;
        files++;
        fileBytes.addAndGet(config.segmentBytes());
        free.add(new SegmentFile(base + SUFFIX, file, config.segmentBytes(), false));
        return true;
    }

    private Disk.File newFile(String name) throws IOException {
        Disk.File file = disk.open(name);
        try {
            file.writeZeros(0, config.segmentBytes());
            file.force();
            return file;
        } catch (IOException e) {
            file.close();
            throw e;
        }
    }
}

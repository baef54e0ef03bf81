package io.sterna.store;

import java.io.IOException;
import java.util.EnumSet;
import java.util.NavigableMap;
import java.util.Set;

/**
 * The journal's segments as the worker sees them: those that hold something needed, oldest first, and what the journal
 * waits for another one for. Owned by the worker.
 */
final class JournalSpace {
    private final StoreConfig config;
    private final StoreState state;
    private final SegmentPool pool;
    private final DiskRoom room;
    private final NavigableMap<Integer, JournalSegment> segments;
    private final Set<SegmentNeed> needs = EnumSet.noneOf(SegmentNeed.class);

    JournalSpace(WorkerParts parts, DiskRoom room) {
        config = parts.config();
        state = parts.state();
        pool = parts.pool();
        segments = parts.segments();
        this.room = room;
    }

    /** The journal goes on in a segment. */
    void onOpened(JournalSegment segment) {
        segments.put(segment.number(), segment);
        needs.clear();
    }

    /** The journal waits. */
    void onNeeded(SegmentNeed need) {
        needs.add(need);
    }

    /** Whether the journal waits for a segment. */
    boolean isNeeded() {
        return !needs.isEmpty();
    }

    /** Whether the journal waits for a segment for a note, so that no checkpoint can end. */
    boolean isNeededForNote() {
        return needs.contains(SegmentNeed.NOTE);
    }

    /**
     * Makes the segment that the journal waits for, or the next one beforehand, as far as the limit and the disk allow.
     *
     * @return whether the journal has to look again
     */
    boolean maybeAllocate() throws IOException {
        if (isNeededForNote()) {
            return pool.hasNone() && room.hasForNote() && allocate();
        }
        if ((needs.isEmpty() && !pool.isLow()) || !room.hasForSegment()) {
            return false;
        }
        // It makes that of a long record itself.
        boolean longRecordFits = pool.hasRefused();
        return (pool.isLow() && allocate()) || longRecordFits;
    }

    private boolean allocate() throws IOException {
        boolean allocated = pool.allocate();
        if (!allocated) {
            room.onMissed();
        }
        return allocated;
    }

    /** Whether the journal waits for what only a checkpoint can free. */
    boolean mustBeFreed() {
        return segments.size() > 1
                && (needs.contains(SegmentNeed.LONG_RECORD)
                        || (isNeeded() && (pool.isExhausted() || (pool.isLow() && !room.hasForSegment()))));
    }

    /** The last segment alone, however long, can't be set free. */
    boolean isHalfFull() {
        long bytes = 0;
        for (JournalSegment segment : segments.values()) {
            bytes += segment.file().bytes();
        }
        return segments.size() > 1 && bytes * 2 >= (long) config.segmentBytes() * config.maxSegments();
    }

    /** How many segments are in use. */
    int count() {
        return segments.size();
    }

    /**
     * How many of the oldest segments the disk lets be freed at once: all but the last, or when there is no room for
     * another one as many as have little that has to be moved, and one at least.
     */
    int countToFree() {
        if (room.hasForSegment()) {
            return segments.size() - 1;
        }
        long bytes = room.bytesForCheckpoint();
        int count = 1;
        for (int segment :
                segments.tailMap(segments.higherKey(segments.firstKey()), false).keySet()) {
            if (config.roomToMove(liveBytesBefore(segment)) > bytes) {
                break;
            }
            count++;
        }
        return count;
    }

    /** How many bytes of messages would have to be moved to free all segments but the last. */
    long bytesToMove() {
        return liveBytesBefore(segments.lastKey());
    }

    private long liveBytesBefore(int segment) {
        return state.bytesBefore(Location.of(segment, 0));
    }

    /** The first segment that is left when so many of the oldest are freed. */
    JournalSegment firstAfter(int count) {
        return segments.values().stream().skip(count).findFirst().orElseThrow();
    }

    /** Frees the segments that hold nothing from a record on. */
    void free(long replayFrom) throws IOException {
        // The segment of the first record that is needed stays, and so does the one that the note is in: the last.
        while (segments.size() > 1
                && segments.higherEntry(segments.firstKey()).getValue().firstRecord() <= replayFrom) {
            pool.release(segments.pollFirstEntry().getValue().file());
        }
    }

    /** Deletes the files that the journal can do without. */
    void deleteSpare() throws IOException {
        pool.deleteSpare();
    }
}

package io.sterna.store;

import io.sterna.store.RecordCodec.RecordHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Replays the journal on opening, from the first record that MVStore may lack to the last good one.
 *
 * <p>An unreadable record is a torn tail when nothing shows that it was ever forced: then the journal ends before it, and
 * what lies behind it is wiped, so that it can't come back to life behind later records. It is damage when a record
 * behind it was written after it had been forced: then its segment is copied aside, and the replay goes on behind it.
 */
final class JournalWalk {
    private final Disk disk;
    private final SegmentScanner scanner;
    private final OperationSink sink;
    private final List<StoreException> damages = new ArrayList<>();
    private long expected;

    JournalWalk(Disk disk, SegmentScanner scanner, OperationSink sink) {
        this.disk = disk;
        this.scanner = scanner;
        this.sink = sink;
    }

    /** Damages that the replay met. */
    List<StoreException> damages() {
        return damages;
    }

    /**
     * Replays.
     *
     * @param segments those to replay, by rising number, at least one
     * @param replayFrom number of the first record to be told to the sink
     */
    JournalEnd replay(List<JournalSegment> segments, long replayFrom) throws IOException {
        JournalSegment first = segments.get(0);
        expected = first.firstRecord();
        if (expected > replayFrom) {
            damage(first, replayFrom, expected);
        }
        long end = JournalSegment.HEADER_BYTES;
        for (int i = 0; i < segments.size(); i++) {
            JournalSegment segment = segments.get(i);
            if (segment.firstRecord() > expected) {
                damage(segment, expected, segment.firstRecord());
                expected = segment.firstRecord();
            }
            boolean last = i == segments.size() - 1;
            end = replay(segment, replayFrom, last);
            if (last) {
                wipe(segment, end);
            }
        }
        return new JournalEnd(segments.get(segments.size() - 1), end, expected - 1);
    }

    private long replay(JournalSegment segment, long replayFrom, boolean last) throws IOException {
        ByteBuffer bytes = scanner.load(segment.file());
        int at = JournalSegment.HEADER_BYTES;
        while (true) {
            Optional<RecordHeader> header = RecordCodec.check(bytes, at, bytes.limit(), segment.number());
            if (header.isPresent() && header.get().number() == expected) {
                if (expected >= replayFrom) {
                    RecordCodec.read(bytes, at, Location.of(segment.number(), at), sink);
                }
                expected++;
                at += (int) RecordCodec.aligned(header.get().length());
                continue;
            }
            // The expected one may be there all the same: behind a copy of others, or where the first were lost with
            // the header.
            Optional<Integer> next = scanner.lowestGood(bytes, at, segment.number(), expected);
            // A later segment is begun only when everything before it is forced, so only the last one has a torn tail.
            if (next.isEmpty() || (last && !isForcedLater(bytes, next.get(), segment.number()))) {
                return at;
            }
            long found = bytes.getLong(next.get() + 8);
            damage(segment, expected, found);
            expected = found;
            at = next.get();
        }
    }

    /** Whether a good record from {@code from} on was written when the expected one had been forced. */
    private boolean isForcedLater(ByteBuffer bytes, int from, int segmentNumber) {
        Optional<Integer> next = Optional.of(from);
        while (next.isPresent()) {
            RecordHeader header = RecordCodec.check(bytes, next.get(), bytes.limit(), segmentNumber)
                    .orElseThrow();
            if (header.forced() >= expected) {
                return true;
            }
            int end = next.get() + (int) RecordCodec.aligned(header.length());
            next = scanner.nextGood(bytes, end, segmentNumber, header.number() + 1);
        }
        return false;
    }

    /** The records in front of {@code to} can't be read; none is lost when it is {@code from}. */
    private void damage(JournalSegment segment, long from, long to) throws IOException {
        String copy =
                Quarantine.copy(disk, segment.file().name(), segment.file().file(), "segment-" + segment.number());
        damages.add(new StoreException("The journal file "
                + disk.path(segment.file().name())
                + " is damaged"
                + (from == to ? " before record " + to : ": records " + from + " to " + (to - 1) + " are unreadable")
                + ". What else it holds is kept; a copy of the file is in " + copy + "."));
    }

    /** Also makes durable what was read: after a crash of the process alone it may be in the system's memory only. */
    private static void wipe(JournalSegment segment, long from) throws IOException {
        long size = segment.file().file().size();
        segment.file().file().writeZeros(from, size);
        segment.file().file().force();
    }
}

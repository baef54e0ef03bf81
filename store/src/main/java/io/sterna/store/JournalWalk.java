package io.sterna.store;

import io.sterna.store.RecordCodec.RecordHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

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
    private long replayFrom;
    private long expected;
    /** Whether a damage in front of the expected record was reported. */
    private boolean told;

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
     * @param from number of the first record to be told to the sink
     */
    JournalEnd replay(List<JournalSegment> segments, long from) throws IOException {
        replayFrom = from;
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
            end = replay(segment, last);
            if (last) {
                wipe(segment, end);
            }
        }
        return new JournalEnd(segments.get(segments.size() - 1), end, expected - 1);
    }

    private long replay(JournalSegment segment, boolean last) throws IOException {
        ByteBuffer bytes = scanner.load(segment.file());
        int at = JournalSegment.HEADER_BYTES;
        Optional<RecordHeader> header = RecordCodec.check(bytes, at, bytes.limit(), segment.number());
        while (header.isPresent() && header.get().number() == expected) {
            replayRecord(bytes, at, segment.number());
            at += (int) RecordCodec.aligned(header.get().length());
            header = RecordCodec.check(bytes, at, bytes.limit(), segment.number());
        }
        return replayRest(segment, bytes, at, last);
    }

    /** The expected one. */
    private void replayRecord(ByteBuffer bytes, int at, int segmentNumber) {
        if (expected >= replayFrom) {
            RecordCodec.read(bytes, at, Location.of(segmentNumber, at), sink);
        }
        expected++;
        told = false;
    }

    /** Good records that the replay still lacks, by number, with their places: they need not stand in order. */
    private NavigableMap<Long, Integer> recordsBehind(ByteBuffer bytes, int from, int segmentNumber) {
        NavigableMap<Long, Integer> places = new TreeMap<>();
        Optional<Integer> next = scanner.nextGood(bytes, from, segmentNumber, expected);
        while (next.isPresent()) {
            int at = next.get();
            places.putIfAbsent(bytes.getLong(at + 8), at);
            int end = at + (int) RecordCodec.aligned(bytes.getInt(at));
            next = scanner.nextGood(bytes, end, segmentNumber, expected);
        }
        return places;
    }

    /**
     * Replays what is left of a segment in the order of the numbers: what was written to a wrong place may stand behind
     * later records, or before earlier ones.
     */
    private long replayRest(JournalSegment segment, ByteBuffer bytes, int from, boolean last) throws IOException {
        NavigableMap<Long, Integer> rest = recordsBehind(bytes, from, segment.number());
        long end = from;
        for (Map.Entry<Long, Integer> record : rest.entrySet()) {
            long number = record.getKey();
            int at = record.getValue();
            // A later segment is begun only when everything before it is forced, so only the last one has a torn tail.
            if (last
                    && number > expected
                    && !isForcedLater(bytes, rest.tailMap(number).values())) {
                wipeBefore(end, segment, bytes, rest.tailMap(number).values());
                return end;
            }
            boolean first = end == from;
            if (number > expected || (first && !told)) {
                damage(segment, expected, number);
            }
            expected = number;
            replayRecord(bytes, at, segment.number());
            end = Math.max(end, at + RecordCodec.aligned(bytes.getInt(at)));
        }
        return end;
    }

    /** Whether one of these was written when the expected one had been forced. */
    private boolean isForcedLater(ByteBuffer bytes, Collection<Integer> places) {
        return places.stream().anyMatch(at -> bytes.getLong(at + 16) >= expected);
    }

    /** Records from {@code from} on can't be read, but {@code to} can, maybe in another place; none is lost if they are one. */
    private void damage(JournalSegment segment, long from, long to) throws IOException {
        told = true;
        String copy =
                Quarantine.copy(disk, segment.file().name(), segment.file().file(), "segment-" + segment.number());
        damages.add(new StoreException("The journal file "
                + disk.path(segment.file().name())
                + " is damaged"
                + (from == to ? " before record " + to : ": records " + from + " to " + (to - 1) + " are unreadable")
                + ". What else it holds is kept; a copy of the file is in " + copy + "."));
    }

    /** Records with higher numbers than a torn one, which the next start must not take for good ones. */
    private static void wipeBefore(long end, JournalSegment segment, ByteBuffer bytes, Collection<Integer> places)
            throws IOException {
        for (int at : places) {
            if (at < end) {
                segment.file().file().writeZeros(at, at + RecordCodec.aligned(bytes.getInt(at)));
            }
        }
    }

    /** Also makes durable what was read: after a crash of the process alone it may be in the system's memory only. */
    private static void wipe(JournalSegment segment, long from) throws IOException {
        long size = segment.file().file().size();
        segment.file().file().writeZeros(from, size);
        segment.file().file().force();
    }
}

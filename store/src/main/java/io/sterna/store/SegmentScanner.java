package io.sterna.store;

import io.sterna.store.RecordCodec.RecordHeader;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/** Finds records in a segment, good ones and good ones behind bad ones. Holds one segment in memory. Recovery only. */
final class SegmentScanner {
    private ByteBuffer bytes = ByteBuffer.allocateDirect(1 << 20);

    /** Reads the whole segment. */
    ByteBuffer load(SegmentFile file) throws IOException {
        int size = Math.toIntExact(file.file().size());
        if (bytes.capacity() < size) {
            bytes = ByteBuffer.allocateDirect(size);
        }
        bytes.clear().limit(size);
        file.file().read(bytes, 0);
        return bytes.flip();
    }

    /** The first good record at or after {@code from} with at least this number. */
    Optional<Integer> nextGood(ByteBuffer segment, int from, int segmentNumber, long atLeast) {
        for (int at = from; at <= segment.limit() - RecordCodec.MIN_BYTES; at += RecordCodec.ALIGNMENT) {
            // The segment number is looked at first: it sorts out nearly everything without a CRC.
            if (segment.getInt(at + Integer.BYTES) == segmentNumber && segment.getLong(at + 8) >= atLeast) {
                if (RecordCodec.check(segment, at, segment.limit(), segmentNumber)
                        .isPresent()) {
                    return Optional.of(at);
                }
            }
        }
        return Optional.empty();
    }

    /** The last note among the records of a segment, good ones behind bad ones included. */
    Optional<FoundNote> lastNote(JournalSegment segment) throws IOException {
        ByteBuffer loaded = load(segment.file());
        Optional<FoundNote> last = Optional.empty();
        Optional<Integer> next = nextGood(loaded, JournalSegment.HEADER_BYTES, segment.number(), 0);
        while (next.isPresent()) {
            int at = next.get();
            RecordHeader header = RecordCodec.check(loaded, at, loaded.limit(), segment.number())
                    .orElseThrow();
            Optional<CheckpointNote> note = RecordCodec.note(loaded, at);
            if (note.isPresent()) {
                last = Optional.of(new FoundNote(note.get(), header.number()));
            }
            int end = at + (int) RecordCodec.aligned(header.length());
            next = nextGood(loaded, end, segment.number(), header.number() + 1);
        }
        return last;
    }

    /** Tells from the records which use of the file they belong to: the latest. */
    Optional<JournalSegment> guess(SegmentFile file) throws IOException {
        ByteBuffer loaded = load(file);
        Optional<JournalSegment> latest = Optional.empty();
        int at = JournalSegment.HEADER_BYTES;
        while (at <= loaded.limit() - RecordCodec.MIN_BYTES) {
            int number = loaded.getInt(at + Integer.BYTES);
            Optional<RecordHeader> header =
                    number <= 0 ? Optional.empty() : RecordCodec.check(loaded, at, loaded.limit(), number);
            if (header.isPresent()) {
                JournalSegment found =
                        new JournalSegment(file, number, header.get().number());
                if (latest.isEmpty() || isBetter(found, latest.get())) {
                    latest = Optional.of(found);
                }
            }
            at += header.map(found -> (int) RecordCodec.aligned(found.length())).orElse(RecordCodec.ALIGNMENT);
        }
        return latest;
    }

    private static boolean isBetter(JournalSegment found, JournalSegment before) {
        return found.number() > before.number()
                || (found.number() == before.number() && found.firstRecord() < before.firstRecord());
    }

    /** A note and the number of its record. */
    record FoundNote(CheckpointNote note, long record) {}
}

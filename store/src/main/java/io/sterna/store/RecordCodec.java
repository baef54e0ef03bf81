package io.sterna.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.zip.CRC32C;

/**
 * Records of the journal, big-endian, each at a multiple of eight bytes:
 *
 * <pre>
 *  0        4         8         16        24          28      36      44          length-4
 *  +--------+---------+---------+---------+-----------+-------+-------+-----------+--------+---------+
 *  | length | segment | number  | forced  | partition | epoch | index | operation | crc32c | 0 to 7  |
 *  | int    | int     | long    | long    | int       | long  | long  |           | int    | zeros   |
 *  +--------+---------+---------+---------+-----------+-------+-------+-----------+--------+---------+
 *  segment  the segment's number: a record left over from an earlier use of the file carries another one
 *  number   1, 2, 3, … through the whole journal: a hole is seen
 *  forced   records up to this number were on stable storage when this one was written: if one of them is unreadable
 *           now, the disk has lost it; an unreadable one above may never have been written
 *  crc32c   over [0, length-4)
 *
 *  operation: one of {@link OperationTag}, or
 *  9 checkpoint note | file int | file bytes long          partition is -1, epoch the synced MVStore version, index the
 *                                                          number of the first record that the version may lack
 * </pre>
 */
final class RecordCodec {
    static final int ALIGNMENT = 8;
    static final int HEADER_BYTES = 44;
    static final int NOTE_BYTES = HEADER_BYTES + 1 + Integer.BYTES + Long.BYTES + Integer.BYTES;
    /** The shortest record. */
    static final int MIN_BYTES = HEADER_BYTES + 1 + Integer.BYTES;

    private static final int NOTE_PARTITION = -1;

    private RecordCodec() {}

    static long aligned(long bytes) {
        return (bytes + ALIGNMENT - 1) & -ALIGNMENT;
    }

    /** Length of the record, without the zeros after it. */
    static long bytes(LogRecord record) {
        return HEADER_BYTES + OperationWriter.bytes(record.operation()) + Integer.BYTES;
    }

    /** Writes a record and tells {@code sink} its parts. */
    static void write(
            LogRecord record, int bytes, int segment, long number, long forced, RecordOutput out, OperationSink sink)
            throws IOException {
        OperationWriter writer =
                new OperationWriter(record.partition(), Location.of(segment, out.position()), out, sink);
        out.beginRecord();
        writeHeader(bytes, segment, number, forced, out);
        out.putInt(record.partition());
        out.putLong(record.epoch());
        out.putLong(record.index());
        writer.write(record.operation());
        out.endRecord();
        sink.onRecord(record.partition(), record.epoch(), record.index());
    }

    static void writeNote(CheckpointNote note, int segment, long number, long forced, RecordOutput out)
            throws IOException {
        out.beginRecord();
        writeHeader(NOTE_BYTES, segment, number, forced, out);
        out.putInt(NOTE_PARTITION);
        out.putLong(note.version());
        out.putLong(note.replayFrom());
        out.putByte(OperationTag.NOTE);
        out.putInt(note.fileNumber());
        out.putLong(note.fileBytes());
        out.endRecord();
    }

    private static void writeHeader(int bytes, int segment, long number, long forced, RecordOutput out)
            throws IOException {
        out.putInt(bytes);
        out.putInt(segment);
        out.putLong(number);
        out.putLong(forced);
    }

    /**
     * Looks at a record.
     *
     * @return its header when all of it lies below {@code end}, belongs to {@code segment} and has the right CRC
     */
    static Optional<RecordHeader> check(ByteBuffer bytes, int at, int end, int segment) {
        if (end - at < MIN_BYTES) {
            return Optional.empty();
        }
        int length = bytes.getInt(at);
        if (length < MIN_BYTES || length > end - at || bytes.getInt(at + 4) != segment) {
            return Optional.empty();
        }
        CRC32C crc = new CRC32C();
        crc.update(bytes.duplicate().limit(at + length - Integer.BYTES).position(at));
        if (bytes.getInt(at + length - Integer.BYTES) != (int) crc.getValue()) {
            return Optional.empty();
        }
        return Optional.of(new RecordHeader(length, bytes.getLong(at + 8), bytes.getLong(at + 16)));
    }

    /** The note in a record that was checked, if it is one. */
    static Optional<CheckpointNote> note(ByteBuffer bytes, int at) {
        return bytes.getInt(at + 24) == NOTE_PARTITION
                ? Optional.of(new CheckpointNote(
                        bytes.getInt(at + 45), bytes.getLong(at + 28), bytes.getLong(at + 49), bytes.getLong(at + 36)))
                : Optional.empty();
    }

    /** Tells {@code sink} the parts of a record that was checked. */
    static void read(ByteBuffer bytes, int at, long location, OperationSink sink) {
        int partition = bytes.getInt(at + 24);
        if (partition == NOTE_PARTITION) {
            return;
        }
        ByteBuffer body = bytes.duplicate().position(at + HEADER_BYTES);
        new OperationReader(body).readAll(partition, location, sink);
        sink.onRecord(partition, bytes.getLong(at + 28), bytes.getLong(at + 36));
    }

    /** Copies a message out of a record that was checked. */
    static Optional<JournalMessage> message(ByteBuffer bytes, int at, long sequence) {
        ByteBuffer body = bytes.duplicate().position(at + HEADER_BYTES);
        return new OperationReader(body).find(sequence);
    }

    /** What a record says about itself. */
    record RecordHeader(int length, long number, long forced) {}
}

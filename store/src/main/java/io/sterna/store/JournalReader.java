package io.sterna.store;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;

/**
 * Reads messages back out of the journal. Keeps the record that it read last, because the messages of one atomic record
 * are asked for one after the other. Owned by the worker.
 */
final class JournalReader {
    /** About what surrounds a lone message in its record. */
    private static final int LONE_MESSAGE_BYTES = RecordCodec.HEADER_BYTES + 64 + Integer.BYTES;

    private static final int KEPT_BYTES = 1 << 20;

    private ByteBuffer record = ByteBuffer.allocate(64 << 10);
    private long recordLocation = -1;

    /**
     * Reads a message.
     *
     * @param sizeBytes the message's size
     * @return empty when the record is damaged or does not hold the message
     */
    Optional<JournalMessage> read(JournalSegment segment, long location, long sequence, int sizeBytes)
            throws IOException {
        if (location != recordLocation && !load(segment, location, LONE_MESSAGE_BYTES + sizeBytes)) {
            return Optional.empty();
        }
        Optional<JournalMessage> message = RecordCodec.message(record, 0, sequence);
        if (record.capacity() > KEPT_BYTES) {
            forget();
        }
        return message;
    }

    /** The segment of the kept record may be used anew. */
    void forget() {
        recordLocation = -1;
        if (record.capacity() > KEPT_BYTES) {
            record = ByteBuffer.allocate(64 << 10);
        }
    }

    private boolean load(JournalSegment segment, long location, int expectedBytes) throws IOException {
        recordLocation = -1;
        long offset = Location.offset(location);
        fill(segment, offset, 0, expectedBytes);
        int length = record.limit() < Integer.BYTES ? 0 : record.getInt(0);
        if (length > record.limit() && length <= segment.file().bytes() - offset) {
            fill(segment, offset, record.limit(), length);
        }
        if (RecordCodec.check(record, 0, record.limit(), segment.number()).isEmpty()) {
            return false;
        }
        recordLocation = location;
        return true;
    }

    private void fill(JournalSegment segment, long offset, int from, int to) throws IOException {
        if (record.capacity() < to) {
            ByteBuffer larger = ByteBuffer.allocate(to);
            larger.put(record.position(0).limit(from));
            record = larger;
        }
        record.limit(to).position(from);
        segment.file().file().read(record, offset + from);
        record.flip();
    }
}

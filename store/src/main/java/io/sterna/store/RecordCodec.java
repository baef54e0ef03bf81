package io.sterna.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sterna.store.LogOperation.Acknowledged;
import io.sterna.store.LogOperation.Atomic;
import io.sterna.store.LogOperation.DeliveryUpdated;
import io.sterna.store.LogOperation.Enqueued;
import io.sterna.store.LogOperation.EpochStarted;
import io.sterna.store.LogOperation.NodeCreated;
import io.sterna.store.LogOperation.NodeDeleted;
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
 *  operation:
 *  1 epoch started
 *  2 node created    | node id long | kind int | bytes int | address UTF-8
 *  3 node deleted    | node id long
 *  4 enqueued        | queue id long | sequence long | bytes int | message
 *  5 enqueued again  | queue id long | sequence long                 the message of the enqueue before it, as when a
 *                                                                    topic's message goes to each subscription
 *  6 acknowledged    | queue id long | count int | count × sequence long
 *  7 updated         | queue id long | sequence long | delivery count int | bytes int | annotations
 *  8 atomic          | count int | count × operation
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
    /** Beyond it an array would not hold a record. */
    static final long MAX_RECORD_BYTES = 1L << 30;

    private static final int NOTE_PARTITION = -1;
    private static final int EPOCH_STARTED = 1;
    private static final int NODE_CREATED = 2;
    private static final int NODE_DELETED = 3;
    private static final int ENQUEUED = 4;
    private static final int ENQUEUED_AGAIN = 5;
    private static final int ACKNOWLEDGED = 6;
    private static final int UPDATED = 7;
    private static final int ATOMIC = 8;
    private static final int NOTE = 9;

    private RecordCodec() {}

    static long aligned(long bytes) {
        return (bytes + ALIGNMENT - 1) & -ALIGNMENT;
    }

    /** Length of the record, without the zeros after it. */
    static long bytes(LogRecord record) {
        long bytes = HEADER_BYTES + Integer.BYTES;
        if (record.operation() instanceof Atomic atomic) {
            bytes += 1 + Integer.BYTES;
            byte[] previous = null;
            for (LogOperation part : atomic.operations()) {
                if (part instanceof Enqueued enqueued) {
                    bytes += enqueued.message() == previous ? 17 : 21L + enqueued.message().length;
                    previous = enqueued.message();
                } else {
                    bytes += operationBytes(part);
                }
            }
            return bytes;
        }
        return bytes + operationBytes(record.operation());
    }

    private static long operationBytes(LogOperation operation) {
        if (operation instanceof Enqueued enqueued) {
            return 21L + enqueued.message().length;
        } else if (operation instanceof Acknowledged acknowledged) {
            return 13L + 8L * acknowledged.sequences().length;
        } else if (operation instanceof DeliveryUpdated updated) {
            return 25L + updated.annotations().length;
        } else if (operation instanceof NodeCreated created) {
            return 17L + created.address().getBytes(UTF_8).length;
        } else if (operation instanceof NodeDeleted) {
            return 9;
        } else if (operation instanceof EpochStarted) {
            return 1;
        }
        throw new IllegalArgumentException("an atomic operation within another");
    }

    /** Writes a record and tells {@code sink} its parts. */
    static void write(
            LogRecord record, int bytes, int segment, long number, long forced, RecordOutput out, OperationSink sink)
            throws IOException {
        long location = Location.of(segment, out.position());
        out.beginRecord();
        writeHeader(bytes, segment, number, forced, out);
        out.putInt(record.partition());
        out.putLong(record.epoch());
        out.putLong(record.index());
        if (record.operation() instanceof Atomic atomic) {
            out.putByte(ATOMIC);
            out.putInt(atomic.operations().size());
            byte[] previous = null;
            for (LogOperation part : atomic.operations()) {
                if (part instanceof Enqueued enqueued && enqueued.message() == previous) {
                    out.putByte(ENQUEUED_AGAIN);
                    out.putLong(enqueued.queueId());
                    out.putLong(enqueued.sequence());
                    sink.onEnqueued(
                            record.partition(), enqueued.queueId(), enqueued.sequence(), location, previous.length);
                } else {
                    writeOperation(record.partition(), part, location, out, sink);
                    previous = part instanceof Enqueued enqueued ? enqueued.message() : previous;
                }
            }
        } else {
            writeOperation(record.partition(), record.operation(), location, out, sink);
        }
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
        out.putByte(NOTE);
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

    private static void writeOperation(
            int partition, LogOperation operation, long location, RecordOutput out, OperationSink sink)
            throws IOException {
        if (operation instanceof Enqueued enqueued) {
            out.putByte(ENQUEUED);
            out.putLong(enqueued.queueId());
            out.putLong(enqueued.sequence());
            out.putInt(enqueued.message().length);
            out.putBytes(enqueued.message());
            sink.onEnqueued(partition, enqueued.queueId(), enqueued.sequence(), location, enqueued.message().length);
        } else if (operation instanceof Acknowledged acknowledged) {
            out.putByte(ACKNOWLEDGED);
            out.putLong(acknowledged.queueId());
            out.putInt(acknowledged.sequences().length);
            for (long sequence : acknowledged.sequences()) {
                out.putLong(sequence);
                sink.onAcknowledged(acknowledged.queueId(), sequence);
            }
        } else if (operation instanceof DeliveryUpdated updated) {
            out.putByte(UPDATED);
            out.putLong(updated.queueId());
            out.putLong(updated.sequence());
            out.putInt(updated.deliveryCount());
            out.putInt(updated.annotations().length);
            out.putBytes(updated.annotations());
            sink.onDeliveryUpdated(updated);
        } else if (operation instanceof NodeCreated created) {
            byte[] address = created.address().getBytes(UTF_8);
            out.putByte(NODE_CREATED);
            out.putLong(created.nodeId());
            out.putInt(created.kind());
            out.putInt(address.length);
            out.putBytes(address);
            sink.onNodeCreated(partition, created);
        } else if (operation instanceof NodeDeleted deleted) {
            out.putByte(NODE_DELETED);
            out.putLong(deleted.nodeId());
            sink.onNodeDeleted(deleted.nodeId());
        } else if (operation instanceof EpochStarted) {
            out.putByte(EPOCH_STARTED);
        } else {
            throw new IllegalArgumentException("an atomic operation within another");
        }
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
        if (body.get(body.position()) == ATOMIC) {
            body.get();
            int count = body.getInt();
            int previousBytes = 0;
            for (int i = 0; i < count; i++) {
                previousBytes = readOperation(body, partition, location, previousBytes, sink);
            }
        } else {
            readOperation(body, partition, location, 0, sink);
        }
        sink.onRecord(partition, bytes.getLong(at + 28), bytes.getLong(at + 36));
    }

    private static int readOperation(
            ByteBuffer body, int partition, long location, int previousBytes, OperationSink sink) {
        int size = previousBytes;
        int operation = body.get();
        switch (operation) {
            case ENQUEUED -> {
                long queueId = body.getLong();
                long sequence = body.getLong();
                size = body.getInt();
                body.position(body.position() + size);
                sink.onEnqueued(partition, queueId, sequence, location, size);
            }
            case ENQUEUED_AGAIN -> {
                long queueId = body.getLong();
                sink.onEnqueued(partition, queueId, body.getLong(), location, size);
            }
            case ACKNOWLEDGED -> {
                long queueId = body.getLong();
                for (int count = body.getInt(); count > 0; count--) {
                    sink.onAcknowledged(queueId, body.getLong());
                }
            }
            case UPDATED -> {
                long queueId = body.getLong();
                long sequence = body.getLong();
                int deliveryCount = body.getInt();
                sink.onDeliveryUpdated(new DeliveryUpdated(queueId, sequence, deliveryCount, readBytes(body)));
            }
            case NODE_CREATED -> {
                long nodeId = body.getLong();
                int kind = body.getInt();
                sink.onNodeCreated(partition, new NodeCreated(nodeId, kind, new String(readBytes(body), UTF_8)));
            }
            case NODE_DELETED -> sink.onNodeDeleted(body.getLong());
            default -> {
                if (operation != EPOCH_STARTED) {
                    throw new IllegalStateException("unknown operation " + operation + " in a record with a good CRC");
                }
            }
        }
        return size;
    }

    /** Copies a message out of a record that was checked. */
    static Optional<byte[]> message(ByteBuffer bytes, int at, long queueId, long sequence) {
        ByteBuffer body = bytes.duplicate().position(at + HEADER_BYTES);
        int count = 1;
        if (body.get(body.position()) == ATOMIC) {
            body.get();
            count = body.getInt();
        }
        int messageAt = 0;
        int messageBytes = 0;
        for (int i = 0; i < count; i++) {
            int operation = body.get();
            switch (operation) {
                case ENQUEUED, ENQUEUED_AGAIN -> {
                    long foundQueue = body.getLong();
                    long foundSequence = body.getLong();
                    if (operation == ENQUEUED) {
                        messageBytes = body.getInt();
                        messageAt = body.position();
                        body.position(messageAt + messageBytes);
                    }
                    if (foundQueue == queueId && foundSequence == sequence) {
                        byte[] message = new byte[messageBytes];
                        body.position(messageAt).get(message);
                        return Optional.of(message);
                    }
                }
                case ACKNOWLEDGED -> {
                    body.getLong();
                    int sequences = body.getInt();
                    body.position(body.position() + sequences * Long.BYTES);
                }
                case UPDATED -> skipBytes(body, Long.BYTES + Long.BYTES + Integer.BYTES);
                case NODE_CREATED -> skipBytes(body, Long.BYTES + Integer.BYTES);
                case NODE_DELETED -> body.getLong();
                default -> {}
            }
        }
        return Optional.empty();
    }

    private static byte[] readBytes(ByteBuffer body) {
        byte[] bytes = new byte[body.getInt()];
        body.get(bytes);
        return bytes;
    }

    private static void skipBytes(ByteBuffer body, int before) {
        body.position(body.position() + before);
        int count = body.getInt();
        body.position(body.position() + count);
    }

    /** What a record says about itself. */
    record RecordHeader(int length, long number, long forced) {}
}

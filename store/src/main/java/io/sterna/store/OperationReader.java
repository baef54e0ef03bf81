package io.sterna.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sterna.store.LogOperation.DeliveryUpdated;
import io.sterna.store.LogOperation.NodeChanged;
import io.sterna.store.LogOperation.NodeCreated;
import io.sterna.store.LogOperation.ValuePut;
import io.sterna.store.LogOperation.ValueRemoved;
import io.sterna.store.OperationSink.Arrival;
import java.nio.ByteBuffer;
import java.util.Optional;

/** Reads the operation of one record whose CRC is good, see {@link OperationTag}. Owned by the thread that made it. */
final class OperationReader {
    private final ByteBuffer body;

    /** Reads on from the buffer's position. */
    OperationReader(ByteBuffer body) {
        this.body = body;
    }

    /** Tells {@code sink} all parts. */
    void readAll(int partition, long location, OperationSink sink) {
        for (int left = partCount(); left > 0; left--) {
            read(partition, location, sink);
        }
    }

    /** Looks for a message; no two of a record have the same sequence. */
    Optional<JournalMessage> find(long sequence) {
        for (int left = partCount(); left > 0; left--) {
            int tag = body.get();
            if (tag != OperationTag.ENQUEUED && tag != OperationTag.PUBLISHED) {
                skip(tag);
                continue;
            }
            body.getLong();
            boolean wanted = body.getLong() == sequence;
            byte[] traits = {};
            if (wanted) {
                traits = array();
            } else {
                skipArray();
            }
            if (tag == OperationTag.PUBLISHED) {
                body.getInt();
                skipArray();
            }
            if (wanted) {
                int length = body.getInt();
                return Optional.of(new JournalMessage(traits, body.slice(body.position(), length)));
            }
            skipArray();
        }
        return Optional.empty();
    }

    private int partCount() {
        if (body.get(body.position()) != OperationTag.ATOMIC) {
            return 1;
        }
        body.get();
        return body.getInt();
    }

    private void read(int partition, long location, OperationSink sink) {
        int tag = body.get();
        switch (tag) {
            case OperationTag.ENQUEUED -> {
                long queueId = body.getLong();
                long sequence = body.getLong();
                byte[] traits = array();
                sink.onEnqueued(partition, queueId, sequence, location, skipArray(), traits);
            }
            case OperationTag.PUBLISHED -> {
                long topicId = body.getLong();
                long sequence = body.getLong();
                byte[] traits = array();
                long[] queueIds = queueIds();
                sink.onPublished(partition, new Arrival(topicId, sequence, queueIds, location, skipArray(), traits));
            }
            case OperationTag.ACKNOWLEDGED -> {
                long queueId = body.getLong();
                for (int count = body.getInt(); count > 0; count--) {
                    sink.onAcknowledged(queueId, body.getLong());
                }
            }
            case OperationTag.UPDATED ->
                sink.onDeliveryUpdated(
                        new DeliveryUpdated(body.getLong(), body.getLong(), body.getInt(), array(), array()));
            case OperationTag.VALUE_PUT -> sink.onValuePut(partition, new ValuePut(body.getLong(), array(), array()));
            case OperationTag.VALUE_REMOVED ->
                sink.onValueRemoved(partition, new ValueRemoved(body.getLong(), array()));
            case OperationTag.NODE_CREATED ->
                sink.onNodeCreated(
                        partition, new NodeCreated(body.getLong(), body.getInt(), new String(array(), UTF_8), array()));
            case OperationTag.NODE_CHANGED -> sink.onNodeChanged(new NodeChanged(body.getLong(), array()));
            case OperationTag.NODE_DELETED -> sink.onNodeDeleted(partition, body.getLong());
            case OperationTag.LOG_RESTARTED -> sink.onLogRestarted(partition);
            case OperationTag.PARTITION_REMOVED -> sink.onPartitionRemoved(partition);
            default -> {
                if (tag != OperationTag.EPOCH_STARTED) {
                    throw new IllegalStateException("unknown operation " + tag + " in a record with a good CRC");
                }
            }
        }
    }

    private void skip(int tag) {
        switch (tag) {
            case OperationTag.ACKNOWLEDGED -> {
                body.getLong();
                int sequences = body.getInt();
                body.position(body.position() + sequences * Long.BYTES);
            }
            case OperationTag.UPDATED -> {
                body.position(body.position() + Long.BYTES + Long.BYTES + Integer.BYTES);
                skipArray();
                skipArray();
            }
            case OperationTag.VALUE_PUT -> {
                body.getLong();
                skipArray();
                skipArray();
            }
            case OperationTag.VALUE_REMOVED, OperationTag.NODE_CHANGED -> {
                body.getLong();
                skipArray();
            }
            case OperationTag.NODE_CREATED -> {
                body.position(body.position() + Long.BYTES + Integer.BYTES);
                skipArray();
                skipArray();
            }
            case OperationTag.NODE_DELETED -> body.getLong();
            default -> {}
        }
    }

    private long[] queueIds() {
        long[] queueIds = new long[body.getInt()];
        body.getInt();
        long previous = 0;
        for (int i = 0; i < queueIds.length; i++) {
            previous += Varint.unzigzag(Varint.get(body));
            queueIds[i] = previous;
        }
        return queueIds;
    }

    private byte[] array() {
        byte[] bytes = new byte[body.getInt()];
        body.get(bytes);
        return bytes;
    }

    private int skipArray() {
        int count = body.getInt();
        body.position(body.position() + count);
        return count;
    }
}

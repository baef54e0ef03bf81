package io.sterna.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sterna.store.LogOperation.Acknowledged;
import io.sterna.store.LogOperation.Atomic;
import io.sterna.store.LogOperation.DeliveryUpdated;
import io.sterna.store.LogOperation.Enqueued;
import io.sterna.store.LogOperation.EpochStarted;
import io.sterna.store.LogOperation.NodeChanged;
import io.sterna.store.LogOperation.NodeCreated;
import io.sterna.store.LogOperation.NodeDeleted;
import io.sterna.store.LogOperation.Published;
import io.sterna.store.LogOperation.ValuePut;
import io.sterna.store.LogOperation.ValueRemoved;
import io.sterna.store.OperationSink.Arrival;
import java.nio.BufferUnderflowException;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Reads the operation of one record, see {@link OperationTag}. Owned by the thread that made it. */
final class OperationReader {
    private final ByteBuffer body;

    /** Reads on from the buffer's position. */
    OperationReader(ByteBuffer body) {
        this.body = body;
    }

    /**
     * Makes an operation that comes from another node. What the bytes are is not known yet: counts and lengths are compared
     * with what is left before anything is allocated.
     *
     * @throws IllegalArgumentException when it is none, or one that only the store's own node may write
     * @throws BufferUnderflowException when it is longer than what is left
     */
    LogOperation operation() {
        int tag = body.get();
        if (tag != OperationTag.ATOMIC) {
            return operation(tag);
        }
        List<LogOperation> parts = new ArrayList<>();
        for (int left = count(1); left > 0; left--) {
            parts.add(operation(body.get()));
        }
        return new Atomic(parts);
    }

    private LogOperation operation(int tag) {
        return switch (tag) {
            case OperationTag.EPOCH_STARTED -> new EpochStarted();
            case OperationTag.LOG_RESTARTED, OperationTag.PARTITION_REMOVED ->
                throw new IllegalArgumentException("operation " + tag + ", which is for a node's own log only");
            case OperationTag.NODE_CREATED ->
                new NodeCreated(nodeId(), body.getInt(), address(checkedArray()), checkedArray());
            case OperationTag.NODE_CHANGED -> new NodeChanged(nodeId(), checkedArray());
            case OperationTag.NODE_DELETED -> new NodeDeleted(nodeId());
            case OperationTag.ENQUEUED -> new Enqueued(body.getLong(), body.getLong(), checkedArray(), checkedArray());
            case OperationTag.PUBLISHED -> published();
            case OperationTag.ACKNOWLEDGED -> acknowledged();
            case OperationTag.UPDATED ->
                new DeliveryUpdated(body.getLong(), body.getLong(), body.getInt(), checkedArray(), checkedArray());
            case OperationTag.VALUE_PUT -> new ValuePut(nodeId(), checkedArray(), checkedArray());
            case OperationTag.VALUE_REMOVED -> new ValueRemoved(nodeId(), checkedArray());
            default -> throw new IllegalArgumentException("unknown operation " + tag);
        };
    }

    /** A node, or the partition itself; not the replica, of which no other node says what it keeps. */
    private long nodeId() {
        long nodeId = body.getLong();
        if (nodeId == ValuePut.REPLICA) {
            throw new IllegalArgumentException("an operation on a node's own replica");
        }
        return nodeId;
    }

    private static String address(byte[] utf8) {
        try {
            return UTF_8.newDecoder().decode(ByteBuffer.wrap(utf8)).toString();
        } catch (CharacterCodingException notText) {
            throw new IllegalArgumentException("an address is no UTF-8", notText);
        }
    }

    private Acknowledged acknowledged() {
        long queueId = body.getLong();
        long[] sequences = new long[count(Long.BYTES)];
        for (int i = 0; i < sequences.length; i++) {
            sequences[i] = body.getLong();
        }
        return new Acknowledged(queueId, sequences);
    }

    private Published published() {
        long topicId = body.getLong();
        long sequence = body.getLong();
        byte[] traits = checkedArray();
        int count = body.getInt();
        ByteBuffer ids = ByteBuffer.wrap(checkedArray());
        if (count < 0 || count > ids.remaining()) {
            throw new IllegalArgumentException(count + " queue ids in " + ids.remaining() + " bytes");
        }
        long[] queueIds = queueIds(count, ids);
        if (ids.hasRemaining()) {
            throw new IllegalArgumentException(ids.remaining() + " bytes behind the last of " + count + " queue ids");
        }
        return new Published(topicId, sequence, queueIds, traits, checkedArray());
    }

    /** A count of things that take at least so many bytes each. */
    private int count(int leastBytes) {
        int count = body.getInt();
        if (count < 0 || count > body.remaining() / leastBytes) {
            throw new IllegalArgumentException("a count of " + count + ", with " + body.remaining() + " bytes left");
        }
        return count;
    }

    private byte[] checkedArray() {
        byte[] bytes = new byte[count(1)];
        body.get(bytes);
        return bytes;
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
                int count = body.getInt();
                body.getInt();
                long[] queueIds = queueIds(count, body);
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

    private static long[] queueIds(int count, ByteBuffer from) {
        long[] queueIds = new long[count];
        long previous = 0;
        for (int i = 0; i < queueIds.length; i++) {
            previous += Varint.unzigzag(Varint.get(from));
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

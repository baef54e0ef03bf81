package io.sterna.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sterna.store.LogOperation.Acknowledged;
import io.sterna.store.LogOperation.Atomic;
import io.sterna.store.LogOperation.DeliveryUpdated;
import io.sterna.store.LogOperation.Enqueued;
import io.sterna.store.LogOperation.EpochStarted;
import io.sterna.store.LogOperation.LogRestarted;
import io.sterna.store.LogOperation.NodeChanged;
import io.sterna.store.LogOperation.NodeCreated;
import io.sterna.store.LogOperation.NodeDeleted;
import io.sterna.store.LogOperation.PartitionRemoved;
import io.sterna.store.LogOperation.Published;
import io.sterna.store.LogOperation.ValuePut;
import io.sterna.store.LogOperation.ValueRemoved;
import io.sterna.store.OperationSink.Arrival;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Writes the operation of one record, see {@link OperationTag}, and tells a sink its parts. Owned by the thread that made it. */
final class OperationWriter {
    private final int partition;
    private final long location;
    private final LogRecordFormat.Output out;
    private final OperationSink sink;

    /** For a record at a location. */
    OperationWriter(int partition, long location, LogRecordFormat.Output out, OperationSink sink) {
        this.partition = partition;
        this.location = location;
        this.out = out;
        this.sink = sink;
    }

    /** How long it will be. */
    static long bytes(LogOperation operation) {
        if (operation instanceof Enqueued enqueued) {
            return 25L + enqueued.traits().length + enqueued.message().length;
        } else if (operation instanceof Acknowledged acknowledged) {
            return 13L + 8L * acknowledged.sequences().length;
        } else if (operation instanceof Published published) {
            return 33L + published.traits().length + idBytes(published.queueIds()) + published.message().length;
        } else if (operation instanceof DeliveryUpdated updated) {
            return 29L + updated.traits().length + updated.annotations().length;
        } else if (operation instanceof ValuePut put) {
            return 17L + put.key().length + put.value().length;
        } else if (operation instanceof ValueRemoved removed) {
            return 13L + removed.key().length;
        } else if (operation instanceof NodeCreated created) {
            return 21L + created.address().getBytes(UTF_8).length + created.settings().length;
        } else if (operation instanceof NodeChanged changed) {
            return 13L + changed.settings().length;
        } else if (operation instanceof NodeDeleted) {
            return 9;
        } else if (operation instanceof EpochStarted
                || operation instanceof LogRestarted
                || operation instanceof PartitionRemoved) {
            return 1;
        } else if (operation instanceof Atomic atomic) {
            return 5L
                    + atomic.operations().stream()
                            .mapToLong(OperationWriter::bytes)
                            .sum();
        }
        throw new IllegalArgumentException("unknown operation " + operation);
    }

    void write(LogOperation operation) throws IOException {
        if (operation instanceof Enqueued enqueued) {
            onEnqueued(enqueued);
        } else if (operation instanceof Acknowledged acknowledged) {
            onAcknowledged(acknowledged);
        } else if (operation instanceof Published published) {
            onPublished(published);
        } else if (operation instanceof DeliveryUpdated updated) {
            onDeliveryUpdated(updated);
        } else if (operation instanceof ValuePut put) {
            begin(OperationTag.VALUE_PUT, put.nodeId());
            putArray(put.key());
            putArray(put.value());
            sink.onValuePut(partition, put);
        } else if (operation instanceof ValueRemoved removed) {
            begin(OperationTag.VALUE_REMOVED, removed.nodeId());
            putArray(removed.key());
            sink.onValueRemoved(partition, removed);
        } else if (operation instanceof NodeCreated created) {
            begin(OperationTag.NODE_CREATED, created.nodeId());
            out.putInt(created.kind());
            putArray(created.address().getBytes(UTF_8));
            putArray(created.settings());
            sink.onNodeCreated(partition, created);
        } else if (operation instanceof NodeChanged changed) {
            begin(OperationTag.NODE_CHANGED, changed.nodeId());
            putArray(changed.settings());
            sink.onNodeChanged(changed);
        } else if (operation instanceof NodeDeleted deleted) {
            begin(OperationTag.NODE_DELETED, deleted.nodeId());
            sink.onNodeDeleted(partition, deleted.nodeId());
        } else if (operation instanceof LogRestarted) {
            out.putByte(OperationTag.LOG_RESTARTED);
            sink.onLogRestarted(partition);
        } else if (operation instanceof PartitionRemoved) {
            out.putByte(OperationTag.PARTITION_REMOVED);
            sink.onPartitionRemoved(partition);
        } else if (operation instanceof EpochStarted) {
            out.putByte(OperationTag.EPOCH_STARTED);
        } else if (operation instanceof Atomic atomic) {
            out.putByte(OperationTag.ATOMIC);
            out.putInt(atomic.operations().size());
            for (LogOperation part : atomic.operations()) {
                write(part);
            }
        }
    }

    private void onEnqueued(Enqueued enqueued) throws IOException {
        begin(OperationTag.ENQUEUED, enqueued.queueId());
        out.putLong(enqueued.sequence());
        putArray(enqueued.traits());
        putArray(enqueued.message());
        sink.onEnqueued(
                partition,
                enqueued.queueId(),
                enqueued.sequence(),
                location,
                enqueued.message().length,
                enqueued.traits());
    }

    private void onPublished(Published published) throws IOException {
        begin(OperationTag.PUBLISHED, published.topicId());
        out.putLong(published.sequence());
        putArray(published.traits());
        long[] queueIds = published.queueIds();
        out.putInt(queueIds.length);
        ByteBuffer ids = ByteBuffer.allocate(idBytes(queueIds));
        long previous = 0;
        for (long queueId : queueIds) {
            Varint.put(ids, Varint.zigzag(queueId - previous));
            previous = queueId;
        }
        putArray(ids.array());
        putArray(published.message());
        sink.onPublished(
                partition,
                new Arrival(
                        published.topicId(),
                        published.sequence(),
                        queueIds,
                        location,
                        published.message().length,
                        published.traits()));
    }

    private static int idBytes(long[] queueIds) {
        int bytes = 0;
        long previous = 0;
        for (long queueId : queueIds) {
            bytes += Varint.bytes(Varint.zigzag(queueId - previous));
            previous = queueId;
        }
        return bytes;
    }

    private void onAcknowledged(Acknowledged acknowledged) throws IOException {
        begin(OperationTag.ACKNOWLEDGED, acknowledged.queueId());
        out.putInt(acknowledged.sequences().length);
        for (long sequence : acknowledged.sequences()) {
            out.putLong(sequence);
            sink.onAcknowledged(acknowledged.queueId(), sequence);
        }
    }

    private void onDeliveryUpdated(DeliveryUpdated updated) throws IOException {
        begin(OperationTag.UPDATED, updated.queueId());
        out.putLong(updated.sequence());
        out.putInt(updated.deliveryCount());
        putArray(updated.traits());
        putArray(updated.annotations());
        sink.onDeliveryUpdated(updated);
    }

    private void begin(int tag, long nodeId) throws IOException {
        out.putByte(tag);
        out.putLong(nodeId);
    }

    private void putArray(byte[] array) throws IOException {
        out.putInt(array.length);
        out.putBytes(array);
    }
}

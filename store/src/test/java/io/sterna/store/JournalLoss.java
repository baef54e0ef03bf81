package io.sterna.store;

import io.sterna.store.LogOperation.DeliveryUpdated;
import io.sterna.store.LogOperation.NodeChanged;
import io.sterna.store.LogOperation.NodeCreated;
import io.sterna.store.LogOperation.ValuePut;
import io.sterna.store.LogOperation.ValueRemoved;
import io.sterna.store.RecordCodec.RecordHeader;
import java.nio.ByteBuffer;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What the records did that a damage has touched. */
final class JournalLoss implements OperationSink {
    private final Set<String> added = new HashSet<>();
    private final Set<String> settled = new HashSet<>();
    private final Set<Long> deletedQueues = new HashSet<>();
    private boolean lastTouched;

    /** Finds the records that were touched in the files as they were. */
    static JournalLoss of(Map<String, byte[]> files, Damage damage) {
        JournalLoss loss = new JournalLoss();
        if (!SegmentPool.isJournal(damage.file())) {
            return loss;
        }
        long highest = 0;
        for (Map.Entry<String, byte[]> file : files.entrySet()) {
            if (SegmentPool.isJournal(file.getKey())) {
                highest = Math.max(highest, loss.readAll(ByteBuffer.wrap(file.getValue()), damage, false));
            }
        }
        ByteBuffer bytes = ByteBuffer.wrap(files.getOrDefault(damage.file(), new byte[0]));
        loss.lastTouched = loss.readAll(bytes, damage, true) == highest;
        return loss;
    }

    /** The highest number of a record, or of one that was touched. */
    private long readAll(ByteBuffer bytes, Damage damage, boolean touchedOnly) {
        long highest = 0;
        int at = JournalSegment.HEADER_BYTES;
        while (at <= bytes.limit() - RecordCodec.MIN_BYTES) {
            int segment = bytes.getInt(at + Integer.BYTES);
            Optional<RecordHeader> header = RecordCodec.check(bytes, at, bytes.limit(), segment);
            if (header.isEmpty()) {
                at += RecordCodec.ALIGNMENT;
                continue;
            }
            int end = at + (int) RecordCodec.aligned(header.get().length());
            if (!touchedOnly) {
                highest = Math.max(highest, header.get().number());
            } else if (damage.touches(at, end)) {
                highest = Math.max(highest, header.get().number());
                RecordCodec.read(bytes, at, 0, this);
            }
            at = end;
        }
        return highest;
    }

    /** Messages, as queue/sequence, that came with these records. */
    Set<String> added() {
        return added;
    }

    /** Whether the journal's last record is among them. */
    boolean lastTouched() {
        return lastTouched;
    }

    /** Whether one of them settled a message, or deleted its queue. */
    boolean mayBeBack(String message) {
        long queueId = Long.parseLong(message.substring(0, message.indexOf('/')));
        return settled.contains(message) || deletedQueues.contains(queueId);
    }

    @Override
    public void onEnqueued(int partition, long queueId, long sequence, long location, int sizeBytes, byte[] traits) {
        added.add(queueId + "/" + sequence);
    }

    @Override
    public void onPublished(int partition, Arrival arrival) {
        for (long queueId : arrival.queueIds()) {
            added.add(queueId + "/" + arrival.sequence());
        }
    }

    @Override
    public void onAcknowledged(long queueId, long sequence) {
        settled.add(queueId + "/" + sequence);
    }

    @Override
    public void onNodeDeleted(int partition, long nodeId) {
        deletedQueues.add(nodeId);
    }

    @Override
    public void onRecord(int partition, long epoch, long index) {
        // Says nothing of messages.
    }

    @Override
    public void onNodeCreated(int partition, NodeCreated node) {
        // Messages do not need it.
    }

    @Override
    public void onNodeChanged(NodeChanged change) {
        // Messages do not need it.
    }

    @Override
    public void onDeliveryUpdated(DeliveryUpdated update) {
        // The message is there all the same.
    }

    @Override
    public void onValuePut(int partition, ValuePut put) {
        // No message.
    }

    @Override
    public void onValueRemoved(int partition, ValueRemoved removed) {
        // No message.
    }

    @Override
    public void onLogRestarted(int partition) {
        // No message.
    }

    @Override
    public void onPartitionRemoved(int partition) {
        // Not in these logs.
    }
}

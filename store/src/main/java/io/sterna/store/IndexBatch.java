package io.sterna.store;

import io.sterna.store.LogOperation.DeliveryUpdated;
import io.sterna.store.LogOperation.NodeChanged;
import io.sterna.store.LogOperation.NodeCreated;
import io.sterna.store.LogOperation.ValuePut;
import io.sterna.store.LogOperation.ValueRemoved;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * What one forced write did, without its bodies and their traits: carries it from the journal thread to the worker.
 * Filled by the one, then handed over to the other, which gives it back empty.
 */
final class IndexBatch implements OperationSink {
    private static final int RECORD = 1;
    private static final int ENQUEUED = 2;
    private static final int ACKNOWLEDGED = 3;
    private static final int OTHER = 4;

    private static final int FIRST_WORDS = 256;
    /** A longer array is not kept for the next write. */
    private static final int MAX_KEPT_WORDS = 8192;

    private long[] words = new long[FIRST_WORDS];
    private int size;
    /** What is too rare, or too long, for words. */
    private final List<Consumer<OperationSink>> others = new ArrayList<>(0);

    @Override
    public void onRecord(int partition, long epoch, long index) {
        ensure(4);
        words[size++] = RECORD;
        words[size++] = partition;
        words[size++] = epoch;
        words[size++] = index;
    }

    @Override
    public void onEnqueued(int partition, long queueId, long sequence, long location, int sizeBytes, byte[] traits) {
        ensure(6);
        words[size++] = ENQUEUED;
        words[size++] = partition;
        words[size++] = queueId;
        words[size++] = sequence;
        words[size++] = location;
        words[size++] = sizeBytes;
    }

    @Override
    public void onAcknowledged(long queueId, long sequence) {
        ensure(3);
        words[size++] = ACKNOWLEDGED;
        words[size++] = queueId;
        words[size++] = sequence;
    }

    @Override
    public void onPublished(int partition, Arrival arrival) {
        Arrival bare = new Arrival(
                arrival.topicId(),
                arrival.sequence(),
                arrival.queueIds(),
                arrival.location(),
                arrival.sizeBytes(),
                Update.NO_BYTES);
        addOther(sink -> sink.onPublished(partition, bare));
    }

    @Override
    public void onNodeCreated(int partition, NodeCreated node) {
        addOther(sink -> sink.onNodeCreated(partition, node));
    }

    @Override
    public void onNodeChanged(NodeChanged change) {
        addOther(sink -> sink.onNodeChanged(change));
    }

    @Override
    public void onNodeDeleted(int partition, long nodeId) {
        addOther(sink -> sink.onNodeDeleted(partition, nodeId));
    }

    @Override
    public void onDeliveryUpdated(DeliveryUpdated update) {
        addOther(sink -> sink.onDeliveryUpdated(update));
    }

    @Override
    public void onValuePut(int partition, ValuePut put) {
        addOther(sink -> sink.onValuePut(partition, put));
    }

    @Override
    public void onValueRemoved(int partition, ValueRemoved removed) {
        addOther(sink -> sink.onValueRemoved(partition, removed));
    }

    @Override
    public void onLogRestarted(int partition) {
        addOther(sink -> sink.onLogRestarted(partition));
    }

    @Override
    public void onPartitionRemoved(int partition) {
        addOther(sink -> sink.onPartitionRemoved(partition));
    }

    /** Tells {@code sink} everything in the order in which it came. */
    void replay(OperationSink sink) {
        int nextOther = 0;
        int at = 0;
        while (at < size) {
            switch ((int) words[at]) {
                case RECORD -> {
                    sink.onRecord((int) words[at + 1], words[at + 2], words[at + 3]);
                    at += 4;
                }
                case ENQUEUED -> {
                    sink.onEnqueued(
                            (int) words[at + 1],
                            words[at + 2],
                            words[at + 3],
                            words[at + 4],
                            (int) words[at + 5],
                            Update.NO_BYTES);
                    at += 6;
                }
                case ACKNOWLEDGED -> {
                    sink.onAcknowledged(words[at + 1], words[at + 2]);
                    at += 3;
                }
                default -> {
                    others.get(nextOther++).accept(sink);
                    at += 1;
                }
            }
        }
    }

    /** Forgets everything. */
    void clear() {
        size = 0;
        others.clear();
        if (words.length > MAX_KEPT_WORDS) {
            words = new long[FIRST_WORDS];
        }
    }

    private void addOther(Consumer<OperationSink> other) {
        ensure(1);
        words[size++] = OTHER;
        others.add(other);
    }

    private void ensure(int count) {
        if (size + count > words.length) {
            words = Arrays.copyOf(words, words.length * 2);
        }
    }
}

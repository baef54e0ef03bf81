package io.sterna.store;

import io.sterna.store.LogOperation.DeliveryUpdated;
import io.sterna.store.LogOperation.NodeCreated;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What one forced write did, without its bodies: carries it from the journal thread to the worker. Filled by the one,
 * then handed over to the other.
 */
final class IndexBatch implements OperationSink {
    private static final int RECORD = 1;
    private static final int ENQUEUED = 2;
    private static final int ACKNOWLEDGED = 3;
    private static final int OBJECT = 4;

    private long[] words = new long[256];
    private int size;
    private final List<Object> objects = new ArrayList<>(0);

    private record CreatedNode(int partition, NodeCreated node) {}

    private record DeletedNode(long nodeId) {}

    @Override
    public void onRecord(int partition, long epoch, long index) {
        ensure(4);
        words[size++] = RECORD;
        words[size++] = partition;
        words[size++] = epoch;
        words[size++] = index;
    }

    @Override
    public void onNodeCreated(int partition, NodeCreated node) {
        addObject(new CreatedNode(partition, node));
    }

    @Override
    public void onNodeDeleted(long nodeId) {
        addObject(new DeletedNode(nodeId));
    }

    @Override
    public void onEnqueued(int partition, long queueId, long sequence, long location, int sizeBytes) {
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
    public void onDeliveryUpdated(DeliveryUpdated update) {
        addObject(update);
    }

    boolean isEmpty() {
        return size == 0;
    }

    /** Tells {@code sink} everything in the order in which it came. */
    void replay(OperationSink sink) {
        int nextObject = 0;
        int at = 0;
        while (at < size) {
            switch ((int) words[at]) {
                case RECORD -> {
                    sink.onRecord((int) words[at + 1], words[at + 2], words[at + 3]);
                    at += 4;
                }
                case ENQUEUED -> {
                    sink.onEnqueued(
                            (int) words[at + 1], words[at + 2], words[at + 3], words[at + 4], (int) words[at + 5]);
                    at += 6;
                }
                case ACKNOWLEDGED -> {
                    sink.onAcknowledged(words[at + 1], words[at + 2]);
                    at += 3;
                }
                default -> {
                    replayObject(objects.get(nextObject++), sink);
                    at += 1;
                }
            }
        }
    }

    private static void replayObject(Object object, OperationSink sink) {
        if (object instanceof DeliveryUpdated update) {
            sink.onDeliveryUpdated(update);
        } else if (object instanceof CreatedNode created) {
            sink.onNodeCreated(created.partition(), created.node());
        } else if (object instanceof DeletedNode deleted) {
            sink.onNodeDeleted(deleted.nodeId());
        }
    }

    private void addObject(Object object) {
        ensure(1);
        words[size++] = OBJECT;
        objects.add(object);
    }

    private void ensure(int count) {
        if (size + count > words.length) {
            words = Arrays.copyOf(words, words.length * 2);
        }
    }
}

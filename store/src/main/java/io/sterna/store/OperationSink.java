package io.sterna.store;

import io.sterna.store.LogOperation.DeliveryUpdated;
import io.sterna.store.LogOperation.NodeChanged;
import io.sterna.store.LogOperation.NodeCreated;
import io.sterna.store.LogOperation.ValuePut;
import io.sterna.store.LogOperation.ValueRemoved;

/** Takes the parts of durable records in their order: the live state on the worker, or what carries them to it. */
interface OperationSink {

    /** A record ends; its parts came before. */
    void onRecord(int partition, long epoch, long index);

    void onNodeCreated(int partition, NodeCreated node);

    void onNodeChanged(NodeChanged change);

    void onNodeDeleted(int partition, long nodeId);

    /** A message came. {@code location} is that of its record, see {@link Location}. */
    void onEnqueued(int partition, long queueId, long sequence, long location, int sizeBytes, byte[] traits);

    void onPublished(int partition, Arrival arrival);

    void onAcknowledged(long queueId, long sequence);

    void onDeliveryUpdated(DeliveryUpdated update);

    void onValuePut(int partition, ValuePut put);

    void onValueRemoved(int partition, ValueRemoved removed);

    /** The log goes on after the position of the record that ends next. */
    void onLogRestarted(int partition);

    /** The record that ends next is the last one that the partition has, and leaves no trace. */
    void onPartitionRemoved(int partition);

    /**
     * A message came for several queues.
     *
     * @param location that of its record
     */
    record Arrival(long topicId, long sequence, long[] queueIds, long location, int sizeBytes, byte[] traits) {}
}

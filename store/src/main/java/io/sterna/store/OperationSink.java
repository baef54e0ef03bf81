package io.sterna.store;

import io.sterna.store.LogOperation.DeliveryUpdated;
import io.sterna.store.LogOperation.NodeCreated;

/** Takes the parts of durable records in their order: the live state on the worker, or what carries them to it. */
interface OperationSink {

    /** A record ends; its parts came before. */
    void onRecord(int partition, long epoch, long index);

    void onNodeCreated(int partition, NodeCreated node);

    void onNodeDeleted(long nodeId);

    /** A message came. {@code location} is that of its record, see {@link Location}. */
    void onEnqueued(int partition, long queueId, long sequence, long location, int sizeBytes);

    void onAcknowledged(long queueId, long sequence);

    void onDeliveryUpdated(DeliveryUpdated update);
}

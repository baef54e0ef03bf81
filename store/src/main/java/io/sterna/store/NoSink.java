package io.sterna.store;

import io.sterna.store.LogOperation.DeliveryUpdated;
import io.sterna.store.LogOperation.NodeChanged;
import io.sterna.store.LogOperation.NodeCreated;
import io.sterna.store.LogOperation.ValuePut;
import io.sterna.store.LogOperation.ValueRemoved;

/** Needs to hear of nothing. */
final class NoSink implements OperationSink {
    @Override
    public void onRecord(int partition, long epoch, long index) {
        // Not needed.
    }

    @Override
    public void onLogRestarted(int partition) {
        // Not needed.
    }

    @Override
    public void onPartitionRemoved(int partition) {
        // Not needed.
    }

    @Override
    public void onNodeCreated(int partition, NodeCreated node) {
        // Not needed.
    }

    @Override
    public void onNodeChanged(NodeChanged change) {
        // Not needed.
    }

    @Override
    public void onNodeDeleted(int partition, long nodeId) {
        // Not needed.
    }

    @Override
    public void onEnqueued(int partition, long queueId, long sequence, long location, int sizeBytes, byte[] traits) {
        // Not needed.
    }

    @Override
    public void onPublished(int partition, Arrival arrival) {
        // Not needed.
    }

    @Override
    public void onAcknowledged(long queueId, long sequence) {
        // Not needed.
    }

    @Override
    public void onDeliveryUpdated(DeliveryUpdated update) {
        // Not needed.
    }

    @Override
    public void onValuePut(int partition, ValuePut put) {
        // Not needed.
    }

    @Override
    public void onValueRemoved(int partition, ValueRemoved removed) {
        // Not needed.
    }
}

package io.sterna.store;

import io.sterna.store.LogOperation.NodeCreated;

/** Needs to hear of nothing. */
final class NoVisitor implements RecoveryVisitor {
    @Override
    public void onPartition(int partition, long epoch, long index) {
        // Not needed.
    }

    @Override
    public void onNode(int partition, NodeCreated node) {
        // Not needed.
    }

    @Override
    public void onValue(int partition, long nodeId, byte[] key, byte[] value) {
        // Not needed.
    }

    @Override
    public void onMessage(int partition, long queueId, RecoveredMessage message) {
        // Not needed.
    }
}

package io.sterna.store;

import io.sterna.store.LogOperation.ValuePut;

/** The values of one node of a partition, or of all of them and the partition itself: neighbours by their keys. */
record ValueScope(int partition, long firstNode, long lastNode) {

    static ValueScope ofNode(int partition, long nodeId) {
        return new ValueScope(partition, nodeId, nodeId);
    }

    /** The replica's, too. */
    static ValueScope ofPartition(int partition) {
        return new ValueScope(partition, Long.MIN_VALUE, Long.MAX_VALUE);
    }

    /** All but the replica's. */
    static ValueScope ofContent(int partition) {
        return new ValueScope(partition, ValuePut.REPLICA + 1, Long.MAX_VALUE);
    }

    /** Below all keys here. */
    EntryKey first() {
        return EntryKey.firstOf(partition, firstNode);
    }

    boolean contains(EntryKey key) {
        return key.partition() == partition && key.nodeId() >= firstNode && key.nodeId() <= lastNode;
    }
}

package io.sterna.store;

/** The values of one node of a partition, or all of a partition: neighbours by their keys. */
record ValueScope(int partition, long firstNode, long lastNode) {

    static ValueScope ofNode(int partition, long nodeId) {
        return new ValueScope(partition, nodeId, nodeId);
    }

    /** The replica's, too. */
    static ValueScope ofPartition(int partition) {
        return new ValueScope(partition, Long.MIN_VALUE, Long.MAX_VALUE);
    }

    /** Below all keys here. */
    EntryKey first() {
        return EntryKey.firstOf(partition, firstNode);
    }

    boolean contains(EntryKey key) {
        return key.partition() == partition && key.nodeId() >= firstNode && key.nodeId() <= lastNode;
    }
}

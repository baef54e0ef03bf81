package io.sterna.store;

import java.util.Arrays;

/**
 * Names one of many small things that belong to a node.
 *
 * @param nodeId the node, or 0 for the partition itself
 * @param key unique within the node, compared as unsigned bytes; not changed
 */
record EntryKey(int partition, long nodeId, byte[] key) implements Comparable<EntryKey> {
    private static final byte[] LOWEST = {};

    /** Below all keys of a node. */
    static EntryKey firstOf(int partition, long nodeId) {
        return new EntryKey(partition, nodeId, LOWEST);
    }

    @Override
    public int compareTo(EntryKey other) {
        int order = Integer.compare(partition, other.partition);
        if (order == 0) {
            order = Long.compare(nodeId, other.nodeId);
        }
        return order == 0 ? Arrays.compareUnsigned(key, other.key) : order;
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof EntryKey that && compareTo(that) == 0;
    }

    @Override
    public int hashCode() {
        return 31 * (31 * partition + Long.hashCode(nodeId)) + Arrays.hashCode(key);
    }
}

package io.sterna.cluster;

import java.util.Map;

/**
 * What a node tells all others many times a second; that it comes says that the node lives.
 *
 * @param table generation of the table that it hears from, 0 when that has none, {@link #NO_TABLE} when it hears from none
 * @param draining it is to own nothing and to have no copies
 * @param replicas by partition
 */
public record NodeReport(String node, long table, boolean draining, Map<Integer, ReplicaReport> replicas) {
    public static final long NO_TABLE = -1;

    public NodeReport {
        replicas = Map.copyOf(replicas);
    }
}

package io.sterna.cluster;

import java.util.Map;

/**
 * What a node tells all others many times a second; that it comes says that the node lives.
 *
 * @param replicas by partition
 */
public record NodeReport(String node, Map<Integer, ReplicaReport> replicas) {
    public NodeReport {
        replicas = Map.copyOf(replicas);
    }
}

package io.sterna.broker.cluster;

import java.util.List;
import java.util.Optional;

/**
 * What a node knows of its cluster, for operators.
 *
 * @param node this one
 * @param problem why it serves no clients
 * @param nodes all that are known
 * @param partitions by number
 */
public record ClusterStatus(
        String node, Optional<String> problem, List<NodeStatus> nodes, List<PartitionStatus> partitions) {
    public ClusterStatus {
        nodes = List.copyOf(nodes);
        partitions = List.copyOf(partitions);
    }

    /**
     * A node.
     *
     * @param present whether it is in the cluster now
     * @param draining whether it is to own nothing and to have no copies
     * @param owned partitions that it serves
     * @param held partitions that it has a copy of, those that it owns included
     */
    public record NodeStatus(String id, boolean present, boolean witness, boolean draining, int owned, int held) {}

    /**
     * A partition.
     *
     * @param epoch of the table, else the highest that is known
     * @param owner empty when there is none
     * @param inSync who has all that was accepted
     * @param wanted where copies are to be, first the owner
     * @param waitingFor nodes without which it does not get an owner by itself
     * @param forked whether it waits since there are two histories of one epoch
     */
    public record PartitionStatus(
            int number,
            long epoch,
            Optional<String> owner,
            List<String> inSync,
            List<String> wanted,
            List<String> waitingFor,
            boolean forked) {
        public PartitionStatus {
            inSync = List.copyOf(inSync);
            wanted = List.copyOf(wanted);
            waitingFor = List.copyOf(waitingFor);
        }
    }
}

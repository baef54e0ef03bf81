package io.sterna.bench.nodes;

import io.sterna.broker.partition.Partitions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/**
 * What a node says of its cluster, {@code GET /api/v1/cluster}.
 *
 * @param node the one that was asked
 * @param serves whether it serves clients
 * @param draining nodes that are to have nothing
 * @param partitions by number
 */
public record ClusterState(String node, boolean serves, List<String> draining, List<Partition> partitions) {
    public ClusterState {
        draining = List.copyOf(draining);
        partitions = List.copyOf(partitions);
    }

    /**
     * A partition.
     *
     * @param owner empty when there is none
     * @param inSync who has all that was accepted
     * @param wanted where it is to be, first the owner
     */
    public record Partition(Optional<String> owner, List<String> inSync, List<String> wanted) {
        public Partition {
            inSync = List.copyOf(inSync);
            wanted = List.copyOf(wanted);
        }

        /** Whether it is where it is to be, so that nothing of it moves. */
        boolean isSettled() {
            return owner.isPresent()
                    && owner.equals(wanted.stream().findFirst())
                    && new HashSet<>(wanted).equals(new HashSet<>(inSync));
        }
    }

    static ClusterState of(JsonObject json) {
        return new ClusterState(
                json.getString("node"),
                !json.containsKey("problem"),
                json.getJsonArray("nodes").stream()
                        .map(JsonObject.class::cast)
                        .filter(node -> node.getBoolean("draining"))
                        .map(node -> node.getString("id"))
                        .toList(),
                json.getJsonArray("partitions").stream()
                        .map(JsonObject.class::cast)
                        .map(its -> new Partition(
                                Optional.ofNullable(its.getString("owner")),
                                texts(its.getJsonArray("inSync")),
                                texts(its.getJsonArray("wanted"))))
                        .toList());
    }

    private static List<String> texts(JsonArray array) {
        return array.stream().map(String.class::cast).toList();
    }

    /** Whether the node serves and each partition has its owner and all its copies where they are to be. */
    public boolean isSettled() {
        return serves && partitions.stream().allMatch(Partition::isSettled);
    }

    /** Whether a node is the owner of an address. */
    public boolean owns(String id, String address) {
        return partition(address).owner().filter(id::equals).isPresent();
    }

    /** Whether a node owns anything. */
    boolean ownsAny(String id) {
        return partitions.stream()
                .anyMatch(its -> its.owner().filter(id::equals).isPresent());
    }

    /** Whether a node has a copy of what is at an address, or is to have one. */
    public boolean holds(String id, String address) {
        Partition its = partition(address);
        return its.inSync().contains(id) || its.wanted().contains(id);
    }

    /** The one that an address is in. */
    Partition partition(String address) {
        return partitions.get(Partitions.numberOf(address));
    }
}

package io.sterna.broker.http;

import io.sterna.broker.cluster.ClusterOrder;
import io.sterna.broker.cluster.ClusterStatus;
import io.sterna.cluster.Waiting;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A cluster's status, and what is asked of it, as JSON, see docs/management.md. */
final class ClusterApi {
    static final String PATH = "cluster";

    private ClusterApi() {}

    /**
     * What is asked for.
     *
     * @param what the part of the path below {@link #PATH}
     * @return empty when there is no such order
     * @throws IllegalArgumentException when the body is not as it has to be
     */
    static Optional<ClusterOrder> order(String what, JsonObject body) {
        try {
            return Optional.ofNullable(
                    switch (what) {
                        case "force-open" ->
                            new ClusterOrder.ForceOpen(new Waiting(
                                    required(body.getInteger("partition"), "partition"),
                                    required(body.getLong("epoch"), "epoch"),
                                    texts(required(body.getJsonArray("missing"), "missing")),
                                    body.getBoolean("forked", false)));
                        case "drain" -> new ClusterOrder.Drain(required(body.getString("node"), "node"), true);
                        case "undrain" -> new ClusterOrder.Drain(required(body.getString("node"), "node"), false);
                        default -> null;
                    });
        } catch (ClassCastException wrong) {
            throw new IllegalArgumentException("a value in the body is of the wrong type", wrong);
        }
    }

    private static <T> T required(@Nullable T value, String name) {
        if (value == null) {
            throw new IllegalArgumentException("the body has no " + name);
        }
        return value;
    }

    private static List<String> texts(JsonArray array) {
        return array.stream().map(String.class::cast).toList();
    }

    static Map<String, Object> body(ClusterStatus status) {
        JsonArray nodes = new JsonArray();
        status.nodes()
                .forEach(node -> nodes.add(new JsonObject()
                        .put("id", node.id())
                        .put("present", node.present())
                        .put("witness", node.witness())
                        .put("draining", node.draining())
                        .put("owned", node.owned())
                        .put("held", node.held())));
        JsonArray partitions = new JsonArray();
        status.partitions().forEach(partition -> partitions.add(json(partition)));
        JsonObject body = new JsonObject().put("node", status.node()).put("nodes", nodes);
        status.problem().ifPresent(problem -> body.put("problem", problem));
        return body.put("partitions", partitions).getMap();
    }

    private static JsonObject json(ClusterStatus.PartitionStatus partition) {
        JsonObject json = new JsonObject().put("partition", partition.number()).put("epoch", partition.epoch());
        Optional<String> owner = partition.owner();
        owner.ifPresent(node -> json.put("owner", node));
        json.put("inSync", array(partition.inSync())).put("wanted", array(partition.wanted()));
        if (partition.forked()) {
            json.put("forked", true);
        }
        return partition.waitingFor().isEmpty() ? json : json.put("waitingFor", array(partition.waitingFor()));
    }

    private static JsonArray array(List<String> texts) {
        return new JsonArray(texts);
    }
}

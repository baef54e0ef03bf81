package io.sterna.broker.http;

import io.sterna.broker.cluster.ClusterStatus;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A cluster's status as JSON, see docs/management.md. */
final class ClusterApi {
    static final String PATH = "cluster";

    private ClusterApi() {}

    static Map<String, Object> body(ClusterStatus status) {
        JsonArray nodes = new JsonArray();
        status.nodes()
                .forEach(node -> nodes.add(new JsonObject()
                        .put("id", node.id())
                        .put("present", node.present())
                        .put("witness", node.witness())
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
        return partition.waitingFor().isEmpty() ? json : json.put("waitingFor", array(partition.waitingFor()));
    }

    private static JsonArray array(List<String> texts) {
        return new JsonArray(texts);
    }
}

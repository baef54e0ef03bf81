package io.sterna.broker.cli;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * What a node answers when it is asked for its cluster.
 *
 * @param node the one that was asked
 * @param problem why it serves no clients
 */
record ClusterView(String node, Optional<String> problem, List<Member> nodes, List<Part> partitions) {

    /** A node. */
    record Member(String id, boolean present, boolean witness, boolean draining, int owned, int held) {
        private static Member of(JsonObject json) {
            return new Member(
                    json.getString("id"),
                    json.getBoolean("present", false),
                    json.getBoolean("witness", false),
                    json.getBoolean("draining", false),
                    json.getInteger("owned", 0),
                    json.getInteger("held", 0));
        }
    }

    /**
     * A partition.
     *
     * @param waitingFor nodes without which it gets no owner by itself
     * @param forked whether there are two histories of it
     */
    record Part(
            int number,
            long epoch,
            Optional<String> owner,
            List<String> inSync,
            List<String> wanted,
            List<String> waitingFor,
            boolean forked) {
        private static Part of(JsonObject json) {
            return new Part(
                    json.getInteger("partition", -1),
                    json.getLong("epoch", 0L),
                    Optional.ofNullable(json.getString("owner")),
                    texts(json, "inSync"),
                    texts(json, "wanted"),
                    texts(json, "waitingFor"),
                    json.getBoolean("forked", false));
        }

        /** Whether nobody has it, or nobody who has it can serve it. */
        boolean isOwnerless() {
            return owner.isEmpty() || !waitingFor.isEmpty();
        }

        /** Whether it is served, and there are fewer copies than there are to be. */
        boolean isIncomplete() {
            return !isOwnerless() && !inSync.containsAll(wanted);
        }
    }

    static ClusterView of(JsonObject json) {
        return new ClusterView(
                json.getString("node"),
                Optional.ofNullable(json.getString("problem")),
                objects(json, "nodes", Member::of),
                objects(json, "partitions", Part::of));
    }

    private static <T> List<T> objects(JsonObject json, String name, Function<JsonObject, T> format) {
        JsonArray array = json.getJsonArray(name, new JsonArray());
        List<T> objects = new ArrayList<>();
        for (int index = 0; index < array.size(); index++) {
            objects.add(format.apply(array.getJsonObject(index)));
        }
        return objects;
    }

    private static List<String> texts(JsonObject json, String name) {
        return json.getJsonArray(name, new JsonArray()).stream()
                .map(Object::toString)
                .toList();
    }

    Optional<Member> find(String id) {
        return nodes.stream().filter(each -> each.id().equals(id)).findFirst();
    }

    List<Part> ownerless() {
        return partitions.stream().filter(Part::isOwnerless).toList();
    }

    List<Part> incomplete() {
        return partitions.stream().filter(Part::isIncomplete).toList();
    }

    /** How many copies a node is to have and has not. */
    long copiesToCome(String id) {
        return partitions.stream()
                .filter(each -> each.wanted().contains(id) && !each.inSync().contains(id))
                .count();
    }

    /** Partitions that a node still owns or is in sync with. */
    Stream<Part> heldBy(String id) {
        return partitions.stream().filter(each -> each.inSync().contains(id));
    }

    boolean isWell() {
        return ownerless().isEmpty() && incomplete().isEmpty() && problem.isEmpty();
    }

    /** One line about the partitions. */
    String summary() {
        int without = ownerless().size();
        int incomplete = incomplete().size();
        return partitions.size() + " partitions: " + (partitions.size() - without - incomplete) + " as they should be, "
                + incomplete + " with copies still to come, " + without + " without an owner";
    }
}

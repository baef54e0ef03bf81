package io.sterna.bench.nodes;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.broker.partition.Partitions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ClusterStateTest {
    private static final String ADDRESS = "orders";

    @Test
    void shouldKnowWhoOwnsAnAddressAndWhoHasACopy() {
        ClusterState state = ClusterState.of(json(partition("n2", List.of("n2", "n3"), List.of("n2", "n3"))));

        assertThat(state.owns("n2", ADDRESS)).isTrue();
        assertThat(state.owns("n3", ADDRESS)).isFalse();
        assertThat(state.holds("n3", ADDRESS)).isTrue();
        assertThat(state.holds("n1", ADDRESS)).isFalse();
        assertThat(state.isSettled()).isTrue();
        assertThat(state.draining()).containsExactly("n3");
    }

    @Test
    void shouldNotBeSettledWhileSomethingIsToMove() {
        JsonObject withoutOwner = partition("n1", List.of("n1", "n2"), List.of("n1", "n2"));
        withoutOwner.remove("owner");

        assertThat(List.of(
                        withoutOwner,
                        partition("n2", List.of("n1", "n2"), List.of("n1", "n2")),
                        partition("n1", List.of("n1"), List.of("n1", "n2")),
                        partition("n1", List.of("n1", "n2", "n3"), List.of("n1", "n2"))))
                .noneMatch(its -> ClusterState.of(json(its)).isSettled());
    }

    @Test
    void shouldNotBeSettledWhileTheNodeServesNobody() {
        JsonObject json = json(partition("n1", List.of("n1", "n2"), List.of("n1", "n2")));

        assertThat(ClusterState.of(json.put("problem", "cut off")).isSettled()).isFalse();
    }

    /** All partitions are at n1 and n2 but that of the address. */
    private static JsonObject json(JsonObject itsPartition) {
        JsonArray partitions = new JsonArray();
        IntStream.range(0, Partitions.COUNT)
                .mapToObj(number -> number == Partitions.numberOf(ADDRESS)
                        ? itsPartition
                        : partition("n1", List.of("n1", "n2"), List.of("n1", "n2")))
                .forEach(partitions::add);
        JsonArray nodes = new JsonArray()
                .add(new JsonObject().put("id", "n1").put("draining", false))
                .add(new JsonObject().put("id", "n3").put("draining", true));
        return new JsonObject().put("node", "n1").put("nodes", nodes).put("partitions", partitions);
    }

    private static JsonObject partition(String owner, List<String> inSync, List<String> wanted) {
        return new JsonObject()
                .put("owner", owner)
                .put("inSync", new JsonArray(inSync))
                .put("wanted", new JsonArray(wanted));
    }
}

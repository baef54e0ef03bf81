package io.sterna.broker.crash;

import io.sterna.broker.testing.BrokerProcess;
import io.sterna.broker.testing.ClusterProcesses;
import io.sterna.broker.testing.NodeNetworks;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Cuts the network between nodes of five so that each reaches its two neighbours only: each belongs to a majority, and no two
 * to the same one.
 */
class ClusterRingTest {
    private static final int NODES = 5;

    @TempDir
    Path directory;

    @Test
    @Tag("long")
    @Timeout(1_200)
    void shouldKeepItsWordWhenEachNodeSeesAnotherMajority() throws Exception {
        Assumptions.assumeTrue(NodeNetworks.areAvailable(), "no network namespaces can be made here");
        try (NodeNetworks networks = new NodeNetworks(NODES);
                ClusterProcesses cluster = new ClusterProcesses(directory, networks, NODES);
                ClusterLoad load = new ClusterLoad()) {
            cluster.startAll();
            for (int round = 1; round <= 3; round++) {
                cluster.awaitWhole();
                List<BrokerProcess> all =
                        IntStream.range(0, NODES).mapToObj(cluster::node).toList();
                load.begin(all);
                load.awaitAccepted(1_000);

                for (int node = 0; node < NODES; node++) {
                    networks.cut(node, (node + 2) % NODES);
                }
                ClusterLoad.awaitLoadFor(Duration.ofSeconds(20));
                load.awaitServiceBySome(all);

                networks.healAll();
                cluster.awaitWhole();
                load.end();
            }
            load.check(cluster.node(0));
        }
    }
}

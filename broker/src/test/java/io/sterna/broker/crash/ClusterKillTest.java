package io.sterna.broker.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.broker.testing.BrokerProcess;
import io.sterna.broker.testing.ClusterProcesses;
import java.nio.file.Path;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Ends nodes of a cluster of three under load: every accepted message comes, in order, and no settled one comes back. One
 * cluster serves all tests; each begins with all nodes running.
 */
class ClusterKillTest {
    private static final int NODES = 3;

    @TempDir
    static Path directory;

    private static ClusterProcesses cluster;

    private final Random random = new Random();
    private final ClusterLoad load = new ClusterLoad();

    @BeforeAll
    static void makeCluster() {
        cluster = new ClusterProcesses(directory, NODES, List.of());
    }

    @BeforeEach
    void startNodes() {
        cluster.startAll();
        cluster.awaitWhole();
    }

    @AfterEach
    void endClients() {
        load.close();
    }

    @AfterAll
    static void endNodes() {
        cluster.close();
    }

    @Test
    @Timeout(300)
    void shouldKeepItsWordWhenANodeIsKilledUnderLoad() throws Exception {
        killOneByOne(2);
    }

    @Test
    @Tag("long")
    @Timeout(3_000)
    void shouldKeepItsWordWhenFiftyNodesAreKilledOneByOne() throws Exception {
        killOneByOne(50);
    }

    private void killOneByOne(int rounds) throws Exception {
        for (int round = 1; round <= rounds; round++) {
            cluster.awaitWhole();
            int victim = random.nextInt(NODES);
            underLoad(() -> cluster.kill(victim));
            load.awaitService(cluster.node((victim + 1) % NODES));
            load.end();
            cluster.start(victim);
        }
        cluster.awaitWhole();
        load.check(cluster.node(random.nextInt(NODES)));
    }

    @Test
    @Timeout(300)
    void shouldKeepItsWordWhenAllNodesAreKilledAtOnceUnderLoad() throws Exception {
        killAll(1);
    }

    @Test
    @Tag("long")
    @Timeout(3_000)
    void shouldKeepItsWordWhenAllNodesAreKilledAtOnceTwentyTimes() throws Exception {
        killAll(20);
    }

    private void killAll(int rounds) throws Exception {
        for (int round = 1; round <= rounds; round++) {
            cluster.awaitWhole();
            underLoad(cluster::killAll);
            load.end();
            cluster.startAll();
        }
        cluster.awaitWhole();
        load.check(cluster.node(random.nextInt(NODES)));
    }

    @Test
    @Timeout(300)
    void shouldServeWhatTwoNodesHaveInSyncWhenThreeWereStopped() throws Exception {
        underLoad(cluster::stopAll);
        load.end();

        int absent = random.nextInt(NODES);
        List<Integer> others = Stream.of(0, 1, 2).filter(node -> node != absent).toList();
        others.parallelStream().forEach(cluster::start);
        List<String> served = cluster.awaitOwners(others, load.addresses());
        for (String address : served) {
            load.drain(cluster.node(others.get(0)), address);
        }

        cluster.start(absent);
        cluster.awaitWhole();
        load.check(cluster.node(absent));
    }

    @Test
    @Timeout(300)
    void shouldFetchAllThereWasWhenANodeIsBackWithAnEmptyDisk() throws Exception {
        int victim = random.nextInt(NODES);
        underLoad(() -> cluster.kill(victim));
        load.awaitService(cluster.node((victim + 1) % NODES));
        load.end();
        cluster.loseDisk(victim);
        cluster.start(victim);

        for (int other = 1; other < NODES; other++) {
            cluster.awaitWhole();
            int next = (victim + other) % NODES;
            underLoad(() -> cluster.kill(next));
            load.awaitService(cluster.node(victim));
            load.end();
            cluster.start(next);
        }
        cluster.awaitWhole();
        load.check(cluster.node(victim));
    }

    /** Begins a round, and does something to the cluster when it is well under way. */
    private void underLoad(Runnable fault) throws Exception {
        List<BrokerProcess> nodes = Stream.generate(() -> cluster.node(random.nextInt(NODES)))
                .limit(load.addresses().size())
                .toList();
        load.begin(nodes);
        load.awaitAccepted(200 + random.nextInt(2_000));
        assertThat(load.ledger().acceptedCount()).isPositive();
        fault.run();
    }
}

package io.sterna.broker.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sterna.broker.partition.Partitions;
import io.sterna.broker.testing.BrokerProcess;
import io.sterna.broker.testing.ClusterProcesses;
import io.sterna.broker.testing.NodeNetworks;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Cuts the network between nodes of three, each in a namespace of its own; clients reach all of them. */
class ClusterSplitTest {
    private static final Logger log = LoggerFactory.getLogger(ClusterSplitTest.class);
    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final int NODES = 3;

    @TempDir
    static Path directory;

    private static NodeNetworks networks;
    private static ClusterProcesses cluster;

    private final ClusterLoad load = new ClusterLoad();

    @BeforeAll
    static void startNodes() {
        Assumptions.assumeTrue(NodeNetworks.areAvailable(), "no network namespaces can be made here");
        networks = new NodeNetworks(NODES);
        cluster = new ClusterProcesses(directory, networks, NODES);
        cluster.startAll();
    }

    @AfterEach
    void endClients() {
        load.close();
        if (networks != null) {
            networks.healAll();
        }
    }

    @AfterAll
    static void endNodes() {
        if (cluster != null) {
            cluster.close();
            networks.close();
        }
    }

    @Test
    @Timeout(300)
    void shouldGoOnWithTheMajorityWhenAnOwnerIsCutOffUnderLoad() throws Exception {
        cutOffOwner(1, Duration.ofSeconds(3));
    }

    @Test
    @Tag("long")
    @Timeout(3_000)
    void shouldGoOnWithTheMajorityWhenOwnersAreCutOffTenTimes() throws Exception {
        cutOffOwner(10, Duration.ofSeconds(20));
    }

    private void cutOffOwner(int rounds, Duration length) throws Exception {
        for (int round = 1; round <= rounds; round++) {
            cluster.awaitWhole();
            int owner = cluster.owner(Partitions.numberOf(load.addresses().get(0)));
            int other = (owner + 1) % NODES;
            int third = (owner + 2) % NODES;
            BrokerProcess alone = cluster.node(owner);
            load.begin(List.of(alone, cluster.node(other)));
            load.awaitAccepted(1_000);

            networks.cut(owner, other);
            networks.cut(owner, third);
            long cutNanos = System.nanoTime();
            load.awaitAcceptedBy(cluster.node(third), load.addresses().get(0));
            log.info(
                    "accepted {} ms after the owner was cut off",
                    Duration.ofNanos(System.nanoTime() - cutNanos).toMillis());
            load.begin(List.of(cluster.node(third), cluster.node(other)));
            load.awaitAllDisconnectedFrom(alone);
            await().atMost(PATIENCE).until(() -> cluster.status(owner).containsKey("problem"));
            assertThat(load.isRefused(alone)).isTrue();
            ClusterLoad.awaitLoadFor(length);

            // Partitions go back to where they were: what the first consumer to be hung up on has not settled may come
            // to another.
            load.end();
            networks.healAll();
            cluster.awaitWhole();
        }
        load.check(cluster.node(0));
    }

    @Test
    @Timeout(300)
    void shouldGoOnWhenTwoOfThreeDoNotReachEachOther() throws Exception {
        cutPair(1, Duration.ofSeconds(3));
    }

    @Test
    @Tag("long")
    @Timeout(3_000)
    void shouldGoOnWhenTwoOfThreeDoNotReachEachOtherTenTimes() throws Exception {
        cutPair(10, Duration.ofSeconds(20));
    }

    private void cutPair(int rounds, Duration length) throws Exception {
        for (int round = 1; round <= rounds; round++) {
            cluster.awaitWhole();
            int owner = cluster.owner(Partitions.numberOf(load.addresses().get(0)));
            int other = (owner + 1) % NODES;
            BrokerProcess between = cluster.node((owner + 2) % NODES);
            load.begin(List.of(cluster.node(owner), cluster.node(other), between));
            load.awaitAccepted(1_000);

            networks.cut(owner, other);
            ClusterLoad.awaitLoadFor(length);
            load.awaitService(between);
            load.begin(List.of(between));
            load.awaitAccepted(1_000);

            networks.healAll();
            cluster.awaitWhole();
            load.end();
        }
        load.check(cluster.node(0));
    }
}

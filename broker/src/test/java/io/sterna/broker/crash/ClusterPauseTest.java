package io.sterna.broker.crash;

import io.sterna.broker.partition.Partitions;
import io.sterna.broker.testing.BrokerProcess;
import io.sterna.broker.testing.ClusterProcesses;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Stops a node of three for a while (SIGSTOP), so that it does not know of its own silence: the others serve its queues,
 * and when it goes on it neither accepts nor gives what is theirs by now.
 */
class ClusterPauseTest {
    private static final Logger log = LoggerFactory.getLogger(ClusterPauseTest.class);
    private static final int NODES = 3;

    @TempDir
    Path directory;

    private final Random random = new Random();

    @Test
    @Timeout(300)
    void shouldKeepItsWordWhenAnOwnerIsPausedUnderLoad() throws Exception {
        pause(1, Duration.ofSeconds(3), Duration.ofSeconds(5));
    }

    @Test
    @Tag("long")
    @Timeout(3_000)
    void shouldKeepItsWordWhenOwnersArePausedTwentyTimes() throws Exception {
        pause(10, Duration.ofSeconds(2), Duration.ofSeconds(20));
    }

    private void pause(int rounds, Duration... lengths) throws Exception {
        try (ClusterProcesses cluster = new ClusterProcesses(directory, NODES, List.of());
                ClusterLoad load = new ClusterLoad()) {
            cluster.startAll();
            for (int round = 1; round <= rounds; round++) {
                for (Duration length : lengths) {
                    cluster.awaitWhole();
                    pauseOwner(cluster, load, length);
                }
            }
            cluster.awaitWhole();
            load.check(cluster.node(random.nextInt(NODES)));
        }
    }

    private void pauseOwner(ClusterProcesses cluster, ClusterLoad load, Duration length) throws Exception {
        int owner = cluster.owner(Partitions.numberOf(load.addresses().get(0)));
        BrokerProcess paused = cluster.node(owner);
        BrokerProcess other = cluster.node((owner + 1) % NODES);
        load.begin(List.of(paused, other, other, other));
        load.awaitAccepted(1_000 + random.nextInt(2_000));

        cluster.signal(owner, "STOP");
        long stoppedNanos = System.nanoTime();
        BrokerProcess third = cluster.node((owner + 2) % NODES);
        load.awaitAcceptedBy(third, load.addresses().get(0));
        log.info(
                "accepted {} ms after the owner was stopped",
                Duration.ofNanos(System.nanoTime() - stoppedNanos).toMillis());
        load.begin(List.of(third));
        ClusterLoad.awaitLoadFor(length.minusNanos(System.nanoTime() - stoppedNanos));
        cluster.signal(owner, "CONT");
        log.info("the owner goes on");
        load.awaitAllDisconnectedFrom(paused);
        cluster.awaitWhole();
        load.end();
    }
}

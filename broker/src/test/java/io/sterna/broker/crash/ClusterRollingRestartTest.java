package io.sterna.broker.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sterna.broker.testing.ClusterProcesses;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Restarts the nodes of a cluster one after the other, as operators do, while JMS clients with a failover URL send and
 * receive: they notice a pause, and nothing else.
 */
class ClusterRollingRestartTest {
    private static final Logger log = LoggerFactory.getLogger(ClusterRollingRestartTest.class);
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int NODES = 3;
    private static final int MESSAGES = 50;
    private static final List<String> QUEUES = List.of("rolling.one", "rolling.two", "rolling.three");

    @TempDir
    Path directory;

    private final List<JmsTraffic> traffic = new ArrayList<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @AfterEach
    void closeAll() throws Exception {
        traffic.forEach(JmsTraffic::stop);
        threads.shutdownNow();
        for (JmsTraffic each : traffic) {
            each.close();
        }
    }

    @Test
    @Timeout(300)
    void shouldHideARollingRestartFromClientsThatFailOver() throws Exception {
        rollingRestart(1);
    }

    @Test
    @Tag("long")
    @Timeout(3_000)
    void shouldHideTenRollingRestartsFromClientsThatFailOver() throws Exception {
        rollingRestart(10);
    }

    private void rollingRestart(int rounds) throws Exception {
        try (ClusterProcesses cluster = new ClusterProcesses(directory, NODES, List.of())) {
            cluster.startAll();
            cluster.awaitWhole();
            begin(cluster.failoverUrl());
            for (int restart = 0; restart < rounds * NODES; restart++) {
                cluster.awaitWhole();
                awaitMoreAccepted();
                cluster.stop(restart % NODES);
                awaitMoreAccepted();
                cluster.start(restart % NODES);
            }
            cluster.awaitWhole();
            awaitMoreAccepted();
            traffic.forEach(JmsTraffic::stop);
            threads.shutdown();
            assertThat(threads.awaitTermination(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .isTrue();
            closeAll();
        }
        for (JmsTraffic each : traffic) {
            log.info(
                    "{} accepted, {} came twice, connections lost {} times, sends without an answer: {}",
                    each.accepted(),
                    each.repeats(),
                    each.interruptions(),
                    each.exceptions());
        }
        assertThat(traffic).flatExtracting(JmsTraffic::verdict).isEmpty();
        assertThat(traffic.stream().mapToInt(JmsTraffic::interruptions).sum()).isPositive();
    }

    private void begin(String url) throws Exception {
        for (String queue : QUEUES) {
            traffic.add(new JmsTraffic(url, queue, false));
        }
        traffic.add(new JmsTraffic(url, "rolling.topic", true));
        for (JmsTraffic each : traffic) {
            threads.execute(each::send);
            threads.execute(each::receive);
        }
    }

    private void awaitMoreAccepted() {
        for (JmsTraffic each : traffic) {
            int enough = each.accepted() + MESSAGES;
            await().atMost(PATIENCE).until(() -> each.accepted() >= enough);
        }
    }
}

package io.sterna.broker.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sterna.broker.partition.Partitions;
import io.sterna.broker.testing.BrokerProcess;
import io.sterna.broker.testing.ClusterProcesses;
import io.vertx.core.json.JsonObject;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.qpid.protonj2.client.Client;
import org.apache.qpid.protonj2.client.Connection;
import org.apache.qpid.protonj2.client.Message;
import org.apache.qpid.protonj2.client.Sender;
import org.apache.qpid.protonj2.client.exceptions.ClientException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Moves all that a node of three has to the others while clients send and receive, and back again. */
class ClusterDrainTest {
    private static final Logger log = LoggerFactory.getLogger(ClusterDrainTest.class);
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final int NODES = 3;
    private static final int DRAINED = 1;

    /** Measured on a busy machine: below 500 ms. */
    private static final long MOST_PAUSE_MILLIS = 2_000;

    @TempDir
    Path directory;

    private final Ledger ledger = new Ledger();
    private final AtomicBoolean over = new AtomicBoolean();
    private final AtomicInteger lives = new AtomicInteger();
    private final Map<String, Long> pauses = new ConcurrentHashMap<>();

    @Test
    @Timeout(300)
    void shouldLoseNothingAndPauseForAMomentWhenANodeIsDrainedUnderLoad() throws Exception {
        try (ClusterProcesses cluster = new ClusterProcesses(directory, NODES, List.of())) {
            cluster.startAll();
            cluster.awaitWhole();
            String drained = cluster.status(DRAINED).getString("node");
            List<String> addresses = new ArrayList<>();
            for (int owner = 0; owner < NODES; owner++) {
                addresses.addAll(ownedBy(cluster, cluster.status(owner).getString("node"), 2));
            }
            ExecutorService load = load(cluster, addresses);
            awaitMore(1_000);
            pauses.clear();

            cluster.order(0, "drain", new JsonObject().put("node", drained));
            await().atMost(PATIENCE).until(() -> isDrained(cluster, drained));
            awaitMore(1_000);
            log.info("pauses in milliseconds while a node was drained: {}", pauses);
            assertThat(pauses).allSatisfy((address, pause) -> assertThat(pause).isLessThan(MOST_PAUSE_MILLIS));
            pauses.clear();

            cluster.order(0, "undrain", new JsonObject().put("node", drained));
            await().atMost(PATIENCE).until(() -> hasItsShare(cluster, drained));
            awaitMore(1_000);
            log.info("pauses in milliseconds while it was given its share: {}", pauses);
            assertThat(pauses).allSatisfy((address, pause) -> assertThat(pause).isLessThan(MOST_PAUSE_MILLIS));

            over.set(true);
            load.shutdownNow();
            assertThat(load.awaitTermination(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                    .isTrue();
            empty(cluster.node(0), addresses);
            assertThat(ledger.verdict()).isEmpty();
        }
    }

    @Test
    @Timeout(240)
    void shouldStayDrainedWhenAllAreStartedAgain() throws Exception {
        try (ClusterProcesses cluster = new ClusterProcesses(directory, NODES, List.of())) {
            cluster.startAll();
            cluster.awaitWhole();
            String drained = cluster.status(DRAINED).getString("node");
            cluster.order(0, "drain", new JsonObject().put("node", drained));
            await().atMost(PATIENCE).until(() -> isDrained(cluster, drained));

            assertThat(cluster.tryOrder(0, "drain", new JsonObject().put("node", "nobody")))
                    .isEqualTo(409);
            IntStream.range(0, NODES).forEach(cluster::kill);
            cluster.startAll();
            await().atMost(PATIENCE).ignoreExceptions().until(() -> isDrained(cluster, drained));
            cluster.awaitWhole();

            assertThat(isDrained(cluster, drained)).isTrue();
        }
    }

    private static boolean isDrained(ClusterProcesses cluster, String node) {
        JsonObject status = cluster.status(0);
        boolean said = ClusterProcesses.nodes(status)
                .anyMatch(each -> each.getString("id").equals(node) && each.getBoolean("draining"));
        return said
                && ClusterProcesses.isWhole(status)
                && ClusterProcesses.partitions(status)
                        .noneMatch(each -> each.getJsonArray("inSync").contains(node)
                                || each.getJsonArray("wanted").contains(node));
    }

    private static boolean hasItsShare(ClusterProcesses cluster, String node) {
        JsonObject status = cluster.status(0);
        long owned = ClusterProcesses.partitions(status)
                .filter(each -> node.equals(each.getString("owner")))
                .count();
        return owned >= Partitions.COUNT / NODES && ClusterProcesses.isWhole(status);
    }

    private static List<String> ownedBy(ClusterProcesses cluster, String node, int count) {
        List<Integer> its = ClusterProcesses.partitions(cluster.status(0))
                .filter(each -> node.equals(each.getString("owner")))
                .map(each -> each.getInteger("partition"))
                .toList();
        return IntStream.range(0, 10_000)
                .mapToObj(number -> "drain." + number)
                .filter(address -> its.contains(Partitions.numberOf(address)))
                .limit(count)
                .toList();
    }

    /** Clients of each address, at different nodes, that begin anew when they are disconnected; and one that takes the time. */
    private ExecutorService load(ClusterProcesses cluster, List<String> addresses) {
        ExecutorService threads = Executors.newCachedThreadPool();
        for (int i = 0; i < addresses.size(); i++) {
            String address = addresses.get(i);
            BrokerProcess node = cluster.node(i % NODES);
            threads.execute(() -> againAndAgain(() ->
                    new LoadConsumer(ledger, node.host(), node.port(), address, lives.incrementAndGet(), 30).run()));
            threads.execute(() -> againAndAgain(() -> {
                String name = address + "#" + lives.incrementAndGet();
                new LoadProducer(List.of(ledger), node.host(), node.port(), address, name, 10, 500).run();
            }));
            threads.execute(() -> measure(node, address));
        }
        return threads;
    }

    private void againAndAgain(Runnable life) {
        while (!over.get()) {
            life.run();
        }
    }

    /** Notes the longest time between two sends of one client that were accepted, over all its connections. */
    private void measure(BrokerProcess node, String address) {
        long accepted = System.nanoTime();
        while (!over.get()) {
            try (Client client = Client.create();
                    Connection connection = client.connect(node.host(), node.port(), LoadConsumer.options());
                    Sender sender = connection.openSender(address)) {
                String name = address + "-measured#" + lives.incrementAndGet();
                for (int number = 0; !over.get(); number++) {
                    Ledger.MessageName id = new Ledger.MessageName(name, number);
                    ledger.sending(id);
                    boolean taken = sender.send(Message.create(new byte[10])
                                    .durable(true)
                                    .subject(name)
                                    .property("n", number))
                            .awaitAccepted()
                            .remoteState()
                            .isAccepted();
                    if (taken) {
                        ledger.accepted(id);
                    }
                    long now = System.nanoTime();
                    pauses.merge(address, TimeUnit.NANOSECONDS.toMillis(now - accepted), Math::max);
                    accepted = now;
                }
            } catch (ClientException disconnected) {
                Thread.onSpinWait();
            }
        }
    }

    private void awaitMore(int messages) {
        int enough = ledger.acceptedCount() + messages;
        await().atMost(PATIENCE).until(() -> ledger.acceptedCount() >= enough);
    }

    private void empty(BrokerProcess node, List<String> addresses) throws ClientException {
        for (int round = 0; round < 2; round++) {
            for (String address : addresses) {
                int left =
                        new LoadConsumer(ledger, node.host(), node.port(), address, lives.incrementAndGet(), 0).drain();
                if (round > 0) {
                    assertThat(left).as("left in %s", address).isZero();
                }
            }
        }
    }
}

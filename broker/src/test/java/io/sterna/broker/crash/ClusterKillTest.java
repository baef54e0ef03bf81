package io.sterna.broker.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sterna.broker.testing.BrokerProcess;
import io.sterna.broker.testing.ClusterProcesses;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.apache.qpid.protonj2.client.Client;
import org.apache.qpid.protonj2.client.Connection;
import org.apache.qpid.protonj2.client.Message;
import org.apache.qpid.protonj2.client.Receiver;
import org.apache.qpid.protonj2.client.Sender;
import org.apache.qpid.protonj2.client.exceptions.ClientException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills nodes of a cluster of three under load: every accepted message comes, in order, and no settled one comes back. The
 * seed of a failing run is in the assertion's message.
 */
class ClusterKillTest {
    private static final List<String> ADDRESSES =
            List.of("cluster.one", "cluster.two", "cluster.three", "cluster.four");
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int NODES = 3;

    @TempDir
    Path directory;

    private final Ledger ledger = new Ledger();

    @Test
    @Timeout(300)
    void shouldKeepItsWordWhenANodeIsKilledUnderLoad() throws Exception {
        killOneByOne(2, new Random().nextLong());
    }

    @Test
    @Tag("long")
    @Timeout(3_000)
    void shouldKeepItsWordWhenFiftyNodesAreKilledOneByOne() throws Exception {
        killOneByOne(50, new Random().nextLong());
    }

    private void killOneByOne(int rounds, long seed) throws Exception {
        Random random = new Random(seed);
        try (ClusterProcesses cluster = new ClusterProcesses(directory, NODES, List.of())) {
            cluster.startAll();
            for (int round = 1; round <= rounds; round++) {
                cluster.awaitWhole();
                killOne(cluster, round, random);
            }
            cluster.awaitWhole();
            emptyAllQueues(cluster.node(random.nextInt(NODES)), rounds + 1);
            assertThat(ledger.verdict()).as("seed %s", seed).isEmpty();
            assertThat(ledger.acceptedCount()).isPositive();
            assertThat(ledger.confirmedCount()).isPositive();
        }
    }

    /** All clients of an address use the same node, so that what one leaves unsettled comes to none of this round. */
    private void killOne(ClusterProcesses cluster, int round, Random random) throws Exception {
        int enough = ledger.acceptedCount() + 200 + random.nextInt(2_000);
        ExecutorService threads = Executors.newCachedThreadPool();
        for (String address : ADDRESSES) {
            BrokerProcess node = cluster.node(random.nextInt(NODES));
            for (int i = 0; i < 2; i++) {
                threads.execute(new LoadConsumer(ledger, node.host(), node.port(), address, round, i == 0 ? 0 : 30));
                String name = address + "#" + round + "." + i;
                threads.execute(new LoadProducer(
                        List.of(ledger), node.host(), node.port(), address, name, i == 0 ? 1 : 100, 500));
            }
        }
        await().atMost(PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .until(() -> ledger.acceptedCount() >= enough);
        int victim = random.nextInt(NODES);
        cluster.kill(victim);
        awaitService(cluster.node((victim + 1) % NODES));
        threads.shutdownNow();
        assertThat(threads.awaitTermination(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .isTrue();
        cluster.start(victim);
    }

    /** Waits until a node takes and gives messages of all addresses. */
    private void awaitService(BrokerProcess node) {
        for (String address : ADDRESSES) {
            await().atMost(PATIENCE)
                    .pollInterval(Duration.ofMillis(20))
                    .ignoreExceptions()
                    .until(() -> isServed(node, address + ".probe"));
        }
    }

    private static boolean isServed(BrokerProcess node, String address) throws ClientException {
        try (Client client = Client.create();
                Connection connection = client.connect(node.host(), node.port(), LoadConsumer.options());
                Sender sender = connection.openSender(address);
                Receiver receiver = connection.openReceiver(address)) {
            sender.send(Message.create("probe").durable(true)).awaitAccepted();
            return receiver.receive(10, TimeUnit.SECONDS) != null;
        }
    }

    private void emptyAllQueues(BrokerProcess node, int life) throws ClientException, ExecutionException {
        for (int round = 0; round < 2; round++) {
            for (String address : ADDRESSES) {
                int left = new LoadConsumer(ledger, node.host(), node.port(), address, life + round, 0).drain();
                if (round > 0) {
                    assertThat(left).as("left in %s", address).isZero();
                }
            }
        }
    }
}

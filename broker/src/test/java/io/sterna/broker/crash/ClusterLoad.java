package io.sterna.broker.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sterna.broker.crash.Ledger.MessageName;
import io.sterna.broker.testing.BrokerProcess;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.apache.qpid.protonj2.client.Client;
import org.apache.qpid.protonj2.client.Connection;
import org.apache.qpid.protonj2.client.Message;
import org.apache.qpid.protonj2.client.Receiver;
import org.apache.qpid.protonj2.client.Sender;
import org.apache.qpid.protonj2.client.exceptions.ClientException;

/**
 * Clients of some queues of a cluster, in rounds, with a ledger of what they were told. Those that lose their connection
 * come again with the next round only, so that a message may be seen once in a round. Owned by the test's thread.
 */
final class ClusterLoad implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int PAYLOAD_BYTES = 500;

    /** Other ones in each test, and in other partitions. */
    private final List<String> addresses = Stream.of("one", "two", "three", "four")
            .map(name -> name + "." + UUID.randomUUID())
            .toList();

    private final Ledger ledger = new Ledger();
    private final List<Running> running = new ArrayList<>();
    private ExecutorService threads = Executors.newCachedThreadPool();
    private int round;
    private int probes;

    private record Running(BrokerProcess node, Future<?> end) {}

    List<String> addresses() {
        return addresses;
    }

    Ledger ledger() {
        return ledger;
    }

    /**
     * Begins a round: two producers and two consumers for each address. All of an address use the same node, so that what
     * one leaves unsettled comes to none of this round.
     *
     * @param nodes the first address uses the first one, and so on, around
     */
    void begin(List<BrokerProcess> nodes) {
        round++;
        for (int i = 0; i < addresses.size(); i++) {
            BrokerProcess node = nodes.get(i % nodes.size());
            for (int holdEvery : List.of(0, 30)) {
                consume(node, addresses.get(i), holdEvery);
            }
            for (int inFlight : List.of(1, 100)) {
                produce(node, addresses.get(i), inFlight);
            }
        }
    }

    /** One more consumer in this round. */
    void consume(BrokerProcess node, String address, int holdEvery) {
        run(node, new LoadConsumer(ledger, node.host(), node.port(), address, round, holdEvery));
    }

    /** One more producer in this round. */
    void produce(BrokerProcess node, String address, int inFlight) {
        String name = address + "#" + round + "." + inFlight;
        run(node, new LoadProducer(List.of(ledger), node.host(), node.port(), address, name, inFlight, PAYLOAD_BYTES));
    }

    private void run(BrokerProcess node, Runnable client) {
        running.add(new Running(node, threads.submit(client)));
    }

    /** Waits until so many more messages are accepted. */
    void awaitAccepted(int more) {
        int enough = ledger.acceptedCount() + more;
        await().atMost(PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .until(() -> ledger.acceptedCount() >= enough);
    }

    /** Waits until a node has accepted a message for this address. */
    void awaitAcceptedBy(BrokerProcess node, String address) {
        String probe = "probe#" + ++probes;
        AtomicInteger number = new AtomicInteger();
        await().atMost(PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(5))
                .ignoreExceptionsInstanceOf(ClientException.class)
                .until(() -> isAccepted(node, address, new MessageName(probe, number.getAndIncrement())));
    }

    private boolean isAccepted(BrokerProcess node, String address, MessageName id) throws ClientException {
        try (Client client = Client.create();
                Connection connection = client.connect(node.host(), node.port(), LoadConsumer.options());
                Sender sender = connection.openSender(address)) {
            ledger.sending(id);
            sender.send(LoadProducer.message(id, PAYLOAD_BYTES)).awaitAccepted();
            ledger.accepted(id);
            return true;
        }
    }

    /** Lets the clients go on for so long, which may be over already. */
    static void awaitLoadFor(Duration time) {
        Duration length = time.isNegative() ? Duration.ZERO : time;
        await().atMost(length.plus(PATIENCE)).pollDelay(length).until(() -> true);
    }

    /** Waits until all clients of a node have lost their connections. */
    void awaitAllDisconnectedFrom(BrokerProcess node) {
        await().atMost(PATIENCE).until(() -> running.stream()
                .filter(client -> client.node() == node)
                .allMatch(client -> client.end().isDone()));
    }

    /** Ends all clients; what they were not told is in doubt. */
    void end() throws InterruptedException, ExecutionException {
        threads.shutdownNow();
        assertThat(threads.awaitTermination(PATIENCE.toSeconds(), TimeUnit.SECONDS))
                .isTrue();
        for (Running client : running) {
            client.end().get(); // Fails when it has ended by an error of its own.
        }
        running.clear();
        threads = Executors.newCachedThreadPool();
    }

    /** Waits until a node takes and gives messages of all addresses. */
    void awaitService(BrokerProcess node) {
        for (String address : addresses) {
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

    /** Whether a node lets no client in. */
    boolean isRefused(BrokerProcess node) {
        try {
            isServed(node, addresses.get(0) + ".probe");
            return false;
        } catch (ClientException refused) {
            return true;
        }
    }

    /** Receives all there is of an address, with another connection when it moves, and returns how much that was in the end. */
    int drain(BrokerProcess node, String address) {
        return await().atMost(PATIENCE)
                .pollDelay(Duration.ZERO)
                .ignoreExceptionsInstanceOf(ClientException.class)
                .until(
                        () -> new LoadConsumer(ledger, node.host(), node.port(), address, ++round, 0).drain(),
                        received -> true);
    }

    /** Receives all there is, and fails when a message is lost, comes back, or comes out of order. */
    void check(BrokerProcess node) {
        for (String address : addresses) {
            drain(node, address);
            assertThat(drain(node, address)).as("left in %s", address).isZero();
        }
        assertThat(ledger.verdict()).isEmpty();
        assertThat(ledger.acceptedCount()).isPositive();
        assertThat(ledger.confirmedCount()).isPositive();
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}

package io.sterna.broker.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sterna.broker.crash.Ledger.MessageName;
import io.sterna.broker.testing.BrokerProcess;
import jakarta.jms.JMSException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.qpid.protonj2.client.Client;
import org.apache.qpid.protonj2.client.Connection;
import org.apache.qpid.protonj2.client.DurabilityMode;
import org.apache.qpid.protonj2.client.ExpiryPolicy;
import org.apache.qpid.protonj2.client.Message;
import org.apache.qpid.protonj2.client.Receiver;
import org.apache.qpid.protonj2.client.ReceiverOptions;
import org.apache.qpid.protonj2.client.Sender;
import org.apache.qpid.protonj2.client.exceptions.ClientException;

/**
 * Clients of some queues of a cluster and of a topic with durable subscriptions, in rounds, with ledgers of what they were
 * told, and one that uses some queues in transactions. All but that one, when they lose their connection, come again with
 * the next round only, so that a message may be seen once in a round. Owned by the test's thread.
 */
final class ClusterLoad implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(60);
    private static final int PAYLOAD_BYTES = 500;

    /** Other addresses in each test, and in other partitions. */
    private final UUID test = UUID.randomUUID();

    private final List<String> addresses = Stream.of("one", "two", "three", "four")
            .map(name -> name + "." + test)
            .toList();

    private final String topic = "topic." + test;
    private final List<String> subscriptions = List.of("first-" + test, "second-" + test);

    /** Of the queues. */
    private final Ledger ledger = new Ledger();

    private final List<Feed> feeds = new ArrayList<>();
    private final TokenMoves moves = new TokenMoves("moves." + test);
    private final List<Running> running = new ArrayList<>();
    private ExecutorService threads = Executors.newCachedThreadPool();
    private int round;
    private int probes;

    /** @param node where it is, unless it connects again by itself */
    private record Running(Optional<BrokerProcess> node, Future<?> end) {}

    /**
     * An address that is sent to.
     *
     * @param ledgers of the queues that get what is sent
     */
    private record Feed(String address, Map<String, Ledger> ledgers) {}

    ClusterLoad() {
        addresses.forEach(address -> feeds.add(new Feed(address, Map.of(address, ledger))));
        feeds.add(new Feed(
                topic,
                subscriptions.stream()
                        .collect(Collectors.toMap(name -> topic + "/subscriptions/" + name, name -> new Ledger()))));
    }

    List<String> addresses() {
        return addresses;
    }

    Ledger ledger() {
        return ledger;
    }

    /**
     * Begins a round: two producers and two consumers for each address, and as many for each subscription, and one that
     * works in transactions. All of an address use the same node, so that what one leaves unsettled comes to none of this
     * round.
     *
     * @param nodes the first address uses the first one, and so on, around
     */
    void begin(List<BrokerProcess> nodes) throws Exception {
        if (++round == 1) {
            subscribe(nodes.get(0));
            moves.place(nodes.get(0));
        }
        for (int i = 0; i < feeds.size(); i++) {
            BrokerProcess node = nodes.get(i % nodes.size());
            Feed feed = feeds.get(i);
            feed.ledgers().forEach((queue, its) -> {
                for (int holdEvery : List.of(0, 30)) {
                    run(node, new LoadConsumer(its, node.host(), node.port(), queue, round, holdEvery));
                }
            });
            for (int inFlight : List.of(1, 100)) {
                run(node, producer(node, feed, inFlight));
            }
        }
        BrokerProcess node = nodes.get(0);
        BooleanSupplier ended = threads::isShutdown;
        running.add(new Running(Optional.empty(), threads.submit(() -> moves.keepMoving(node, new Random(), ended))));
    }

    private LoadProducer producer(BrokerProcess node, Feed feed, int inFlight) {
        String name = feed.address() + "#" + round + "." + inFlight;
        List<Ledger> its = List.copyOf(feed.ledgers().values());
        return new LoadProducer(its, node.host(), node.port(), feed.address(), name, inFlight, PAYLOAD_BYTES);
    }

    /** Shared by all clients, so that its queue is named by its name alone. */
    private void subscribe(BrokerProcess node) throws Exception {
        try (Client client = Client.create();
                Connection connection = client.connect(node.host(), node.port(), LoadConsumer.options())) {
            for (String name : subscriptions) {
                ReceiverOptions options =
                        new ReceiverOptions().linkName(name + "|global").creditWindow(0);
                options.sourceOptions()
                        .capabilities("topic", "shared", "global")
                        .durabilityMode(DurabilityMode.UNSETTLED_STATE)
                        .expiryPolicy(ExpiryPolicy.NEVER);
                connection
                        .openReceiver(topic, options)
                        .openFuture()
                        .get(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                        .detach();
            }
        }
    }

    private void run(BrokerProcess node, Runnable client) {
        running.add(new Running(Optional.of(node), threads.submit(client)));
    }

    /** Waits until so many more messages are accepted, and a transaction is committed. */
    void awaitAccepted(int more) {
        int enough = ledger.acceptedCount() + more;
        int commits = moves.commits();
        await().atMost(PATIENCE)
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(1))
                .until(() -> ledger.acceptedCount() >= enough && moves.commits() > commits);
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
                .filter(client -> client.node().equals(Optional.of(node)))
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

    /** Waits until each address is served by one of some nodes, whichever. */
    void awaitServiceBySome(List<BrokerProcess> nodes) {
        for (String address : addresses) {
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(20)).until(() -> nodes.stream()
                    .anyMatch(node -> !isRefused(node, address + ".probe")));
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
        return isRefused(node, addresses.get(0) + ".probe");
    }

    private static boolean isRefused(BrokerProcess node, String address) {
        try {
            return !isServed(node, address);
        } catch (ClientException refused) {
            return true;
        }
    }

    /** Receives all there is of a queue, with another connection when it moves, and returns how much that was in the end. */
    int drain(BrokerProcess node, String queue) {
        Ledger its = feeds.stream()
                .flatMap(feed -> Stream.ofNullable(feed.ledgers().get(queue)))
                .findFirst()
                .orElseThrow();
        return await().atMost(PATIENCE)
                .pollDelay(Duration.ZERO)
                .ignoreExceptionsInstanceOf(ClientException.class)
                .until(
                        () -> new LoadConsumer(its, node.host(), node.port(), queue, ++round, 0).drain(),
                        received -> true);
    }

    /**
     * Receives all there is, and fails when a message is lost, comes back, or comes out of order, or a transaction was done
     * by halves.
     */
    void check(BrokerProcess node) throws JMSException {
        for (Feed feed : feeds) {
            for (String queue : feed.ledgers().keySet()) {
                drain(node, queue);
                assertThat(drain(node, queue)).as("left in %s", queue).isZero();
            }
        }
        feeds.forEach(feed -> feed.ledgers().forEach((queue, its) -> {
            assertThat(its.verdict()).as(queue).isEmpty();
            assertThat(its.acceptedCount()).as(queue).isPositive();
            assertThat(its.confirmedCount()).as(queue).isPositive();
        }));
        moves.check(node, "transactions");
    }

    @Override
    public void close() {
        threads.shutdownNow();
    }
}

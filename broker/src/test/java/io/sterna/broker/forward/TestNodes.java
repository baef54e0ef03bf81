package io.sterna.broker.forward;

import io.sterna.broker.BrokerFixture;
import io.sterna.broker.config.ConfigException;
import io.sterna.broker.partition.Decisions;
import io.sterna.broker.partition.Partition;
import io.sterna.broker.partition.Partitions;
import io.sterna.store.InMemoryStore;
import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.apache.qpid.jms.JmsConnectionFactory;

/**
 * Some brokers without anything in common but a table that says who owns an address: for one that begins with {@code n1.}
 * number 1, and so on, and for others the one that their hash gives, until they are moved.
 */
final class TestNodes implements AutoCloseable {
    private static final long MEMORY_BYTES = 64L * 1024 * 1024;
    private static final String OPTIONS =
            "jms.requestTimeout=20000&jms.connectTimeout=20000&jms.sendTimeout=20000&jms.closeTimeout=20000";

    private final List<Table> tables = new ArrayList<>();
    private final List<BrokerFixture> brokers = new ArrayList<>();
    private final Set<Integer> stopped = ConcurrentHashMap.newKeySet();
    private final List<Connection> connections = new CopyOnWriteArrayList<>();

    TestNodes(int count, String... settings) throws ConfigException {
        this(IntStream.range(0, count).mapToObj(number -> "common secret").toList(), settings);
    }

    /** Each with a secret of its own. */
    TestNodes(List<String> secrets, String... settings) throws ConfigException {
        for (int number = 0; number < secrets.size(); number++) {
            Table table = new Table(number);
            tables.add(table);
            brokers.add(new BrokerFixture(
                    new InMemoryStore(),
                    MEMORY_BYTES,
                    BrokerFixture.PLENTY_OF_DISK,
                    Peering.of(table, Optional.of(secrets.get(number)), true),
                    List.of(settings)));
        }
    }

    /** What one of them believes. */
    private final class Table implements Routing {
        private final int self;
        private final Map<String, Route> moved = new ConcurrentHashMap<>();
        private final List<Listener> listeners = new CopyOnWriteArrayList<>();

        Table(int self) {
            this.self = self;
        }

        @Override
        public String self() {
            return nameOf(self);
        }

        @Override
        public Route of(String address) {
            return moved.getOrDefault(address, to(ownerOf(address)));
        }

        private int ownerOf(String address) {
            return address.matches("n[0-9]\\..*")
                    ? address.charAt(1) - '0'
                    : Math.floorMod(address.hashCode(), tables.size());
        }

        private Route to(int owner) {
            return owner == self ? Route.Here.INSTANCE : new Route.At(address(owner));
        }

        @Override
        public List<PeerAddress> owners() {
            return IntStream.range(0, brokers.size())
                    .filter(number -> number != self)
                    .mapToObj(TestNodes.this::address)
                    .toList();
        }

        @Override
        public List<PeerAddress> servers() {
            return owners();
        }

        @Override
        public void listen(Listener listener) {
            listeners.add(listener);
        }
    }

    private static String nameOf(int number) {
        return "node-" + number;
    }

    private PeerAddress address(int number) {
        return new PeerAddress(nameOf(number), "127.0.0.1", port(number));
    }

    int port(int number) {
        return brokers.get(number).broker().amqpPort();
    }

    /**
     * From now on each has the partitions only whose numbers say so, and asks the others; for addresses of {@link
     * #nameAt}.
     */
    void share() {
        for (int number = 0; number < brokers.size(); number++) {
            Partitions its = brokers.get(number).partitions();
            its.askElsewhere(request -> ask(request, its));
            for (int id = 0; id < Partitions.COUNT; id++) {
                Partition partition = its.get(id);
                if (id % brokers.size() != number) {
                    partition.loop().post(() -> partition.close("another node has it"));
                }
            }
        }
    }

    private void ask(Decisions.Request request, Partitions asking) {
        int owner = request.asked() % brokers.size();
        if (!stopped.contains(owner)) {
            brokers.get(owner).partitions().answer(request, asking::onAnswer);
        }
    }

    /** A name of a queue that is in a partition of that node. */
    String nameAt(int number, String name) {
        for (int attempt = 0; ; attempt++) {
            String address = "n" + number + "." + name + "-" + attempt;
            if (Partitions.numberOf(address) % brokers.size() == number) {
                return address;
            }
        }
    }

    /** All learn that another one owns an address. */
    void move(String address, int owner) {
        tables.forEach(table -> table.moved.put(address, table.to(owner)));
        tables.forEach(table -> table.listeners.forEach(Routing.Listener::onMoved));
    }

    /** One of them hears that another one is gone, while connections between them stay open. */
    void loseSight(int number, int gone) {
        tables.get(number).listeners.forEach(listener -> listener.onNodeGone(nameOf(gone)));
    }

    /** One of them takes another one for the owner. */
    void mislead(int number, String address, int owner) {
        tables.get(number).moved.put(address, tables.get(number).to(owner));
    }

    /** One of them takes somebody for a node that owns an address. */
    void mislead(int number, String address, PeerAddress owner) {
        tables.get(number).moved.put(address, new Route.At(owner));
    }

    /** None of them knows an owner. */
    void orphan(String address) {
        tables.forEach(table -> table.moved.put(address, new Route.Nowhere("its owner is down")));
    }

    BrokerFixture broker(int number) {
        return brokers.get(number);
    }

    /** Stops one of them. */
    void stop(int number) {
        tables.get(number).listeners.clear();
        brokers.get(number).close();
        stopped.add(number);
    }

    /** A started JMS connection to one of them. */
    Connection connect(int number, String... options) throws JMSException {
        return start(new JmsConnectionFactory("amqp://127.0.0.1:" + port(number) + "?" + options(options)));
    }

    /** The same with an identifier. */
    Connection connectAs(String clientId, int number) throws JMSException {
        JmsConnectionFactory factory =
                new JmsConnectionFactory("amqp://127.0.0.1:" + port(number) + "?" + options(new String[0]));
        factory.setClientID(clientId);
        return start(factory);
    }

    /** The same to the first of some that can be reached. */
    Connection connectToAnyOf(int... numbers) throws JMSException {
        String urls = IntStream.of(numbers)
                .mapToObj(number -> "amqp://127.0.0.1:" + port(number))
                .collect(Collectors.joining(","));
        return start(new JmsConnectionFactory("failover:(" + urls
                + ")?failover.reconnectDelay=20&failover.useReconnectBackOff=false&" + options(new String[0])));
    }

    private static String options(String[] options) {
        return OPTIONS + (options.length == 0 ? "" : "&" + String.join("&", options));
    }

    private Connection start(JmsConnectionFactory factory) throws JMSException {
        Connection connection = factory.createConnection();
        connections.add(connection);
        connection.start();
        return connection;
    }

    @Override
    public void close() throws JMSException {
        for (Connection connection : connections) {
            connection.close();
        }
        for (int number = 0; number < brokers.size(); number++) {
            if (!stopped.contains(number)) {
                brokers.get(number).close();
            }
        }
    }
}

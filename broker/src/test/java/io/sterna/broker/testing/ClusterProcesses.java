package io.sterna.broker.testing;

import io.sterna.amqp.sasl.PasswordHash;
import io.sterna.broker.partition.Partitions;
import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.awaitility.Awaitility;

/** The nodes of a cluster on this machine, each in a process of its own, which a test may kill and start again. */
public final class ClusterProcesses implements AutoCloseable {
    private static final int FIRST_PORT = 20_000;
    private static final int PORTS = 10_000;
    private static final int HEAP_MEBIBYTES = 256;
    private static final String USER = "tests";
    private static final String LOGIN =
            "Basic " + Base64.getEncoder().encodeToString((USER + ":" + USER).getBytes(StandardCharsets.UTF_8));
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Path directory;
    private final List<String> settings;
    private final List<Integer> ports;

    /** For clients: the same ones after a restart. */
    private final List<Integer> clientPorts;

    private final Optional<NodeNetworks> networks;
    private final HttpClient http = HttpClient.newHttpClient();
    private final Map<Integer, BrokerProcess> running = new HashMap<>();

    /**
     * Starts nothing yet.
     *
     * @param directory each node has its data in a directory below
     * @param settings of all nodes, {@code key=value}
     */
    public ClusterProcesses(Path directory, int nodes, List<String> settings) {
        this(directory, nodes, settings, Optional.empty());
    }

    /** Nodes in networks of their own, which the caller closes afterwards. */
    public ClusterProcesses(Path directory, NodeNetworks networks, int nodes) {
        this(
                directory,
                nodes,
                List.of(
                        "auth.anonymous=true",
                        "auth.users." + USER + "=" + PasswordHash.create(USER, new SecureRandom()),
                        "cluster.secret=of these tests and of nobody else"),
                Optional.of(networks));
    }

    private ClusterProcesses(Path directory, int nodes, List<String> settings, Optional<NodeNetworks> networks) {
        this.networks = networks;
        this.directory = directory;
        this.settings = List.copyOf(settings);
        List<Integer> free = freePorts(2 * nodes);
        ports = free.subList(0, nodes);
        clientPorts = free.subList(nodes, free.size());
    }

    private static List<Integer> freePorts(int count) {
        List<Integer> found = new ArrayList<>();
        int start = (int) (ProcessHandle.current().pid() % PORTS);
        for (int offset = 0; found.size() < count; offset++) {
            int port = FIRST_PORT + (start + offset) % PORTS;
            if (isFree(port)) {
                found.add(port);
            }
        }
        return found;
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
            return true;
        } catch (IOException inUse) {
            return false;
        }
    }

    /** Starts all of them that do not run, at once. */
    public void startAll() {
        IntStream.range(0, ports.size())
                .parallel()
                .filter(node -> !isRunning(node))
                .forEach(this::start);
    }

    /** Starts a node and returns when it accepts connections. */
    public BrokerProcess start(int node) {
        List<String> its = new ArrayList<>(settings);
        its.add("cluster.enabled=true");
        its.add("cluster.port=" + ports.get(node));
        its.add("cluster.members="
                + IntStream.range(0, ports.size()).mapToObj(this::id).collect(Collectors.joining(",")));
        for (String host : List.of("cluster.host", "amqp.host", "http.host")) {
            its.add(host + "=" + host(node));
        }
        List<String> within = networks.map(each -> each.command(node)).orElse(List.of());
        BrokerProcess process = BrokerProcess.start(within, data(node), clientPorts.get(node), its, HEAP_MEBIBYTES);
        synchronized (running) {
            running.put(node, process);
        }
        return process;
    }

    private Path data(int node) {
        return directory.resolve("node" + node);
    }

    public BrokerProcess node(int node) {
        synchronized (running) {
            return running.get(node);
        }
    }

    private boolean isRunning(int node) {
        synchronized (running) {
            return running.containsKey(node);
        }
    }

    /** What a running node says of the cluster. */
    public JsonObject status(int node) {
        return new JsonObject(send(HttpRequest.newBuilder(node(node).httpUrl().resolve("/api/v1/cluster")))
                .body());
    }

    /** Has a node do what an operator asks of its cluster, and expects it to be done. */
    public void order(int node, String what, JsonObject body) {
        int status = tryOrder(node, what, body);
        if (status != 200) {
            throw new AssertionError(what + " " + body + " was answered with " + status);
        }
    }

    /** The same, and returns the status of its answer. */
    public int tryOrder(int node, String what, JsonObject body) {
        return send(HttpRequest.newBuilder(node(node).httpUrl().resolve("/api/v1/cluster/" + what))
                        .POST(HttpRequest.BodyPublishers.ofString(body.encode())))
                .statusCode();
    }

    private HttpResponse<String> send(HttpRequest.Builder request) {
        try {
            networks.ifPresent(its -> request.header("Authorization", LOGIN));
            return http.send(request.timeout(Duration.ofSeconds(5)).build(), HttpResponse.BodyHandlers.ofString());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while asking a node", e);
        }
    }

    /**
     * Waits until all nodes serve clients, and each partition has all its copies and is owned by whom it is to be: so that any
     * one may fail, and nothing moves by itself.
     */
    public void awaitWhole() {
        Awaitility.await()
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(50))
                .ignoreExceptions()
                .until(() -> IntStream.range(0, ports.size()).allMatch(node -> isWhole(status(node))));
    }

    /** The partitions in what a node says of the cluster. */
    public static Stream<JsonObject> partitions(JsonObject status) {
        return status.getJsonArray("partitions").stream().map(JsonObject.class::cast);
    }

    /** The nodes in what a node says of the cluster. */
    public static Stream<JsonObject> nodes(JsonObject status) {
        return status.getJsonArray("nodes").stream().map(JsonObject.class::cast);
    }

    /** Whether it has all its copies where they are to be, and is owned by whom it is to be. */
    public static boolean isSettled(JsonObject partition) {
        List<String> wanted = texts(partition, "wanted");
        return !wanted.isEmpty()
                && wanted.get(0).equals(partition.getString("owner"))
                && new TreeSet<>(texts(partition, "inSync")).equals(new TreeSet<>(wanted));
    }

    /** Whether all nodes are there, and each partition is settled. */
    public static boolean isWhole(JsonObject status) {
        boolean complete = partitions(status).allMatch(ClusterProcesses::isSettled);
        boolean present = nodes(status).allMatch(node -> node.getBoolean("present"));
        return complete && present && !status.containsKey("problem");
    }

    private static List<String> texts(JsonObject object, String name) {
        return object.getJsonArray(name).stream().map(Object::toString).toList();
    }

    /**
     * Waits until each partition of which one of these nodes has a copy in sync is owned by one of them.
     *
     * @param nodes those that run
     * @return those of the addresses that are in partitions with an owner
     */
    public List<String> awaitOwners(List<Integer> nodes, List<String> addresses) {
        TreeSet<String> ids = nodes.stream().map(this::id).collect(Collectors.toCollection(TreeSet::new));
        Awaitility.await()
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(50))
                .ignoreExceptions()
                .until(() -> nodes.stream().allMatch(node -> isServed(status(node), ids)));
        JsonArray partitions = status(nodes.get(0)).getJsonArray("partitions");
        return addresses.stream()
                .filter(address -> isOwned(partitions.getJsonObject(Partitions.numberOf(address)), ids))
                .toList();
    }

    private static boolean isServed(JsonObject status, Set<String> ids) {
        return !status.containsKey("problem")
                && status.getJsonArray("partitions").stream()
                        .map(JsonObject.class::cast)
                        .allMatch(partition -> isOwned(partition, ids)
                                || texts(partition, "inSync").stream().noneMatch(ids::contains));
    }

    private static boolean isOwned(JsonObject partition, Set<String> ids) {
        return ids.contains(partition.getString("owner", ""));
    }

    /** Where clients of Qpid JMS connect that go on with another node when they lose theirs. */
    public String failoverUrl() {
        return IntStream.range(0, ports.size())
                .mapToObj(node -> "amqp://" + host(node) + ":" + clientPorts.get(node))
                .collect(Collectors.joining(",", "failover:(", ")?failover.randomize=true"));
    }

    /** The node that owns a partition, as the first one knows. */
    public int owner(int partition) {
        String owner =
                status(0).getJsonArray("partitions").getJsonObject(partition).getString("owner");
        return IntStream.range(0, ports.size())
                .filter(node -> id(node).equals(owner))
                .findFirst()
                .orElseThrow();
    }

    /** How the others name a node. */
    public String id(int node) {
        return host(node) + ":" + ports.get(node);
    }

    private String host(int node) {
        return networks.map(each -> each.address(node)).orElse("127.0.0.1");
    }

    /** Ends a node at once (SIGKILL). */
    public void kill(int node) {
        remove(node).kill();
    }

    /** Asks a node to end (SIGTERM), and waits until it has. */
    public void stop(int node) {
        remove(node).close();
    }

    private BrokerProcess remove(int node) {
        synchronized (running) {
            return running.remove(node);
        }
    }

    /** Ends all nodes at the same time (SIGKILL). */
    public void killAll() {
        removeAll().parallelStream().forEach(BrokerProcess::kill);
    }

    /** Asks all nodes to end at the same time (SIGTERM), and waits until they have. */
    public void stopAll() {
        removeAll().parallelStream().forEach(BrokerProcess::close);
    }

    private List<BrokerProcess> removeAll() {
        synchronized (running) {
            List<BrokerProcess> all = List.copyOf(running.values());
            running.clear();
            return all;
        }
    }

    /** Removes all that a node, which does not run, has on its disk. */
    public void loseDisk(int node) {
        try {
            BrokerExtension.deleteRecursively(data(node));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Sends a signal to a node's process. */
    public void signal(int node, String signal) {
        try {
            new ProcessBuilder("kill", "-" + signal, Long.toString(node(node).pid()))
                    .start()
                    .waitFor();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException("interrupted while sending a signal", e);
        }
    }

    @Override
    public void close() {
        removeAll().forEach(BrokerProcess::kill);
    }
}

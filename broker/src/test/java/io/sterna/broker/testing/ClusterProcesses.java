package io.sterna.broker.testing;

import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;

/** The nodes of a cluster on this machine, each in a process of its own, which a test may kill and start again. */
public final class ClusterProcesses implements AutoCloseable {
    private static final int FIRST_PORT = 20_000;
    private static final int PORTS = 10_000;
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Path directory;
    private final List<String> settings;
    private final List<Integer> ports;
    private final HttpClient http = HttpClient.newHttpClient();
    private final Map<Integer, BrokerProcess> running = new HashMap<>();

    /**
     * Starts nothing yet.
     *
     * @param directory each node has its data in a directory below
     * @param settings of all nodes, {@code key=value}
     */
    public ClusterProcesses(Path directory, int nodes, List<String> settings) {
        this.directory = directory;
        this.settings = List.copyOf(settings);
        ports = freePorts(nodes);
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

    /** All of them at once. */
    public void startAll() {
        IntStream.range(0, ports.size()).parallel().forEach(this::start);
    }

    /** Starts a node and returns when it accepts connections. */
    public BrokerProcess start(int node) {
        List<String> its = new ArrayList<>(settings);
        its.add("cluster.enabled=true");
        its.add("cluster.port=" + ports.get(node));
        its.add("cluster.members="
                + ports.stream().map(port -> "127.0.0.1:" + port).collect(Collectors.joining(",")));
        BrokerProcess process = BrokerProcess.start(directory.resolve("node" + node), 0, its, 256);
        synchronized (running) {
            running.put(node, process);
        }
        return process;
    }

    public BrokerProcess node(int node) {
        synchronized (running) {
            return running.get(node);
        }
    }

    /** What a running node says of the cluster. */
    public JsonObject status(int node) {
        try {
            HttpRequest request = HttpRequest.newBuilder(node(node).httpUrl().resolve("/api/v1/cluster"))
                    .timeout(Duration.ofSeconds(5))
                    .build();
            return new JsonObject(
                    http.send(request, HttpResponse.BodyHandlers.ofString()).body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while asking a node", e);
        }
    }

    /** Waits until all nodes serve clients, and each partition has an owner and all its copies: so that any one may fail. */
    public void awaitWhole() {
        Awaitility.await()
                .atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(50))
                .ignoreExceptions()
                .until(() -> IntStream.range(0, ports.size()).allMatch(node -> isWhole(status(node))));
    }

    private static boolean isWhole(JsonObject status) {
        boolean complete = status.getJsonArray("partitions").stream()
                .map(JsonObject.class::cast)
                .allMatch(partition -> partition.containsKey("owner")
                        && !partition.getJsonArray("wanted").isEmpty()
                        && new TreeSet<>(texts(partition, "inSync")).equals(new TreeSet<>(texts(partition, "wanted"))));
        boolean present = status.getJsonArray("nodes").stream()
                .map(JsonObject.class::cast)
                .allMatch(node -> node.getBoolean("present"));
        return complete && present && !status.containsKey("problem");
    }

    private static List<String> texts(JsonObject object, String name) {
        return object.getJsonArray(name).stream().map(Object::toString).toList();
    }

    /** Ends a node at once (SIGKILL). */
    public void kill(int node) {
        BrokerProcess process;
        synchronized (running) {
            process = running.remove(node);
        }
        process.kill();
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
        List<BrokerProcess> left;
        synchronized (running) {
            left = List.copyOf(running.values());
            running.clear();
        }
        left.forEach(BrokerProcess::kill);
    }
}

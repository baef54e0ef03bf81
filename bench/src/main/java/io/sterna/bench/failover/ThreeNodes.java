package io.sterna.bench.failover;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/** Three nodes on this machine, each a child process, ended with this JVM by their ids. Owned by one thread. */
final class ThreeNodes implements AutoCloseable {
    static final int COUNT = 3;

    private static final Duration READY = Duration.ofMinutes(2);
    private static final int POLL_MILLIS = 20;
    private static final Pattern URLS = Pattern.compile("ready amqp://[^ :]+:(\\d+) (http://\\S+) .*");

    private final String launcher;
    private final Path directory;
    private final List<Integer> clusterPorts;
    private final Map<Integer, Node> nodes = new HashMap<>();
    private final HttpClient http = HttpClient.newHttpClient();
    private final Thread atExit = new Thread(this::end, "failover-exit");

    private record Node(Process process, int port, URI url) {}

    ThreeNodes(String launcher, Path directory) throws IOException {
        this.launcher = launcher;
        this.directory = directory;
        clusterPorts = freePorts();
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    private static List<Integer> freePorts() throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        try {
            for (int node = 0; node < COUNT; node++) {
                sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
            return sockets.stream().map(ServerSocket::getLocalPort).toList();
        } finally {
            for (ServerSocket socket : sockets) {
                socket.close();
            }
        }
    }

    /** Starts a node and waits until it says that it is ready. */
    void start(int number) throws IOException, InterruptedException, TimeoutException {
        List<String> command = new ArrayList<>(List.of(launcher, "run", "--port", "0", "--http-port", "0", "--data"));
        command.add(directory.resolve("node" + number).toString());
        String members = clusterPorts.stream().map(port -> "127.0.0.1:" + port).collect(Collectors.joining(","));
        for (String setting : List.of(
                "cluster.enabled=true", "cluster.port=" + clusterPorts.get(number), "cluster.members=" + members)) {
            command.add("--set");
            command.add(setting);
        }
        Process process = new ProcessBuilder(command)
                .redirectError(ProcessBuilder.Redirect.appendTo(
                        directory.resolve("node" + number + ".log").toFile()))
                .start();
        CompletableFuture<Matcher> ready = new CompletableFuture<>();
        Thread reader = new Thread(() -> read(process, ready), "failover-output");
        reader.setDaemon(true);
        reader.start();
        try {
            Matcher urls = ready.get(READY.toSeconds(), TimeUnit.SECONDS);
            nodes.put(number, new Node(process, Integer.parseInt(urls.group(1)), URI.create(urls.group(2))));
        } catch (ExecutionException e) {
            throw new IOException("node " + number + " did not get ready; see its log in " + directory, e);
        }
    }

    private static void read(Process process, CompletableFuture<Matcher> ready) {
        try (BufferedReader output = process.inputReader()) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                Matcher urls = URLS.matcher(line);
                if (urls.matches()) {
                    ready.complete(urls);
                }
            }
            ready.completeExceptionally(new IOException("it has ended"));
        } catch (IOException e) {
            ready.completeExceptionally(e);
        }
    }

    /** Where clients connect to it. */
    int port(int number) {
        return node(number).port();
    }

    private Node node(int number) {
        return Optional.ofNullable(nodes.get(number)).orElseThrow();
    }

    /** SIGKILL; returns at once. */
    void kill(int number) {
        node(number).process().destroyForcibly();
    }

    void signal(int number, String signal) throws IOException, InterruptedException {
        new ProcessBuilder(
                        "kill",
                        "-" + signal,
                        Long.toString(node(number).process().pid()))
                .start()
                .waitFor();
    }

    /** Waits until all nodes say that each partition has an owner and all its copies, so that any one may go. */
    void awaitWhole() throws InterruptedException, TimeoutException {
        long deadline = System.nanoTime() + READY.toNanos();
        while (!IntStream.range(0, COUNT).allMatch(this::isWhole)) {
            if (System.nanoTime() - deadline > 0) {
                throw new TimeoutException("not all copies were there within " + READY);
            }
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
        }
    }

    private boolean isWhole(int number) {
        return status(number)
                .filter(status -> !status.containsKey("problem"))
                .filter(status -> partitions(status).allMatch(ThreeNodes::hasAllCopies))
                .isPresent();
    }

    private static Stream<JsonObject> partitions(JsonObject status) {
        return status.getJsonArray("partitions").stream().map(JsonObject.class::cast);
    }

    private static boolean hasAllCopies(JsonObject partition) {
        JsonArray wanted = partition.getJsonArray("wanted");
        return !wanted.isEmpty()
                && new HashSet<>(wanted.stream().toList())
                        .equals(new HashSet<>(
                                partition.getJsonArray("inSync").stream().toList()));
    }

    /** Which node owns a partition. */
    Optional<Integer> ownerOf(int partition) {
        return status(0)
                .flatMap(status -> partitions(status).skip(partition).findFirst())
                .map(its -> its.getString("owner", ""))
                .map(owner -> IntStream.range(0, COUNT)
                        .filter(node -> owner.endsWith(":" + clusterPorts.get(node)))
                        .findFirst()
                        .orElse(-1));
    }

    private Optional<JsonObject> status(int number) {
        try {
            HttpRequest request = HttpRequest.newBuilder(node(number).url().resolve("/api/v1/cluster"))
                    .timeout(Duration.ofSeconds(5))
                    .build();
            HttpResponse<String> response = http.send(request, HttpResponse.BodyHandlers.ofString());
            return response.statusCode() == 200 ? Optional.of(new JsonObject(response.body())) : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        }
    }

    @Override
    public void close() {
        end();
        Runtime.getRuntime().removeShutdownHook(atExit);
    }

    private void end() {
        nodes.values().forEach(node -> node.process().destroyForcibly());
    }
}

package io.sterna.bench.nodes;

import java.io.BufferedReader;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * A cluster of three members, and of nodes that join them, on this machine: each a child process, ended with this JVM by
 * its id. Owned by one thread.
 */
final class Nodes implements AutoCloseable {
    /** Nodes with lower numbers are those that the cluster begins with. */
    static final int MEMBERS = 3;

    private static final int MOST = MEMBERS + 1;
    private static final Duration READY = Duration.ofMinutes(2);
    private static final int POLL_MILLIS = 20;
    private static final Pattern URLS = Pattern.compile("ready amqp://[^ :]+:(\\d+) (http://\\S+) .*");

    private final String launcher;
    private final Path directory;
    private final List<Integer> clusterPorts;
    private final Map<Integer, Node> nodes = new TreeMap<>();
    private final Thread atExit = new Thread(this::end, "nodes-exit");

    private record Node(Process process, int port, NodeApi api) {}

    private record Started(Process process, CompletableFuture<Matcher> ready) {}

    /** @param directory each node has its data and its log below */
    Nodes(String launcher, Path directory) throws IOException {
        this.launcher = launcher;
        this.directory = directory;
        clusterPorts = freePorts();
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    private static List<Integer> freePorts() throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        try {
            for (int node = 0; node < MOST; node++) {
                sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
            }
            return sockets.stream().map(ServerSocket::getLocalPort).toList();
        } finally {
            for (ServerSocket socket : sockets) {
                socket.close();
            }
        }
    }

    /** Starts nodes at the same time and waits until they say that they are ready. */
    void start(int... numbers) throws IOException, InterruptedException, TimeoutException {
        Map<Integer, Started> started = new TreeMap<>();
        try {
            for (int number : numbers) {
                started.put(number, launch(number));
            }
            for (Map.Entry<Integer, Started> each : started.entrySet()) {
                Matcher urls = each.getValue().ready().get(READY.toSeconds(), TimeUnit.SECONDS);
                nodes.put(
                        each.getKey(),
                        new Node(
                                each.getValue().process(),
                                Integer.parseInt(urls.group(1)),
                                new NodeApi(URI.create(urls.group(2)))));
            }
        } catch (ExecutionException e) {
            throw new IOException("a node did not get ready; see the logs in " + directory, e);
        } finally {
            started.forEach((number, its) -> {
                if (!nodes.containsKey(number)) {
                    its.process().destroyForcibly();
                }
            });
        }
    }

    private Started launch(int number) throws IOException {
        List<String> command = new ArrayList<>(List.of(launcher, "run", "--port", "0", "--http-port", "0", "--data"));
        command.add(directory.resolve("node" + number).toString());
        String members = clusterPorts.stream()
                .limit(MEMBERS)
                .map(port -> "127.0.0.1:" + port)
                .collect(Collectors.joining(","));
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
        Thread reader = new Thread(() -> read(process, ready), "node-output");
        reader.setDaemon(true);
        reader.start();
        return new Started(process, ready);
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

    NodeApi api(int number) {
        return node(number).api();
    }

    /** How the cluster names it. */
    String id(int number) {
        return "127.0.0.1:" + clusterPorts.get(number);
    }

    private Node node(int number) {
        return Optional.ofNullable(nodes.get(number)).orElseThrow();
    }

    /** SIGKILL; returns at once. */
    void kill(int number) {
        Optional.ofNullable(nodes.remove(number)).orElseThrow().process().destroyForcibly();
    }

    void signal(int number, String signal) throws IOException, InterruptedException {
        new ProcessBuilder(
                        "kill",
                        "-" + signal,
                        Long.toString(node(number).process().pid()))
                .start()
                .waitFor();
    }

    /** Waits until all nodes that run say so of their cluster, and that nothing moves in it; returns what one of them says. */
    ClusterState awaitSettled(Predicate<ClusterState> expected) throws InterruptedException, TimeoutException {
        long deadline = System.nanoTime() + READY.toNanos();
        while (System.nanoTime() - deadline < 0) {
            List<ClusterState> states = new ArrayList<>();
            for (Node node : nodes.values()) {
                try {
                    states.add(node.api().cluster());
                } catch (IOException notYet) {
                    break;
                }
            }
            if (states.size() == nodes.size() && states.stream().allMatch(expected.and(ClusterState::isSettled))) {
                return states.get(0);
            }
            TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
        }
        throw new TimeoutException("the cluster did not settle within " + READY);
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

package io.sterna.broker.cli;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Three nodes on this machine, their load, and who kills them. Ended by any thread, else owned by the main one. */
final class DemoCluster {
    private static final int NODES = 3;
    private static final int LOOK_MILLIS = 500;

    // Those of config/cluster-three-nodes.
    private static final int AMQP_PORT = 5672;
    private static final int HTTP_PORT = 8161;
    private static final int CLUSTER_PORT = 5610;
    private static final int CLUSTER_PORTS_APART = 10;

    private static final int END_OF_INPUT = -1;

    private final Path directory;
    private final boolean temporary;
    private final List<DemoNode> nodes = new ArrayList<>();
    private final Optional<DemoLoad> load;
    private boolean ended;

    /**
     * Starts nothing yet.
     *
     * @param data where the nodes have their data; a temporary directory when empty
     */
    DemoCluster(Optional<Path> data, boolean loaded) throws IOException {
        temporary = data.isEmpty();
        directory = data.isPresent()
                ? Files.createDirectories(data.get().toAbsolutePath())
                : Files.createTempDirectory("sterna-demo-");
        List<DemoNode.Ports> ports = ports();
        List<String> members = new ArrayList<>();
        for (int number = 1; number <= NODES; number++) {
            members.add("node" + number + "@127.0.0.1:" + ports.get(number - 1).cluster());
        }
        for (int number = 1; number <= NODES; number++) {
            nodes.add(new DemoNode("node" + number, ports.get(number - 1), members, directory));
        }
        load = loaded
                ? Optional.of(
                        new DemoLoad(nodes.stream().map(DemoNode::amqpPort).toList()))
                : Optional.empty();
    }

    private static List<DemoNode.Ports> ports() throws IOException {
        List<DemoNode.Ports> ports = new ArrayList<>();
        List<ServerSocket> taken = new ArrayList<>();
        try {
            for (int number = 0; number < NODES; number++) {
                ports.add(new DemoNode.Ports(
                        take(AMQP_PORT + number, taken),
                        take(HTTP_PORT + number, taken),
                        take(CLUSTER_PORT + CLUSTER_PORTS_APART * number, taken)));
            }
        } finally {
            for (ServerSocket socket : taken) {
                socket.close();
            }
        }
        return ports;
    }

    /** That port, or a free one in its place; taken until the socket is closed. */
    private static int take(int wanted, List<ServerSocket> taken) throws IOException {
        ServerSocket socket = new ServerSocket();
        taken.add(socket);
        InetAddress loopback = InetAddress.getLoopbackAddress();
        try {
            socket.bind(new InetSocketAddress(loopback, wanted));
            return wanted;
        } catch (IOException inUse) {
            ServerSocket other = new ServerSocket(0, 1, loopback);
            taken.add(other);
            return other.getLocalPort();
        }
    }

    /** Runs until the input says so, or ends. */
    void run(DemoDisplay display, InputStream input) throws IOException, InterruptedException {
        display.begin(nodes, directory, temporary);
        for (DemoNode node : nodes) {
            start(node, display);
        }
        load.ifPresent(DemoLoad::start);
        BlockingQueue<Integer> keys = keys(input);
        while (true) {
            Integer key = keys.poll(LOOK_MILLIS, TimeUnit.MILLISECONDS);
            if (key != null && (key == END_OF_INPUT || key == 'q' || key == 'Q')) {
                display.event("ending");
                return;
            }
            if (key != null && key >= '1' && key < '1' + NODES) {
                killOrStart(nodes.get(key - '1'), display);
            }
            for (DemoNode node : nodes) {
                node.endedByItself()
                        .ifPresent(code -> display.event(
                                node.name() + " has ended by itself with " + code + "; its log is " + node.log()));
            }
            display.show(look());
        }
    }

    private static BlockingQueue<Integer> keys(InputStream input) {
        BlockingQueue<Integer> keys = new LinkedBlockingQueue<>();
        Thread reader = new Thread(
                () -> {
                    try {
                        for (int key = input.read(); key != END_OF_INPUT; key = input.read()) {
                            keys.add(key);
                        }
                        keys.add(END_OF_INPUT);
                    } catch (IOException e) {
                        keys.add(END_OF_INPUT);
                    }
                },
                "demo-keys");
        reader.setDaemon(true);
        reader.start();
        return keys;
    }

    private void killOrStart(DemoNode node, DemoDisplay display) throws IOException, InterruptedException {
        if (node.isAlive()) {
            node.kill();
            display.event(node.name() + " was killed");
        } else {
            start(node, display);
        }
        load.ifPresent(DemoLoad::forgetSlowest);
    }

    private synchronized void start(DemoNode node, DemoDisplay display) throws IOException {
        if (!ended) {
            node.start();
            display.event(node.name() + " was started, process " + node.pid().orElse(0L));
        }
    }

    /** Asks whoever answers and serves clients, else whoever answers. */
    private DemoDisplay.Look look() throws InterruptedException {
        @Nullable ClusterView best = null;
        for (DemoNode node : nodes) {
            Optional<ClusterView> view = node.ask();
            if (view.isPresent() && (best == null || view.get().problem().isEmpty())) {
                best = view.get();
                if (best.problem().isEmpty()) {
                    break;
                }
            }
        }
        return new DemoDisplay.Look(nodes, Optional.ofNullable(best), load.map(DemoLoad::figures));
    }

    /** Ends all that was started; nothing is left of it but what was to be kept. */
    synchronized void end() {
        if (ended) {
            return;
        }
        ended = true;
        load.ifPresent(DemoLoad::end);
        try {
            if (!temporary) {
                nodes.forEach(DemoNode::stop);
                for (DemoNode node : nodes) {
                    node.awaitEnd();
                }
            }
            for (DemoNode node : nodes) {
                node.kill();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (temporary) {
            remove();
        }
    }

    private void remove() {
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException("could not remove " + directory, e);
        }
    }
}

package io.sterna.broker.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A network namespace for each node, with a cable from each to each other one and to where the tests run. A cable that is
 * cut swallows what is sent, as a broken one does: nobody is told. Needs Linux, iproute2 and root.
 */
public final class NodeNetworks implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(NodeNetworks.class);
    private static final int TESTS = 100;
    private static final String TRIAL =
            "sterna-trial-" + ProcessHandle.current().pid();
    private static final String NOBODY = "02:00:00:00:00:fe";

    private final long id = ProcessHandle.current().pid() % 250;
    private final List<String> namespaces = new ArrayList<>();
    private final Set<Cut> cuts = new LinkedHashSet<>();

    private record Cut(int one, int other) {}

    /** Makes them. */
    public NodeNetworks(int nodes) {
        for (int node = 0; node < nodes; node++) {
            add(node);
        }
    }

    /** Whether such networks can be made on this machine. */
    public static boolean areAvailable() {
        try {
            ip("netns", "add", TRIAL);
            ip("-n", TRIAL, "link", "add", "name", "one", "type", "veth", "peer", "name", "two");
            ip("netns", "del", TRIAL);
            return true;
        } catch (IllegalStateException | UncheckedIOException notHere) {
            log.info("no networks for nodes can be made here: {}", notHere.getMessage());
            return false;
        }
    }

    private void add(int node) {
        String name = "sterna" + id + "n" + node;
        ip("netns", "add", name);
        namespaces.add(name);
        inside(node, "link", "set", "lo", "up");
        inside(node, "addr", "add", address(node), "dev", "lo");
        for (int other = 0; other < node; other++) {
            ip(
                    "link",
                    "add",
                    "name",
                    end(node, other),
                    "netns",
                    name,
                    "type",
                    "veth", //
                    "peer",
                    "name",
                    end(other, node),
                    "netns",
                    namespaces.get(other));
            connect(node, other);
            connect(other, node);
        }
        ip("link", "add", "name", end(TESTS, node), "type", "veth", "peer", "name", end(node, TESTS), "netns", name);
        ip("link", "set", end(TESTS, node), "up");
        ip("addr", "add", address(TESTS), "dev", end(TESTS, node));
        ip("route", "add", address(node), "dev", end(TESTS, node), "src", address(TESTS));
        connect(node, TESTS);
    }

    private void connect(int node, int other) {
        inside(node, "link", "set", end(node, other), "up");
        inside(node, "route", "add", address(other), "dev", end(node, other), "src", address(node));
    }

    /** The name of a cable's end. */
    private String end(int node, int other) {
        return "st" + id + "v" + node + "t" + other;
    }

    /** Where a node listens. */
    public String address(int node) {
        return "10.231." + id + "." + (node + 1);
    }

    /** What a node's command begins with. */
    public List<String> command(int node) {
        return List.of("ip", "netns", "exec", namespaces.get(node));
    }

    /** From now on nothing gets from one of them to the other one. */
    public void cut(int one, int other) {
        cuts.add(new Cut(one, other));
        mislead(one, other);
        mislead(other, one);
    }

    private void mislead(int from, int to) {
        inside(from, "neigh", "replace", address(to), "lladdr", NOBODY, "nud", "permanent", "dev", end(from, to));
    }

    /** Undoes each {@link #cut}. */
    public void healAll() {
        List.copyOf(cuts).forEach(cut -> heal(cut.one(), cut.other()));
    }

    private void heal(int one, int other) {
        cuts.remove(new Cut(one, other));
        inside(one, "neigh", "del", address(other), "dev", end(one, other));
        inside(other, "neigh", "del", address(one), "dev", end(other, one));
    }

    private void inside(int node, String... arguments) {
        List<String> all = new ArrayList<>(List.of("-n", namespaces.get(node)));
        all.addAll(List.of(arguments));
        ip(all.toArray(String[]::new));
    }

    private static void ip(String... arguments) {
        List<String> command = new ArrayList<>(List.of("ip"));
        command.addAll(List.of(arguments));
        try {
            Process process =
                    new ProcessBuilder(command).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException(String.join(" ", command) + ": " + output);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted while networks were made", e);
        }
    }

    /** Removes them, with all cables. What runs in them has ended. */
    @Override
    public void close() {
        for (int node = 0; node < namespaces.size(); node++) {
            for (int other = 0; other < node; other++) {
                inside(node, "link", "del", end(node, other)); // With a namespace they go some time later only.
            }
            inside(node, "link", "del", end(node, TESTS));
        }
        namespaces.forEach(name -> ip("netns", "del", name));
        namespaces.clear();
    }
}

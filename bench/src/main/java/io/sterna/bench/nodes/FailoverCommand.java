package io.sterna.bench.nodes;

import io.sterna.broker.partition.Partitions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import picocli.CommandLine;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code bench/failover}. */
@Command(
        name = "failover",
        mixinStandardHelpOptions = true,
        description = {
            "Measure how long queues are not served when the node that owns them is lost, or drained.%n",
            "Three nodes on this machine, one copy of each message beside the owner's. In each round the owner of some queues is"
                    + " killed (SIGKILL), stopped (SIGSTOP) or drained, while a client of another node sends to each of them,"
                    + " one message after the other. Connections anew are included in what is measured.%n",
            "Killed or stopped: from the signal to the end of the first accepted send that began after it. Then the node is"
                    + " started again, or goes on.%n",
            "Drained: the longest time from the end of an accepted send to that of the next, from the order to drain the node"
                    + " until it has nothing left; and beside it the same of the three seconds before. Then the node gets its"
                    + " share back.%n",
            "The next round begins when nothing moves any more."
        })
public final class FailoverCommand implements Callable<Integer> {
    private static final int PATIENCE_SECONDS = 60;
    private static final int WARM_UP_SECONDS = 3;

    @Option(names = "--launcher", paramLabel = "FILE", required = true, hidden = true)
    private String launcher = "";

    @Option(
            names = "--rounds",
            defaultValue = "50",
            description = "How often a node is lost (default ${DEFAULT-VALUE}).")
    private int rounds;

    @Option(names = "--queues", defaultValue = "3", description = "Queues that are watched (default ${DEFAULT-VALUE}).")
    private int queues;

    @ArgGroup
    private How how = new How();

    private static final class How {
        @Option(names = "--stop", description = "Stop the owner instead of killing it.")
        private boolean stop;

        @Option(names = "--drain", description = "Drain the owner instead of killing it.")
        private boolean drain;

        @Override
        public String toString() {
            return drain ? "drained" : stop ? "SIGSTOP" : "SIGKILL";
        }
    }

    private final List<Long> nanos = new ArrayList<>();
    private final List<Long> nanosBefore = new ArrayList<>();

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new FailoverCommand()).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        Path directory = Files.createTempDirectory("sterna-failover");
        System.err.println("logs are in " + directory);
        try (Nodes nodes = new Nodes(launcher, directory)) {
            nodes.start(0, 1, 2);
            for (int round = 1; round <= rounds; round++) {
                List<Long> its = round(nodes, round % Nodes.MEMBERS);
                nanos.addAll(its);
                System.err.printf(
                        "round %d: %s ms%n",
                        round, its.stream().map(FailoverCommand::millis).toList());
            }
        }
        System.out.printf("%s: %d times %d queues, not served for: %s%n", how, rounds, queues, percentiles(nanos));
        if (how.drain) {
            System.out.printf("longest pause in the %d s before: %s%n", WARM_UP_SECONDS, percentiles(nanosBefore));
        }
        return 0;
    }

    private List<Long> round(Nodes nodes, int victim)
            throws IOException, InterruptedException, TimeoutException, ExecutionException {
        ClusterState state = nodes.awaitSettled(its -> its.ownsAny(nodes.id(victim)));
        AtomicInteger other = new AtomicInteger((victim + 1) % Nodes.MEMBERS);
        List<Prober> probers = new ArrayList<>();
        try {
            for (String address : addresses(state, nodes.id(victim))) {
                probers.add(new Prober(address, () -> nodes.port(other.get())));
            }
            awaitServed(probers);
            TimeUnit.SECONDS.sleep(WARM_UP_SECONDS);
            return how.drain ? drain(nodes, victim, other.get(), probers) : lose(nodes, victim, probers);
        } finally {
            for (Prober prober : probers) {
                prober.close();
            }
            bringBack(nodes, victim, other.get());
        }
    }

    private static void awaitServed(List<Prober> probers)
            throws InterruptedException, ExecutionException, TimeoutException {
        for (Prober prober : probers) {
            prober.servedAfter(System.nanoTime()).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            prober.takeLongestPause();
        }
    }

    private List<Long> lose(Nodes nodes, int victim, List<Prober> probers)
            throws IOException, InterruptedException, ExecutionException, TimeoutException {
        long at = System.nanoTime();
        List<CompletableFuture<Long>> served =
                probers.stream().map(prober -> prober.servedAfter(at)).toList();
        if (how.stop) {
            nodes.signal(victim, "STOP");
        } else {
            nodes.kill(victim);
        }
        List<Long> times = new ArrayList<>();
        for (CompletableFuture<Long> one : served) {
            times.add(one.get(PATIENCE_SECONDS, TimeUnit.SECONDS));
        }
        return times;
    }

    private List<Long> drain(Nodes nodes, int victim, int other, List<Prober> probers)
            throws IOException, InterruptedException, ExecutionException, TimeoutException {
        probers.forEach(prober -> nanosBefore.add(prober.takeLongestPause()));
        String id = nodes.id(victim);
        nodes.api(other).order("drain", id);
        nodes.awaitSettled(state -> state.draining().contains(id)
                && state.partitions().stream().noneMatch(its -> its.wanted().contains(id)));
        List<Long> times = new ArrayList<>();
        for (Prober prober : probers) {
            prober.servedAfter(System.nanoTime()).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            times.add(prober.takeLongestPause());
        }
        return times;
    }

    private void bringBack(Nodes nodes, int victim, int other)
            throws IOException, InterruptedException, TimeoutException {
        if (how.drain) {
            nodes.api(other).order("undrain", nodes.id(victim));
        } else if (how.stop) {
            nodes.signal(victim, "CONT");
        } else {
            nodes.start(victim);
        }
    }

    /** Queues of different partitions that a node owns. */
    private List<String> addresses(ClusterState state, String owner) {
        List<String> addresses = new ArrayList<>();
        Set<Integer> taken = new HashSet<>();
        for (int number = 0; addresses.size() < queues && number < 1_000; number++) {
            String address = "failover." + number;
            if (state.owns(owner, address) && taken.add(Partitions.numberOf(address))) {
                addresses.add(address);
            }
        }
        return addresses;
    }

    private static String percentiles(List<Long> values) {
        List<Long> sorted = new ArrayList<>(values);
        Collections.sort(sorted);
        return String.format(
                "p50 %d ms, p90 %d ms, p99 %d ms, longest %d ms",
                percentile(sorted, 50), percentile(sorted, 90), percentile(sorted, 99), percentile(sorted, 100));
    }

    private static long percentile(List<Long> sorted, int percent) {
        int rank = (sorted.size() * percent + 99) / 100;
        return millis(sorted.get(Math.max(0, rank - 1)));
    }

    private static long millis(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(nanos);
    }
}

package io.sterna.bench.failover;

import io.sterna.broker.partition.Partitions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code bench/failover}. */
@Command(
        name = "failover",
        mixinStandardHelpOptions = true,
        description = {
            "Measure how long queues are not served when the node that owns them is lost.%n",
            "Three nodes on this machine, one copy of each message beside the owner's. In each round the owner of some queues is"
                    + " killed (SIGKILL), or stopped (SIGSTOP), while a client of another node sends to each of them, one"
                    + " message after the other; what is measured is the time from the signal to the end of the first"
                    + " accepted send that began after it, connections anew included. Then the node is started again (or goes"
                    + " on), and the next round begins when all copies are there."
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

    @Option(names = "--stop", description = "Stop the owner instead of killing it.")
    private boolean stop;

    public static void main(String[] arguments) {
        System.exit(new CommandLine(new FailoverCommand()).execute(arguments));
    }

    @Override
    public Integer call() throws Exception {
        Path directory = Files.createTempDirectory("sterna-failover");
        System.err.println("logs are in " + directory);
        List<Long> nanos = new ArrayList<>();
        try (ThreeNodes nodes = new ThreeNodes(launcher, directory)) {
            for (int node = 0; node < ThreeNodes.COUNT; node++) {
                nodes.start(node);
            }
            for (int round = 1; round <= rounds; round++) {
                List<Long> its = round(nodes, round % ThreeNodes.COUNT);
                nanos.addAll(its);
                System.err.printf(
                        "round %d: %s ms%n",
                        round, its.stream().map(FailoverCommand::millis).toList());
            }
        }
        Collections.sort(nanos);
        System.out.printf(
                "%s: %d times %d queues, not served for: p50 %d ms, p90 %d ms, p99 %d ms, longest %d ms%n",
                stop ? "SIGSTOP" : "SIGKILL",
                rounds,
                queues,
                millis(percentile(nanos, 50)),
                millis(percentile(nanos, 90)),
                millis(percentile(nanos, 99)),
                millis(percentile(nanos, 100)));
        return 0;
    }

    private List<Long> round(ThreeNodes nodes, int victim)
            throws IOException, InterruptedException, TimeoutException, ExecutionException {
        nodes.awaitWhole();
        AtomicInteger other = new AtomicInteger((victim + 1) % ThreeNodes.COUNT);
        List<Prober> probers = new ArrayList<>();
        try {
            for (String address : addresses(nodes, victim)) {
                probers.add(new Prober(address, () -> nodes.port(other.get())));
            }
            for (Prober prober : probers) {
                prober.servedAfter(System.nanoTime()).get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            }
            TimeUnit.SECONDS.sleep(WARM_UP_SECONDS);
            long at = System.nanoTime();
            List<CompletableFuture<Long>> served =
                    probers.stream().map(prober -> prober.servedAfter(at)).toList();
            lose(nodes, victim);
            List<Long> nanos = new ArrayList<>();
            for (CompletableFuture<Long> one : served) {
                nanos.add(one.get(PATIENCE_SECONDS, TimeUnit.SECONDS));
            }
            return nanos;
        } finally {
            for (Prober prober : probers) {
                prober.close();
            }
            bringBack(nodes, victim);
        }
    }

    private void lose(ThreeNodes nodes, int victim) throws IOException, InterruptedException {
        if (stop) {
            nodes.signal(victim, "STOP");
        } else {
            nodes.kill(victim);
        }
    }

    private void bringBack(ThreeNodes nodes, int victim) throws IOException, InterruptedException, TimeoutException {
        if (stop) {
            nodes.signal(victim, "CONT");
        } else {
            nodes.start(victim);
        }
    }

    /** Queues of different partitions that a node owns. */
    private List<String> addresses(ThreeNodes nodes, int owner) {
        List<String> addresses = new ArrayList<>();
        List<Integer> taken = new ArrayList<>();
        for (int number = 0; addresses.size() < queues && number < 1_000; number++) {
            String address = "failover." + number;
            int partition = Partitions.numberOf(address);
            if (!taken.contains(partition)
                    && nodes.ownerOf(partition).filter(its -> its == owner).isPresent()) {
                taken.add(partition);
                addresses.add(address);
            }
        }
        return addresses;
    }

    private static long percentile(List<Long> sorted, int percent) {
        int rank = (sorted.size() * percent + 99) / 100;
        return sorted.get(Math.max(0, rank - 1));
    }

    private static long millis(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(nanos);
    }
}

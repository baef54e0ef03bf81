package io.sterna.bench.load;

import io.sterna.bench.nodes.ClusterState;
import io.sterna.bench.nodes.NodeApi;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code load run}: scenarios against one broker. */
@Command(
        name = "run",
        mixinStandardHelpOptions = true,
        description = {
            "Runs scenarios, one after the other, each on a queue of its own, which it leaves empty.",
            "For each it writes one line of JSON to standard output and one line for people to standard error.",
            "What the broker refuses is reported as \"not supported\", with its reason, and the run goes on."
        },
        footer = {"", "Exit code: 0; 1 when a scenario failed; 2 for wrong usage."})
final class RunCommand implements Callable<Integer> {

    @Option(names = "--url", required = true, paramLabel = "URL", description = "amqp://host:port of the broker")
    private URI url = URI.create("amqp://127.0.0.1");

    @Option(names = "--user", description = "empty for an anonymous connection, the default")
    private String user = "";

    @Option(names = "--password", description = "of the user")
    private String password = "";

    @Option(
            names = "--pid",
            paramLabel = "ID[,ID…]",
            split = ",",
            description = "the broker's processes on this machine, of which the sum is taken; without them there are no"
                    + " figures of CPU and memory")
    private List<Long> pids = List.of();

    @Option(
            names = "--http",
            paramLabel = "URL",
            description = "of the same node, where it is one of several of Sterna; for --queues")
    private Optional<URI> http = Optional.empty();

    /** Which node of a cluster has a scenario's queue. */
    enum Place {
        /** The one that clients connect to owns it. */
        HERE,
        /** The one that clients connect to has neither the queue nor a copy of it. */
        ELSEWHERE
    }

    @Option(
            names = "--queues",
            paramLabel = "PLACE",
            description = "here: queues that the node owns; elsewhere: those of which it has not even a copy")
    private Optional<Place> place = Optional.empty();

    @Option(
            names = "--scenarios",
            paramLabel = "NAME[,NAME…]",
            description = "which ones, in which order (default: all; see load scenarios)")
    private Optional<String> names = Optional.empty();

    @Option(names = "--seconds", description = "length of a measured window (default: ${DEFAULT-VALUE})")
    private double seconds = 5;

    @Option(
            names = "--warm-up",
            paramLabel = "SECONDS",
            description = "load before each window (default: ${DEFAULT-VALUE})")
    private double warmUpSeconds = 3;

    @Option(
            names = "--scale",
            description = "multiplies messages drained, backlog and idle connections (default: ${DEFAULT-VALUE})")
    private double scale = 1;

    @Option(
            names = "--body",
            paramLabel = "BYTES",
            description = "size of a message's body (default: ${DEFAULT-VALUE})")
    private int bodyBytes = 1_024;

    @Option(
            names = "--topic-prefix",
            paramLabel = "TEXT",
            description = "what a topic's address begins with (default: ${DEFAULT-VALUE})")
    private String topicPrefix = "bench.topic.";

    @Option(
            names = "--broker",
            paramLabel = "NAME",
            description = "what to call the broker in the results (default: ${DEFAULT-VALUE})")
    private String broker = "broker";

    @Option(
            names = "--round",
            paramLabel = "N",
            description = "which round the results belong to (default: ${DEFAULT-VALUE})")
    private int round = 1;

    @Override
    public Integer call() throws InterruptedException, IOException {
        BrokerProbe probe = BrokerProbe.sum(pids.stream().map(BrokerProcess::of).toList());
        Target target = new Target(url, user, password, topicPrefix, probe, queues());
        Load load = new Load(duration(warmUpSeconds), duration(seconds), scale, bodyBytes);
        List<Scenario> scenarios =
                names.map(text -> Scenarios.named(List.of(text.split(",", -1)))).orElse(Scenarios.ALL);
        Runner runner = new Runner(target, load, broker, round);
        boolean failed = false;
        for (Scenario scenario : scenarios) {
            Result result = runner.run(scenario);
            System.err.println(result.toText());
            System.out.println(result.toJson());
            failed |= result.problem().filter(text -> text.startsWith("failed")).isPresent();
        }
        return failed ? CommandLine.ExitCode.SOFTWARE : CommandLine.ExitCode.OK;
    }

    private Predicate<String> queues() throws InterruptedException, IOException {
        if (place.isEmpty()) {
            return any -> true;
        }
        ClusterState cluster = new NodeApi(
                        http.orElseThrow(() -> new IllegalArgumentException("--queues needs --http, to ask the node")))
                .cluster();
        return switch (place.get()) {
            case HERE -> address -> cluster.owns(cluster.node(), address);
            case ELSEWHERE -> address -> !cluster.holds(cluster.node(), address);
        };
    }

    private static Duration duration(double seconds) {
        return Duration.ofNanos(Math.round(seconds * 1e9));
    }
}

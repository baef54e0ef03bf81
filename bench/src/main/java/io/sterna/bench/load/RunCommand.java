package io.sterna.bench.load;

import java.net.URI;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
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
            paramLabel = "ID",
            description = "the broker's process on this machine; without it there are no figures of CPU and memory")
    private Optional<Long> pid = Optional.empty();

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
    public Integer call() throws InterruptedException {
        BrokerProbe probe = pid.<BrokerProbe>map(BrokerProcess::of).orElse(BrokerProbe.NONE);
        Target target = new Target(url, user, password, topicPrefix, probe);
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

    private static Duration duration(double seconds) {
        return Duration.ofNanos(Math.round(seconds * 1e9));
    }
}

package io.sterna.bench.load;

import java.io.IOException;
import java.io.PrintStream;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The command line of the load generator. */
@Command(
        name = "load",
        subcommands = RunCommand.class,
        mixinStandardHelpOptions = true,
        version = "Sterna load generator",
        description = "Puts load on an AMQP 1.0 broker with Apache Qpid JMS and says how it bore it.",
        footer = {
            "",
            "Examples:",
            "  load run --url amqp://127.0.0.1:5672",
            "      every scenario; rates and latencies only",
            "  load run --url amqp://127.0.0.1:5672 --pid 4711 --scenarios send-blocking-16,drain",
            "      two scenarios, with CPU and memory of the broker that runs here as process 4711",
            "  load run --url amqp://127.0.0.1:5672 --seconds 30 --scale 10 > results.json",
            "      longer, and with a backlog of 10 million messages; JSON into a file, text on the terminal",
            "  load table results.json",
            "      medians and ratios out of such files",
            "",
            "Start broker and generator on a machine that does nothing else, and repeat: see bench/README.md."
        })
public final class LoadCommand implements Runnable {

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    /** Exit code 0; 1 when a scenario failed; 2 for wrong usage. */
    public static void main(String[] arguments) {
        int code = commandLine().execute(arguments);
        System.out.flush();
        // Threads of the JMS provider that did not end in time are not waited for.
        System.exit(code);
    }

    static CommandLine commandLine() {
        return new CommandLine(new LoadCommand())
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((exception, command, parsed) -> {
                    if (exception instanceof IllegalArgumentException) {
                        command.getErr().println(exception.getMessage());
                        return CommandLine.ExitCode.USAGE;
                    }
                    throw exception;
                });
    }

    @Override
    public void run() {
        spec.commandLine().usage(spec.commandLine().getOut());
    }

    @Command(name = "scenarios", mixinStandardHelpOptions = true, description = "Lists the scenarios.")
    void scenarios() {
        Scenarios.ALL.forEach(
                scenario -> spec.commandLine().getOut().printf("%-20s %s%n", scenario.name(), scenario.about()));
    }

    @Command(
            name = "table",
            mixinStandardHelpOptions = true,
            description = "Prints a Markdown table of medians, and of ratios to one of the brokers, out of results.")
    void table(
            @Option(
                            names = "--reference",
                            defaultValue = "artemis",
                            paramLabel = "BROKER",
                            description = "the broker that others are compared with (default: ${DEFAULT-VALUE})")
                    String reference,
            @Parameters(arity = "1..*", paramLabel = "FILE", description = "what load run has written")
                    List<Path> files)
            throws IOException {
        List<Result> results = new ArrayList<>();
        for (Path file : files) {
            Files.readAllLines(file).stream()
                    .filter(line -> !line.isBlank())
                    .map(Result::fromJson)
                    .forEach(results::add);
        }
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        out.print(new Table(results, reference).toMarkdown());
    }

    @Command(
            name = "ports",
            mixinStandardHelpOptions = true,
            description =
                    "Prints TCP ports that nobody listens on at the moment, for brokers that cannot pick their own.")
    void ports(
            @Parameters(arity = "0..1", defaultValue = "1", paramLabel = "N", description = "how many (default: 1)")
                    int count)
            throws IOException {
        List<ServerSocket> sockets = new ArrayList<>();
        try {
            for (int i = 0; i < count; i++) {
                sockets.add(new ServerSocket(0));
            }
            sockets.forEach(socket -> spec.commandLine().getOut().println(socket.getLocalPort()));
        } finally {
            for (ServerSocket socket : sockets) {
                socket.close();
            }
        }
    }
}

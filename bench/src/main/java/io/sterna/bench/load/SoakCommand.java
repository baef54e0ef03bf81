package io.sterna.bench.load;

import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneId;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code bench/soak}. */
@Command(
        name = "soak",
        mixinStandardHelpOptions = true,
        version = "Sterna soak",
        description = {
            "Starts Sterna as a process of its own and puts full, mixed load on it for a long time: persistent and"
                    + " transacted producers and consumers, a topic with durable subscribers, clients that come and go,"
                    + " and a backlog far larger than the heap, built and drained in order.",
            "In each cycle of the first two thirds the broker is restarted under load, by turns with SIGKILL and SIGTERM,"
                    + " while the backlog grows or is drained; the last third is one process. After each cycle, with"
                    + " everything received, one line tells what the broker takes.",
            "It ends with a verdict: whether a message was lost, came back or was out of order, whether live heap, resident"
                    + " memory, threads, file handles or the data directory have grown, and whether the data directory was"
                    + " below 100 MiB whenever it was drained."
        },
        footer = {
            "",
            "Exit code: 0 when all is well, 1 when not, 2 for wrong usage.",
            "",
            "Examples:",
            "  bench/soak                 30 minutes",
            "  bench/soak --minutes 3     a first impression",
            "  bench/soak --minutes 480 --heap 512m --backlog 8192 --data /mnt/disk/soak"
        })
public final class SoakCommand implements Callable<Integer> {

    private static final int RESTARTS = 8;
    private static final int STEADY = 6;
    private static final int SMALLEST_HEAP_MIB = 64;

    @CommandLine.Spec
    private CommandLine.Model.CommandSpec spec;

    @Option(names = "--minutes", description = "how long; 14 cycles are run in any case (default: ${DEFAULT-VALUE})")
    private double minutes = 30;

    @Option(
            names = "--heap",
            paramLabel = "SIZE",
            description = "the broker's heap, in MiB or as in 1g (default: ${DEFAULT-VALUE})")
    private String heap = "256m";

    @Option(
            names = "--backlog",
            paramLabel = "MIB",
            description = "how deep the backlog gets in each cycle, where 45 %% of its time suffice"
                    + " (default: ${DEFAULT-VALUE})")
    private long backlogMib = 1_024;

    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "an empty or new directory for data and log; it is left there (default: one below"
                    + " bench/target/soak, of which only the log is left when all went well)")
    private Optional<Path> directory = Optional.empty();

    /** Exit code 0; 1 when something is wrong with the broker; 2 for wrong usage. */
    public static void main(String[] arguments) {
        int code = commandLine().execute(arguments);
        System.out.flush();
        // Threads of the JMS provider that did not end in time are not waited for.
        System.exit(code);
    }

    static CommandLine commandLine() {
        return new CommandLine(new SoakCommand()).setExecutionExceptionHandler((exception, command, parsed) -> {
            if (exception instanceof IllegalArgumentException) {
                command.getErr().println(exception.getMessage());
                return CommandLine.ExitCode.USAGE;
            }
            throw exception;
        });
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        Soak.Plan plan =
                new Soak.Plan(Duration.ofMillis(Math.round(minutes * 60_000)), backlogMib << 20, RESTARTS, STEADY);
        int heapMib = heapMib(heap);
        Path base = prepare();
        Path launcher = Path.of(System.getProperty("bench.home", "bench")).resolveSibling("bin/sterna");
        if (!Files.isExecutable(launcher)) {
            throw new IllegalArgumentException("there is no " + launcher.toAbsolutePath());
        }
        PrintWriter out = spec.commandLine().getOut();
        out.printf(
                "%s for %.1f min, heap %d MiB, backlog %d MiB, data and log in %s%n",
                launcher, minutes, heapMib, backlogMib, base);
        out.flush();
        // The whole heap is touched from the start, so that resident memory tells what is beside it.
        String options = "-Xms" + heapMib + "m -Xmx" + heapMib + "m -XX:+AlwaysPreTouch";
        SoakVerdict verdict;
        try (SoakBroker broker =
                new SoakBroker(List.of(launcher.toString()), Map.of("JAVA_OPTS", options), base.resolve("data"))) {
            verdict = new Soak(plan, broker, out).run();
        }
        verdict.toText().forEach(out::println);
        if (verdict.deepestBacklogBytes() < plan.backlogBytes()) {
            out.println("The time did not suffice for a backlog of " + backlogMib + " MiB.");
        }
        out.flush();
        if (verdict.passed() && directory.isEmpty()) {
            Directories.delete(base.resolve("data"));
        }
        return verdict.passed() ? CommandLine.ExitCode.OK : CommandLine.ExitCode.SOFTWARE;
    }

    private Path prepare() throws IOException {
        Path base = directory
                .orElseGet(() -> Path.of(System.getProperty("bench.home", "bench"), "target", "soak")
                        .resolve(DateTimeFormatter.ofPattern("yyyyMMdd-HHmmss")
                                .format(LocalDateTime.now(ZoneId.systemDefault()))))
                .toAbsolutePath()
                .normalize();
        Files.createDirectories(base);
        try (Stream<Path> content = Files.list(base)) {
            if (content.findAny().isPresent()) {
                throw new IllegalArgumentException(base + " is not empty");
            }
        }
        Files.createDirectory(base.resolve("data"));
        return base;
    }

    private static int heapMib(String text) {
        String digits = text.replaceFirst("[mMgG]$", "");
        try {
            int mib =
                    Math.multiplyExact(Integer.parseInt(digits), text.endsWith("g") || text.endsWith("G") ? 1_024 : 1);
            if (mib >= SMALLEST_HEAP_MIB) {
                return mib;
            }
        } catch (NumberFormatException | ArithmeticException notASize) {
            // Told below.
        }
        throw new IllegalArgumentException("a heap is 64m or more, as in 256m or 1g, not " + text);
    }
}

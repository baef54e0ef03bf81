package io.sterna.broker.cli;

import io.sterna.broker.config.ConfigException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The program {@code bin/sterna}. */
@Command(
        name = "sterna",
        synopsisSubcommandLabel = "COMMAND",
        mixinStandardHelpOptions = false,
        description = {
            "A message broker that speaks AMQP 1.0.%n",
            "From nothing to a running broker:%n",
            "    bin/sterna run%n",
            "then connect any AMQP 1.0 client to amqp://127.0.0.1:5672.%n"
        },
        footer = {
            "%nExit codes: 0 done, or stopped by a signal; 1 could not start; 2 wrong usage or configuration;"
                    + " 3 data directory in use; 4 the data directory is damaged (store only).",
            "JAVA_OPTS is passed on to the JVM, last: JAVA_OPTS=-Xmx2g bin/sterna run",
            "Every command explains itself: bin/sterna COMMAND --help"
        },
        subcommands = {
            RunCommand.class,
            HashPasswordCommand.class,
            StoreCommand.class,
            ClusterCommand.class,
            DemoCommand.class,
            VersionCommand.class
        })
public final class Main {
    @Option(
            names = {"-h", "--help"},
            usageHelp = true,
            scope = ScopeType.INHERIT,
            description = "Show this help.")
    boolean helpRequested;

    private Main() {}

    public static void main(String[] arguments) {
        System.exit(execute(arguments));
    }

    /** Runs a command to its end; words for the operator go to standard error. */
    static int execute(String... arguments) {
        PrintWriter errors = new PrintWriter(System.err, true, StandardCharsets.UTF_8);
        CommandLine commandLine = new CommandLine(new Main())
                .setErr(errors)
                .setUsageHelpAutoWidth(false)
                .setUsageHelpWidth(100)
                .setParameterExceptionHandler((failure, ignored) -> {
                    CommandLine command = failure.getCommandLine();
                    String name = command.getCommandSpec().qualifiedName();
                    errors.println("sterna: " + oneLine(failure.getMessage()) + "; see bin/" + name + " --help");
                    return ExitCode.USAGE.code();
                })
                .setExecutionExceptionHandler((failure, command, parsed) -> onFailure(failure, errors));
        return commandLine.execute(arguments);
    }

    private static int onFailure(Exception failure, PrintWriter errors) {
        if (failure instanceof ConfigException) {
            errors.println("sterna: " + oneLine(failure.getMessage()));
            return ExitCode.USAGE.code();
        }
        if (failure instanceof StartException start) {
            errors.println("sterna: " + oneLine(start.getMessage()));
            return start.exitCode().code();
        }
        Logger log = LoggerFactory.getLogger(Main.class);
        log.error("This is a fault of the program", failure);
        return ExitCode.FAILED.code();
    }

    private static String oneLine(String text) {
        return text.replaceAll("\\s*\\R\\s*", " ");
    }
}

package io.sterna.broker.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code sterna store}: what can be done with the data directory of a node that is stopped. */
@Command(
        name = "store",
        synopsisSubcommandLabel = "COMMAND",
        description = {"Looks after the data directory of a stopped node.%n"},
        footer = {
            "%nExamples:",
            "  bin/sterna store verify --data data",
            "  bin/sterna store stats --config config/sterna.conf",
            "  bin/sterna store repair --data data",
            "%nExit codes: 0 done, and all is intact; 1 could not read or write; 2 wrong usage or configuration; 3 data"
                    + " directory in use: stop the broker first; 4 something is damaged."
        },
        subcommands = {StoreVerifyCommand.class, StoreStatsCommand.class, StoreRepairCommand.class})
final class StoreCommand implements Runnable {
    @Spec
    private CommandSpec spec;

    StoreCommand() {
        spec = CommandSpec.create();
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }
}

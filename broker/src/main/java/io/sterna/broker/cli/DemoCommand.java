package io.sterna.broker.cli;

import picocli.CommandLine.Command;

/** {@code bin/sterna demo}. */
@Command(
        name = "demo",
        synopsisSubcommandLabel = "COMMAND",
        description = "Show what the broker can do, on this machine alone.",
        subcommands = DemoClusterCommand.class)
final class DemoCommand {}

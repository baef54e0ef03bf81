package io.sterna.broker.cli;

import picocli.CommandLine.Command;

/** {@code bin/sterna cluster}. */
@Command(
        name = "cluster",
        synopsisSubcommandLabel = "COMMAND",
        description = "Look at a cluster by asking one of its nodes.",
        subcommands = ClusterStatusCommand.class)
final class ClusterCommand {}

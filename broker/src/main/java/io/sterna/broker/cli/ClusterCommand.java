package io.sterna.broker.cli;

import picocli.CommandLine.Command;

/** {@code bin/sterna cluster}. */
@Command(
        name = "cluster",
        synopsisSubcommandLabel = "COMMAND",
        description = "Look at a cluster, and tell it what to do, by asking one of its nodes.",
        footer =
                "%nThere is no command to rebalance: partitions move by themselves to a node that has joined, was started again or"
                        + " is drained no more, until all have the same share.",
        subcommands = {
            ClusterStatusCommand.class,
            ClusterDrainCommand.class,
            ClusterUndrainCommand.class,
            ClusterForceOpenCommand.class
        })
final class ClusterCommand {}

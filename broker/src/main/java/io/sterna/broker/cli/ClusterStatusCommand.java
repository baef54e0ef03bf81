package io.sterna.broker.cli;

import java.util.concurrent.Callable;
import java.util.stream.Stream;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code bin/sterna cluster status}. */
@Command(
        name = "status",
        description = {
            "Show which nodes a cluster has, who serves which partitions, and what is not as it should be.%n",
            "    bin/sterna cluster status",
            "    bin/sterna cluster status --url http://10.0.0.2:8161 --user admin%n"
        },
        footer =
                "%nExit codes: 0 all partitions have an owner and all their copies; 1 some have not, or the node can't be"
                        + " asked; 2 wrong usage.")
final class ClusterStatusCommand implements Callable<Integer> {
    @Mixin
    private AskedNode asked = new AskedNode();

    @Option(names = "--partitions", description = "Show each partition, too.")
    private boolean each;

    @Override
    public Integer call() throws StartException, InterruptedException {
        ClusterView view = asked.client().cluster();
        System.out.println("asked " + view.node()
                + view.problem()
                        .map(problem -> ", which serves no clients: " + problem)
                        .orElse(""));
        view.nodes().forEach(ClusterStatusCommand::showNode);
        System.out.println(view.summary());
        Stream<ClusterView.Part> shown = each
                ? view.partitions().stream()
                : Stream.concat(view.ownerless().stream(), view.incomplete().stream());
        shown.forEach(ClusterStatusCommand::showPartition);
        return view.isWell() ? ExitCode.OK.code() : ExitCode.FAILED.code();
    }

    private static void showNode(ClusterView.Member node) {
        System.out.printf(
                "  %-30s %s, owns %d, has copies of %d%n",
                node.id() + (node.witness() ? " (witness)" : "") + (node.draining() ? " (drained)" : ""),
                node.present() ? "there" : "AWAY",
                node.owned(),
                node.held());
    }

    private static void showPartition(ClusterView.Part partition) {
        System.out.printf(
                "  partition %d, epoch %d: owner %s, in sync %s, to be at %s%s%s%n",
                partition.number(),
                partition.epoch(),
                partition.owner().orElse("none"),
                partition.inSync(),
                partition.wanted(),
                partition.waitingFor().isEmpty() ? "" : ", waits for " + partition.waitingFor(),
                partition.forked() ? ", has two histories" : "");
    }
}

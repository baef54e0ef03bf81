package io.sterna.broker.cli;

import io.vertx.core.json.JsonObject;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code bin/sterna cluster drain}. */
@Command(
        name = "drain",
        description = {
            "Move all that a node has to the others, so that it may go for long, or for ever.%n",
            "    bin/sterna cluster drain 127.0.0.1:5620%n",
            "NODE is its id, as in cluster status; it has to run. What it owns is handed over without loss, its copies are made"
                    + " elsewhere first, and this waits until it has nothing left. Clients of a queue that moves are"
                    + " disconnected and go on when they connect again. The node still serves clients and, if it is one of"
                    + " cluster.members, keeps the partition table; it stays drained when it is started again, until"
                    + " cluster undrain.%n",
            "For a short stop nothing has to be drained: see docs/cluster.md.%n"
        },
        footer = "%nExit codes: 0 it has nothing left; 1 it can't be drained, or no node can be asked; 2 wrong usage.")
final class ClusterDrainCommand implements Callable<Integer> {
    private static final long LOOK_MILLIS = 300;

    /** So long it may take until the node has told the others. */
    private static final long TOLD_MILLIS = 15_000;

    @Mixin
    private AskedNode asked = new AskedNode();

    @Parameters(paramLabel = "NODE", description = "The node's id.")
    private String node = "";

    @Option(names = "--no-wait", description = "Do not wait until it has nothing left.")
    private boolean away;

    @Override
    public Integer call() throws StartException, InterruptedException {
        ManagementClient client = asked.client();
        client.post("cluster/drain", new JsonObject().put("node", node));
        awaitTold(client, node, true);
        if (away) {
            System.out.println(node + " is being drained");
            return ExitCode.OK.code();
        }
        String before = "";
        while (true) {
            ClusterView view = client.cluster();
            Optional<ClusterView.Member> member = view.find(node);
            long left = view.heldBy(node).count();
            String line =
                    node + " owns " + member.map(ClusterView.Member::owned).orElse(0) + ", has copies of " + left;
            if (!line.equals(before)) {
                System.out.println(line);
                before = line;
            }
            if (member.filter(ClusterView.Member::draining).isEmpty()) {
                throw new StartException(ExitCode.FAILED, node + " is away, or somebody has undrained it");
            }
            if (left == 0 && view.isWell()) {
                System.out.println(node + " has nothing left" + warning(view));
                return ExitCode.OK.code();
            }
            TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
        }
    }

    private static String warning(ClusterView view) {
        boolean alone =
                view.partitions().stream().allMatch(each -> each.wanted().size() == 1);
        return alone ? "; there is one copy of each partition, until another node joins" : "";
    }

    /** Waits until the node that was asked has heard from the other one. */
    static void awaitTold(ManagementClient client, String node, boolean draining)
            throws StartException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(TOLD_MILLIS);
        while (client.cluster()
                .find(node)
                .filter(member -> member.draining() == draining)
                .isEmpty()) {
            if (System.nanoTime() > end) {
                throw new StartException(ExitCode.FAILED, node + " was told, and does not say that it has heard it");
            }
            TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
        }
    }
}

package io.sterna.broker.cli;

import io.vertx.core.json.JsonArray;
import io.vertx.core.json.JsonObject;
import java.util.concurrent.Callable;
import java.util.concurrent.TimeUnit;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code bin/sterna cluster force-open}. */
@Command(
        name = "force-open",
        description = {
            "Let a partition go on without the nodes it waits for, and give up what only they have.%n",
            "    bin/sterna cluster status            shows partitions without an owner, and whom they wait for",
            "    bin/sterna cluster force-open 12     says what would be lost",
            "    bin/sterna cluster force-open 12 --yes%n",
            "A partition waits when each node that is known to have all of it is away, has failed, or has lost its disk. As soon"
                    + " as one of them is back with its data directory the partition opens by itself and nothing is lost: so"
                    + " this is only for nodes that never come back.%n"
        },
        footer =
                "%nExit codes: 0 it was opened; 1 it was not: there was no --yes, it does not wait any more, or no node can be"
                        + " asked; 2 wrong usage.")
final class ClusterForceOpenCommand implements Callable<Integer> {
    private static final long LOOK_MILLIS = 200;
    private static final long PATIENCE_MILLIS = 20_000;

    @Mixin
    private AskedNode asked = new AskedNode();

    @Parameters(paramLabel = "PARTITION", description = "Its number, as in cluster status.")
    private int number;

    @Option(names = "--yes", description = "Do it. Without this it is only told what would be lost.")
    private boolean meant;

    @Override
    public Integer call() throws StartException, InterruptedException {
        ManagementClient client = asked.client();
        ClusterView.Part seen = partition(client);
        if (seen.waitingFor().isEmpty() && !seen.forked()) {
            throw new StartException(
                    ExitCode.FAILED,
                    "partition " + number + " waits for nobody, as far as the node knows that was asked: "
                            + seen.owner()
                                    .map(owner -> owner + " owns it")
                                    .orElse("it gets an owner by itself, or this node does not reach the majority"));
        }
        explain(seen);
        if (!meant) {
            System.out.println("Nothing was done. To open it by force, add --yes.");
            return ExitCode.FAILED.code();
        }
        client.post(
                "cluster/force-open",
                new JsonObject()
                        .put("partition", number)
                        .put("epoch", seen.epoch())
                        .put("missing", new JsonArray(seen.waitingFor()))
                        .put("forked", seen.forked()));
        return awaitOpen(client, seen);
    }

    private ClusterView.Part partition(ManagementClient client) throws StartException, InterruptedException {
        return client.cluster().partitions().stream()
                .filter(each -> each.number() == number)
                .findFirst()
                .orElseThrow(() -> new StartException(ExitCode.USAGE, "there is no partition " + number));
    }

    private void explain(ClusterView.Part seen) {
        if (seen.forked()) {
            System.out.println(
                    "Partition " + number + " was opened by force twice, at nodes that did not know of each other, and"
                            + " has two histories. The longer one of the nodes that run goes on, and the other one is removed: to"
                            + " choose, stop the nodes first that have what is to go.");
        }
        if (!seen.waitingFor().isEmpty()) {
            String nodes = String.join(", ", seen.waitingFor());
            System.out.println("Partition " + number + " waits for " + nodes
                    + ": away, failed, or without what they had on their disks.");
            System.out.println(
                    "Opened by force, it goes on with the most that one of the other nodes has of it, and empty where"
                            + " none of them has anything.");
            System.out.println(
                    "Lost for good is whatever only " + nodes + " have: accepted messages, subscriptions, settings of"
                            + " queues. Acknowledged messages may return. When they come back, what they have of this partition is"
                            + " removed from them.");
        }
    }

    private int awaitOpen(ManagementClient client, ClusterView.Part seen) throws StartException, InterruptedException {
        long end = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(PATIENCE_MILLIS);
        while (System.nanoTime() < end) {
            ClusterView.Part now = partition(client);
            if (!now.isOwnerless() && now.epoch() > seen.epoch()) {
                System.out.println("Partition " + number + " goes on at "
                        + now.owner().orElse("") + ", in epoch " + now.epoch() + ".");
                return ExitCode.OK.code();
            }
            TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
        }
        throw new StartException(
                ExitCode.FAILED, "partition " + number + " was not opened; look at cluster status and try again");
    }
}

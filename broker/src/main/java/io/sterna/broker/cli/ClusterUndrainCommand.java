package io.sterna.broker.cli;

import io.vertx.core.json.JsonObject;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code bin/sterna cluster undrain}. */
@Command(
        name = "undrain",
        description = {
            "Let a node that was drained have its share again.%n",
            "    bin/sterna cluster undrain 127.0.0.1:5620%n",
            "NODE is its id, as in cluster status; it has to run. Partitions move to it by themselves from then on: cluster"
                    + " status shows how far that is.%n"
        },
        footer = "%nExit codes: 0 it gets its share; 1 no node can be asked, or it does not run; 2 wrong usage.")
final class ClusterUndrainCommand implements Callable<Integer> {
    @Mixin
    private AskedNode asked = new AskedNode();

    @Parameters(paramLabel = "NODE", description = "The node's id.")
    private String node = "";

    @Override
    public Integer call() throws StartException, InterruptedException {
        ManagementClient client = asked.client();
        client.post("cluster/undrain", new JsonObject().put("node", node));
        ClusterDrainCommand.awaitTold(client, node, false);
        System.out.println(node + " gets its share");
        return ExitCode.OK.code();
    }
}

package io.sterna.broker.cli;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code bin/sterna demo cluster}. */
@Command(
        name = "cluster",
        description = {
            "Start three nodes on this machine as one broker, show how they do, and let you kill them.%n",
            "    bin/sterna demo cluster%n",
            "Each node is a process of its own. A small load sends durable messages through them and takes them out again:"
                    + " watch it while you kill a node. Keys:%n",
            "    1, 2, 3   kill that node as a lost machine would be (kill -9); again to start it",
            "    q         end all of it%n",
            "One node may be away at a time: the others take over what it owned, within a second or two, and no message that"
                    + " was accepted is lost. With two of three away nothing is served until one is back. Wait until no"
                    + " copies are to come before you kill the next one.%n",
            "Your own clients may connect, too, to any of the nodes: the URLs are shown. Without a terminal it prints lines"
                    + " instead, reads the same keys from standard input, and ends with it:%n",
            "    (sleep 20; echo 1; sleep 10; echo 1; sleep 10; echo q) | bin/sterna demo cluster%n"
        },
        footer = {
            "%nThe nodes use the ports of config/cluster-three-nodes, or free ones where those are taken. Their data and logs"
                    + " are in a temporary directory, which is removed at the end, unless --data is given. STERNA_"
                    + " variables of the environment are not passed on to them.",
            "%nExit codes: 0 ended by a key, a signal or the end of the input; 1 the nodes could not be started; 2 wrong"
                    + " usage."
        })
final class DemoClusterCommand implements Callable<Integer> {
    @Option(
            names = "--data",
            paramLabel = "DIR",
            description = "Keep the nodes' data and logs in this directory, and go on with what is there.")
    private Optional<Path> data = Optional.empty();

    @Option(names = "--no-load", description = "Send no messages.")
    private boolean idle;

    @Override
    public Integer call() throws StartException, InterruptedException {
        Shutdown shutdown = Shutdown.onSignal();
        try {
            DemoDisplay display = DemoDisplay.open(System.out);
            shutdown.draining(display::end);
            DemoCluster cluster = new DemoCluster(data, !idle);
            Runnable end = () -> {
                display.end();
                cluster.end();
            };
            shutdown.draining(end);
            try {
                cluster.run(display, System.in);
            } finally {
                end.run();
            }
        } catch (IOException e) {
            throw new StartException(ExitCode.FAILED, "the nodes can't be started: " + e.getMessage());
        } finally {
            shutdown.cancel();
        }
        return ExitCode.OK.code();
    }
}

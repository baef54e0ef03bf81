package io.sterna.broker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.cluster.TableContent;
import io.sterna.cluster.table.Ballot;
import io.sterna.cluster.table.KeeperFile;
import io.sterna.cluster.table.KeeperState;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.qpid.protonj2.client.Client;
import org.apache.qpid.protonj2.client.Connection;
import org.apache.qpid.protonj2.client.Message;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A node of a cluster that can't start says why, in a sentence. */
@Timeout(120)
class ClusterStartIT {
    private static final String MEMBERS = "cluster.members=a@127.0.0.1:%d,b@127.0.0.1:1,c@127.0.0.1:2";

    @TempDir
    Path directory;

    private SternaProcess start(int port) throws Exception {
        return SternaProcess.start(
                directory,
                "run",
                "--port",
                "0",
                "--http-port",
                "0",
                "--set",
                "cluster.enabled=true",
                "--set",
                "cluster.node-id=a",
                "--set",
                "cluster.port=" + port,
                "--set",
                MEMBERS.formatted(port));
    }

    private static String lastLine(String text) {
        List<String> lines = text.lines().toList();
        return lines.get(lines.size() - 1);
    }

    @Test
    void shouldExitWithOneWhenThePortForOtherNodesIsTaken() throws Exception {
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
                SternaProcess sterna = start(taken.getLocalPort())) {
            assertThat(sterna.awaitExit()).isEqualTo(1);
            assertThat(lastLine(sterna.errors()))
                    .startsWith("sterna: cannot listen for other nodes on 127.0.0.1:" + taken.getLocalPort()
                            + " (cluster.host, cluster.port)")
                    .contains("in use");
            assertThat(sterna.output()).isEmpty();
        }
    }

    /** Decision 0034. */
    @Test
    void shouldExitWithOneOnTheDataOfABrokerThatWasAlone() throws Exception {
        try (SternaProcess alone = SternaProcess.run(directory);
                Client client = Client.create();
                Connection connection =
                        client.connect(alone.amqp().getHost(), alone.amqp().getPort())) {
            connection
                    .openSender("orders")
                    .send(Message.create("one").durable(true))
                    .awaitAccepted();
        }
        try (SternaProcess sterna = start(freePort())) {
            assertThat(sterna.awaitExit()).isEqualTo(1);
            assertThat(lastLine(sterna.errors()))
                    .startsWith("sterna: The data directory holds what a broker that was alone has written");
            assertThat(sterna.output()).isEmpty();
        }
        try (SternaProcess alone = SternaProcess.run(directory)) {
            assertThat(alone.terminate()).isZero();
        }
    }

    private static int freePort() throws IOException {
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return free.getLocalPort();
        }
    }

    @Test
    void shouldExitWithTwoWhenTheClusterHasBegunWithOtherMembers() throws Exception {
        Path data = Files.createDirectories(directory.resolve("data"));
        try (KeeperFile file = KeeperFile.open(data, List.of("a", "b", "x"))) {
            file.write(new KeeperState(Ballot.NONE, Ballot.NONE, TableContent.NONE));
        }
        try (SternaProcess sterna = start(freePort())) {
            assertThat(sterna.awaitExit()).isEqualTo(2);
            assertThat(lastLine(sterna.errors()))
                    .startsWith("sterna: this cluster has begun with the members [a, b, x], and cluster.members now"
                            + " names [a, b, c]");
            assertThat(sterna.output()).isEmpty();
        }
    }
}

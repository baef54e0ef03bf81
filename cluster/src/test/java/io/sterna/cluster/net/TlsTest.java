package io.sterna.cluster.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sterna.cluster.ReplicaMessage.Refused;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Nodes that show certificates. */
final class TlsTest {
    private static final ClusterSecret SECRET = new ClusterSecret("nobody else knows this");
    private static final PeerLimits LIMITS = new PeerLimits(50, 10_000, 10_000, 8 << 20, 1 << 20);

    @TempDir
    static Path directory;

    private static Optional<PeerTls> ours = Optional.empty();
    private static Optional<PeerTls> others = Optional.empty();

    private final Vertx vertx = Vertx.vertx();

    @BeforeAll
    static void certify() throws IOException, GeneralSecurityException, InterruptedException {
        ours = Optional.of(TestCertificates.selfSigned(Files.createDirectory(directory.resolve("ours"))));
        others = Optional.of(TestCertificates.selfSigned(Files.createDirectory(directory.resolve("others"))));
    }

    @AfterEach
    void close() throws Exception {
        vertx.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    @Test
    void shouldCarryMessagesBetweenNodesThatTrustEachOther() {
        TestPeer one = start("n1", ours, List.of());
        TestPeer two = start("n2", ours, List.of(one.address()));
        one.awaitUp("n2");

        for (int i = 0; i < 1_000; i++) {
            one.network().send("n2", 1, new Refused(i, 1));
        }

        await().atMost(TestPeer.LIMIT).until(() -> two.messages.size() == 1_000);
    }

    @Test
    void shouldNotConnectNodesThatDoNotTrustEachOther() {
        TestPeer one = start("n1", ours, List.of());
        TestPeer stranger = start("n2", others, List.of(one.address()));
        TestPeer plain = start("n3", Optional.empty(), List.of(one.address()));
        TestPeer trusted = start("n4", ours, List.of(one.address()));

        one.awaitUp("n4");
        trusted.awaitUp("n1");
        assertThat(one.ups).containsExactly("n4");
        assertThat(stranger.ups).isEmpty();
        assertThat(plain.ups).isEmpty();
    }

    private TestPeer start(String node, Optional<PeerTls> tls, List<PeerAddress> members) {
        PeerAddress any = new PeerAddress("127.0.0.1", 0);
        return new TestPeer(node, TestPeer.settings("test", SECRET, any, members, tls, LIMITS)).startOn(vertx);
    }
}

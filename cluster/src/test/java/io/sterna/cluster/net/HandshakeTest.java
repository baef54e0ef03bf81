package io.sterna.cluster.net;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sterna.cluster.net.Refusal.Code;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

final class HandshakeTest {
    private static final ClusterSecret SECRET = new ClusterSecret("nobody else knows this");

    private final Hello dialersHello = hello("n1", 1);
    private final Hello acceptorsHello = hello("n2", 2);

    @Test
    void shouldEndWithBothKnowingEachOther() throws MalformedFrameException {
        Side dialer = new Side(true, dialersHello, SECRET);
        Side acceptor = new Side(false, acceptorsHello, SECRET);

        exchange(dialer, acceptor);

        assertThat(dialer.done).hasValue(acceptorsHello.identity());
        assertThat(acceptor.done).hasValue(dialersHello.identity());
    }

    @Test
    void shouldRefuseAnotherSecret() throws MalformedFrameException {
        Side dialer = new Side(true, dialersHello, new ClusterSecret("somebody else knows that"));
        Side acceptor = new Side(false, acceptorsHello, SECRET);

        exchange(dialer, acceptor);

        Refusal reason = new Refusal(Code.SECRET, "n2 and n1 have different secrets (cluster.secret)");
        assertThat(acceptor.refusing).hasValue(reason);
        assertThat(dialer.refused).hasValue(reason);
    }

    @Test
    void shouldRefuseTheProofOfAnotherHandshake() throws MalformedFrameException {
        Side recorded = new Side(true, dialersHello, SECRET);
        exchange(recorded, new Side(false, acceptorsHello, SECRET));
        Side acceptor = new Side(false, hello("n2", 3), SECRET);

        acceptor.take(recorded.said.get(0));
        acceptor.take(recorded.said.get(1));

        assertThat(acceptor.refusing.map(Refusal::code)).hasValue(Code.SECRET);
    }

    @Test
    void shouldRefuseItsOwnProofSentBack() throws MalformedFrameException {
        Side dialer = new Side(true, dialersHello, SECRET);
        dialer.handshake.start();
        dialer.take(new Said(FrameKind.HELLO, acceptorsHello.toBytes()));

        dialer.take(dialer.said.get(1));

        assertThat(dialer.refusing.map(Refusal::code)).hasValue(Code.SECRET);
    }

    @Test
    void shouldProveNothingToWhoHasProvenNothing() throws MalformedFrameException {
        Side acceptor = new Side(false, acceptorsHello, SECRET);

        acceptor.take(new Said(FrameKind.HELLO, dialersHello.toBytes()));
        acceptor.take(new Said(FrameKind.PROOF, new byte[32]));

        assertThat(acceptor.said).extracting(Said::kind).containsExactly(FrameKind.HELLO, FrameKind.REFUSAL);
    }

    @Test
    void shouldRefuseAnotherCluster() throws MalformedFrameException {
        Side acceptor = new Side(false, acceptorsHello, SECRET);

        acceptor.take(new Said(FrameKind.HELLO, RawPeer.hello("other", "n1").toBytes()));

        assertThat(acceptor.refusing)
                .hasValue(new Refusal(
                        Code.CLUSTER,
                        "this node is of the cluster 'test', and the other one, n1 at 127.0.0.1:1, of 'other'"));
    }

    @Test
    void shouldRefuseANodeThatBeginsTheClusterWithOthers() throws MalformedFrameException {
        Side acceptor = new Side(false, acceptorsHello, SECRET);

        acceptor.take(new Said(
                FrameKind.HELLO, hello("n1", 1, List.of("n4", "n1", "n2")).toBytes()));

        assertThat(acceptor.refusing)
                .hasValue(new Refusal(
                        Code.FOUNDERS,
                        "cluster.members must name the same nodes at all nodes: n2 at 127.0.0.1:2 names n1, n2, n3, and"
                                + " n1 at 127.0.0.1:1 names n1, n2, n4"));
    }

    @Test
    void shouldRefuseANodeThatBeginsTheClusterWithNobody() throws MalformedFrameException {
        Side dialer = new Side(true, dialersHello, SECRET);
        dialer.handshake.start();

        dialer.take(new Said(FrameKind.HELLO, hello("n2", 2, List.of()).toBytes()));

        assertThat(dialer.refusing.map(Refusal::code)).hasValue(Code.FOUNDERS);
        assertThat(dialer.refusing.map(Refusal::text).orElseThrow()).endsWith("and n2 at 127.0.0.1:2 names none");
    }

    @Test
    void shouldNotCareInWhichOrderFoundersAreNamed() throws MalformedFrameException {
        Side dialer = new Side(true, hello("n1", 1, List.of("n3", "n1", "n2")), SECRET);
        Side acceptor = new Side(false, acceptorsHello, SECRET);

        exchange(dialer, acceptor);

        assertThat(acceptor.done).isPresent();
    }

    @Test
    void shouldReadTheLongestHello() throws MalformedFrameException {
        List<String> founders = IntStream.range(0, PeerSettings.MAX_FOUNDERS)
                .mapToObj(number -> "x".repeat(WireWriter.MAX_STRING_BYTES - 2) + (10 + number))
                .toList();
        PeerIdentity identity = new PeerIdentity(
                "n".repeat(WireWriter.MAX_STRING_BYTES),
                1,
                new UUID(1, 2),
                new PeerAddress("h".repeat(WireWriter.MAX_STRING_BYTES), 65_535),
                65_535,
                true,
                founders);
        byte[] bytes = Hello.of("c".repeat(WireWriter.MAX_STRING_BYTES), identity, new byte[Hello.NONCE_BYTES])
                .toBytes();

        assertThat(bytes.length).isLessThan(Hello.MAX_FRAME_BYTES);
        assertThat(Hello.read(ByteBuffer.wrap(bytes)).identity()).isEqualTo(identity);
    }

    @Test
    void shouldRefuseANameThatWouldWriteLinesOfItsOwn() {
        Side acceptor = new Side(false, acceptorsHello, SECRET);

        assertThatThrownBy(() -> acceptor.take(
                        new Said(FrameKind.HELLO, hello("n1\nall is well", 1).toBytes())))
                .isInstanceOf(MalformedFrameException.class)
                .hasMessage("a hello can't be read: a name with control characters");
    }

    @Test
    void shouldRefuseItsOwnIdOfAnotherProcess() throws MalformedFrameException {
        Side acceptor = new Side(false, acceptorsHello, SECRET);

        acceptor.take(new Said(FrameKind.HELLO, hello("n2", 9).toBytes()));

        assertThat(acceptor.refusing.map(Refusal::code)).hasValue(Code.SAME_ID);
        assertThat(acceptor.refusing.map(Refusal::text).orElseThrow())
                .startsWith("two nodes have the id 'n2', at 127.0.0.1:2 and at 127.0.0.1:9");
    }

    @Test
    void shouldKnowItself() throws MalformedFrameException {
        Side acceptor = new Side(false, acceptorsHello, SECRET);

        acceptor.take(new Said(FrameKind.HELLO, acceptorsHello.toBytes()));

        assertThat(acceptor.refusing.map(Refusal::code)).hasValue(Code.SELF);
    }

    @Test
    void shouldRefuseAVersionWithoutReadingTheRest() throws MalformedFrameException {
        byte[] later = Arrays.copyOf(dialersHello.toBytes(), 6);
        later[4] = 2;
        later[5] = 3;
        Side acceptor = new Side(false, acceptorsHello, SECRET);

        acceptor.take(new Said(FrameKind.HELLO, later));

        assertThat(acceptor.refusing)
                .hasValue(new Refusal(
                        Code.VERSION,
                        "this node speaks version 1 of the protocol between nodes, and the other one 2 to 3; update the"
                                + " older of the two"));
    }

    @Test
    void shouldRefuseAProofBeforeAHello() {
        Side acceptor = new Side(false, acceptorsHello, SECRET);

        assertThatThrownBy(() -> acceptor.take(new Said(FrameKind.PROOF, new byte[32])))
                .isInstanceOf(MalformedFrameException.class)
                .hasMessage("a frame of kind PROOF in a handshake that waits for HELLO");
    }

    @Test
    void shouldNotLetARefusalWriteLinesOfItsOwn() throws MalformedFrameException {
        byte[] bytes = new Refusal(Code.CLUSTER, "no\n2026-01-01 all is well").toBytes();

        assertThat(Refusal.read(ByteBuffer.wrap(bytes)).text()).isEqualTo("no?2026-01-01 all is well");
    }

    @Test
    void shouldNotTakeAShortSecretNorPrintAny() {
        assertThatThrownBy(() -> new ClusterSecret("short"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("the cluster's secret has 5 characters, must have at least 16");
        assertThat(SECRET.toString()).doesNotContain("nobody");
    }

    private static Hello hello(String node, int number) {
        return hello(node, number, TestPeer.FOUNDERS);
    }

    private static Hello hello(String node, int number, List<String> founders) {
        byte[] nonce = new byte[Hello.NONCE_BYTES];
        nonce[0] = (byte) number;
        PeerAddress address = new PeerAddress("127.0.0.1", number);
        return Hello.of(
                "test",
                new PeerIdentity(node, 1, new UUID(0, number), address, TestPeer.CLIENT_PORT, number == 2, founders),
                nonce);
    }

    private static void exchange(Side dialer, Side acceptor) throws MalformedFrameException {
        dialer.handshake.start();
        for (int turn = 0; turn < 2; turn++) {
            acceptor.take(dialer.said.get(turn));
            Said answer = acceptor.said.get(turn);
            dialer.take(answer);
        }
    }

    private record Said(FrameKind kind, byte[] body) {}

    private static final class Side implements Handshake.Actions {
        private final List<Said> said = new ArrayList<>();
        private final Handshake handshake;
        private Optional<PeerIdentity> done = Optional.empty();
        private Optional<Refusal> refusing = Optional.empty();
        private Optional<Refusal> refused = Optional.empty();

        Side(boolean dialer, Hello own, ClusterSecret secret) {
            handshake = new Handshake(dialer, own, secret, this);
        }

        void take(Said other) throws MalformedFrameException {
            handshake.onFrame(other.kind(), ByteBuffer.wrap(other.body()));
        }

        @Override
        public void send(FrameKind kind, byte[] body) {
            said.add(new Said(kind, body));
        }

        @Override
        public Optional<Refusal> onHello(PeerIdentity other) {
            return Optional.empty();
        }

        @Override
        public Optional<Refusal> judge(PeerIdentity other) {
            return Optional.empty();
        }

        @Override
        public void onDone(PeerIdentity other) {
            done = Optional.of(other);
        }

        @Override
        public void onRefusing(Refusal reason) {
            refusing = Optional.of(reason);
        }

        @Override
        public void onRefused(Refusal reason) {
            refused = Optional.of(reason);
        }
    }
}

package io.sterna.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.apache.qpid.proton.amqp.transport.Close;
import org.apache.qpid.proton.amqp.transport.Open;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Protocol headers, AMQP 1.0 §2.2, byte by byte. */
class RawHeaderTest {
    private EchoNode node;
    private RawPeer peer;

    @BeforeEach
    void connect() throws Exception {
        node = EchoNode.start();
        peer = new RawPeer(node.port());
    }

    @AfterEach
    void close() throws Exception {
        peer.close();
        node.close();
    }

    static Stream<Arguments> refused() {
        return Stream.of(
                Arguments.of("version 1.1.0", bytes("AMQP", 0, 1, 1, 0)),
                Arguments.of("version 1.0.1", bytes("AMQP", 0, 1, 0, 1)),
                Arguments.of("version 0.9.1", bytes("AMQP", 0, 0, 9, 1)),
                Arguments.of("version 2.0.0", bytes("AMQP", 0, 2, 0, 0)),
                Arguments.of("SASL of version 1.1.0", bytes("AMQP", 3, 1, 1, 0)),
                Arguments.of("TLS", bytes("AMQP", 2, 1, 0, 0)),
                Arguments.of("an unknown protocol id", bytes("AMQP", 7, 1, 0, 0)),
                Arguments.of("AMQP 0-9-1's header", bytes("AMQP", 0, 0, 9, 1)),
                Arguments.of("AMQP 0-8's header", bytes("AMQP", 1, 1, 8, 0)),
                Arguments.of("HTTP", "GET / HTTP/1.1\r\n".getBytes(StandardCharsets.US_ASCII)),
                Arguments.of("HTTP cut short", "GET".getBytes(StandardCharsets.US_ASCII)),
                Arguments.of("small letters", bytes("amqp", 0, 1, 0, 0)),
                Arguments.of("TLS's client hello", RawPeer.hex("16 03 01 00 f1 01 00 00")));
    }

    // AMQP 1.0 §2.2: "If the requested protocol version is not supported, the server MUST send a protocol header with a
    // supported protocol version and then close the socket", and likewise when it can't parse the header.
    @ParameterizedTest(name = "{0}")
    @MethodSource("refused")
    void shouldAnswerWithAHeaderAndCloseTheSocketWhenTheHeaderIs(String name, byte[] header) throws Exception {
        peer.send(header);
        byte[] answer = peer.readBytes(8);
        assertThat(answer).startsWith('A', 'M', 'Q', 'P').endsWith(1, 0, 0);
        assertThat(answer[4]).isIn((byte) RawPeer.AMQP, (byte) RawPeer.SASL);
        peer.expectEnd();
    }

    // AMQP 1.0 §2.2: "The protocol id is not a part of the protocol version", so that any acceptable one may be
    // answered.
    @Test
    void shouldAnswerWithTheSameHeaderWhenTheVersionIsOurs() throws Exception {
        peer.send(RawPeer.header(RawPeer.AMQP));
        assertThat(peer.readBytes(8)).isEqualTo(RawPeer.header(RawPeer.AMQP));
    }

    @Test
    void shouldAnswerWithTheSaslHeaderWhenSaslIsAskedFor() throws Exception {
        peer.send(RawPeer.header(RawPeer.SASL));
        assertThat(peer.readBytes(8)).isEqualTo(RawPeer.header(RawPeer.SASL));
    }

    @Test
    void shouldAnswerWithTheSaslHeaderWhenAuthenticationIsRequired() throws Exception {
        try (EchoNode strict = EchoNode.start(behaviour -> behaviour.authenticator = TestUsers.required());
                RawPeer other = new RawPeer(strict.port())) {
            other.send(RawPeer.header(RawPeer.AMQP));
            assertThat(other.readBytes(8)).isEqualTo(RawPeer.header(RawPeer.SASL));
            other.expectEnd();
        }
    }

    @Test
    void shouldNotAnswerFramesWhenTheyFollowABadHeader() throws Exception {
        peer.send(bytes("AMQP", 0, 1, 1, 0), peer.amqp(0, open()), peer.amqp(0, new Close()));
        assertThat(peer.readBytes(8)).endsWith(1, 0, 0);
        peer.expectEnd();
        assertThat(node.connections).isEmpty();
    }

    @Test
    void shouldTakeTheHeaderWhenItComesByteByByte() throws Exception {
        for (byte octet : RawPeer.header(RawPeer.AMQP)) {
            peer.send(new byte[] {octet});
        }
        assertThat(peer.readBytes(8)).isEqualTo(RawPeer.header(RawPeer.AMQP));
        for (byte octet : peer.amqp(0, open())) {
            peer.send(new byte[] {octet});
        }
        assertThat(peer.read(Open.class).getContainerId()).isEqualTo("echo");
    }

    @Test
    void shouldForgetTheConnectionWhenThePeerLeavesBeforeTheHeader() throws Exception {
        peer.send(new byte[] {'A', 'M'});
        peer.endOutput();
        peer.expectEnd();
        await().until(() -> node.closed.size() == 1);
    }

    // AMQP 1.0 §2.4.3: the socket ends after both closes.
    @Test
    void shouldCloseTheSocketWhenBothHaveClosed() throws Exception {
        peer.send(RawPeer.header(RawPeer.AMQP), peer.amqp(0, open()), peer.amqp(0, new Close()));
        peer.readBytes(8);
        peer.read(Open.class);
        assertThat(peer.read(Close.class).getError()).isNull();
        peer.expectEnd();
    }

    static Open open() {
        Open open = new Open();
        open.setContainerId("peer");
        return open;
    }

    private static byte[] bytes(String magic, int... rest) {
        byte[] bytes = new byte[4 + rest.length];
        System.arraycopy(magic.getBytes(StandardCharsets.US_ASCII), 0, bytes, 0, 4);
        for (int i = 0; i < rest.length; i++) {
            bytes[4 + i] = (byte) rest[i];
        }
        return bytes;
    }
}

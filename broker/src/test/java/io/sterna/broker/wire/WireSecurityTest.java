package io.sterna.broker.wire;

import static io.sterna.broker.testing.Wire.AMQP_HEADER;
import static io.sterna.broker.testing.Wire.NULL;
import static io.sterna.broker.testing.Wire.SASL_HEADER;
import static io.sterna.broker.testing.Wire.binary;
import static io.sterna.broker.testing.Wire.described;
import static io.sterna.broker.testing.Wire.join;
import static io.sterna.broker.testing.Wire.string;
import static io.sterna.broker.testing.Wire.symbol;
import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.broker.testing.Frames;
import io.sterna.broker.testing.Wire;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import org.apache.qpid.proton.amqp.security.SaslCode;
import org.apache.qpid.proton.amqp.security.SaslMechanisms;
import org.apache.qpid.proton.amqp.security.SaslOutcome;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The SASL security layer, with the one mechanism that all brokers of the suite offer (AMQP 1.0 §5.3). */
class WireSecurityTest {
    private static final int INIT = 0x41;
    private static final byte[] ANONYMOUS = described(INIT, symbol("ANONYMOUS"), binary(new byte[] {'x'}));

    @RegisterExtension
    static final WireBroker BROKER = new WireBroker();

    private static byte[] saslFrame(byte[] body) {
        return join(Wire.frameHeader(8 + body.length, 2, 1), body);
    }

    private static Object performative(byte[] frame) {
        Frames.Frame decoded = new Frames().decode(ByteBuffer.wrap(frame));
        return decoded == null ? "none" : decoded.performative();
    }

    /** A connection to which the broker has announced its mechanisms. */
    private static WireClient greeted() throws IOException {
        WireClient client = BROKER.connect().send(SASL_HEADER);
        assertThat(client.read(8)).isEqualTo(SASL_HEADER);
        client.readFrame();
        return client;
    }

    private static SaslCode outcome(WireClient client) {
        Object answer = performative(client.readFrame());
        if (answer instanceof SaslOutcome outcome) {
            return outcome.getCode();
        }
        throw new AssertionError("no outcome but " + answer);
    }

    /** Whether the broker let the client in: it did not when it closed, or when the outcome says so. */
    private static boolean isLetIn(WireClient client) {
        byte[] frame = client.readFrame();
        return frame.length > 8
                && performative(frame) instanceof SaslOutcome outcome
                && outcome.getCode() == SaslCode.OK;
    }

    @Test
    @DisplayName("§5.3, §5.3.3.1: the broker answers with the SASL header, and announces one mechanism at least")
    void shouldAnnounceMechanismsWhenTheHeaderIsSasl() throws IOException {
        WireClient client = BROKER.connect().send(SASL_HEADER);
        assertThat(client.read(8)).isEqualTo(SASL_HEADER);
        SaslMechanisms mechanisms = (SaslMechanisms) performative(client.readFrame());
        assertThat(mechanisms.getSaslServerMechanisms()).isNotEmpty();
    }

    @Test
    @DisplayName("§5.3.1: a SASL frame has type 1 and 512 octets at most")
    void shouldSendSaslFramesWhenTheHeaderIsSasl() throws IOException {
        WireClient client = BROKER.connect().send(SASL_HEADER);
        client.read(8);
        byte[] frame = client.readFrame();
        assertThat(frame[5]).isEqualTo((byte) 1);
        assertThat(frame.length).isLessThanOrEqualTo(512);
    }

    @Test
    @DisplayName("§5.3.2: the broker waits for the header and then announces, the client chooses, and AMQP follows")
    void shouldOpenWhenTheClientIsLetIn() throws IOException {
        WireClient client = greeted().send(saslFrame(ANONYMOUS));
        assertThat(outcome(client)).isEqualTo(SaslCode.OK);
        client.open();
        client.begin().sender(WireBroker.address()).sendAccepted(Body.text("in"));
    }

    @Test
    @DisplayName("§5.3.3.2: initial-response and hostname may be left out or null")
    void shouldLetInWhenFieldsAreNull() throws IOException {
        assertThat(outcome(greeted().send(saslFrame(described(INIT, symbol("ANONYMOUS"), binary(new byte[0]), NULL)))))
                .isEqualTo(SaslCode.OK);
    }

    @Test
    @DisplayName("§5.3.3.2, §1.2: the descriptor of the init may be a symbol")
    void shouldLetInWhenTheDescriptorIsASymbol() throws IOException {
        byte[] init =
                Body.of(INIT, symbol("ANONYMOUS"), binary(new byte[] {'x'})).octets(symbol("amqp:sasl-init:list"));
        assertThat(outcome(greeted().send(saslFrame(init)))).isEqualTo(SaslCode.OK);
    }

    @Test
    @DisplayName("§5.3.1: octets 6 and 7 of the frame header are ignored")
    void shouldLetInWhenTheChannelIsAny() throws IOException {
        byte[] frame = saslFrame(ANONYMOUS);
        frame[6] = (byte) 0xff;
        frame[7] = (byte) 0xff;
        assertThat(outcome(greeted().send(frame))).isEqualTo(SaslCode.OK);
    }

    @ParameterizedTest
    @ValueSource(ints = {3, 20})
    @DisplayName("§5.3.1: the extended header is ignored")
    void shouldLetInWhenThereIsAnExtendedHeader(int words) throws IOException {
        byte[] header = Wire.frameHeader(4 * words + ANONYMOUS.length, words, 1);
        assertThat(outcome(greeted().send(header, new byte[4 * words - 8], ANONYMOUS)))
                .isEqualTo(SaslCode.OK);
    }

    @Test
    @DisplayName("§5.3.1: a SASL frame may have 512 octets")
    void shouldLetInWhenTheFrameIsAsLargeAsMayBe() throws IOException {
        int fixed = saslFrame(described(INIT, symbol("ANONYMOUS"), binary(new byte[] {'x'}), string(""))).length;
        byte[] init = described(INIT, symbol("ANONYMOUS"), binary(new byte[] {'x'}), string("h".repeat(512 - fixed)));
        assertThat(saslFrame(init)).hasSize(512);
        assertThat(outcome(greeted().send(saslFrame(init)))).isEqualTo(SaslCode.OK);
    }

    @Test
    @DisplayName("§5.3.3.2: a mechanism that the broker does not have is refused, and the connection closed")
    void shouldRefuseWhenTheMechanismIsUnknown() throws IOException {
        WireClient client = greeted().send(saslFrame(described(INIT, symbol("STERNA-UNKNOWN"))));
        assertThat(isLetIn(client)).isFalse();
        client.awaitSocketClosed();
    }

    @Test
    @DisplayName("§5.3.1: an empty SASL frame is an irrecoverable error")
    void shouldRefuseWhenAFrameIsEmpty() throws IOException {
        WireClient client = greeted().send(saslFrame(new byte[0]), saslFrame(ANONYMOUS));
        assertThat(isLetIn(client)).isFalse();
    }

    @Test
    @DisplayName("§5.3, §2.2: another version of SASL is answered with a supported header, and the socket is closed")
    void shouldAnswerWithASupportedHeaderAndCloseWhenTheVersionIsUnknown() throws IOException {
        WireClient client = BROKER.connect().send(new byte[] {'A', 'M', 'Q', 'P', 3, 2, 0, 0});
        byte[] header = client.read(8);
        assertThat(header).hasSize(8).startsWith('A', 'M', 'Q', 'P');
        assertThat(Arrays.copyOfRange(header, 5, 8)).containsExactly(1, 0, 0);
        client.awaitSocketClosed();
    }

    @Test
    @DisplayName("§2.2, §5.2: a TLS header is answered with it, or with another one and the end of the connection")
    void shouldAnswerWithAnAcceptableHeaderWhenTlsIsAskedFor() throws IOException {
        WireClient client = BROKER.connect().send(new byte[] {'A', 'M', 'Q', 'P', 2, 1, 0, 0});
        byte[] header = client.read(8);
        assertThat(header).hasSize(8).startsWith('A', 'M', 'Q', 'P');
        if (header[4] != 2) {
            client.awaitSocketClosed();
        }
    }

    @Test
    @DisplayName(
            "§2.2: AMQP without SASL is served, or answered with an acceptable header and the end of the connection")
    void shouldServeOrNameAnotherHeaderWhenThereIsNoSasl() throws IOException {
        WireClient client = BROKER.connect().send(AMQP_HEADER);
        byte[] header = client.read(8);
        assertThat(header).hasSize(8).startsWith('A', 'M', 'Q', 'P');
        if (Arrays.equals(header, AMQP_HEADER)) {
            client.send(Body.open(client.containerId()).frame(0));
            assertThat(client.pull()).isTrue();
        } else {
            client.awaitSocketClosed();
        }
    }
}

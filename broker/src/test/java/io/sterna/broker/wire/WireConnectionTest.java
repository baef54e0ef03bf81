package io.sterna.broker.wire;

import static io.sterna.broker.testing.Wire.AMQP_HEADER;
import static io.sterna.broker.testing.Wire.described;
import static io.sterna.broker.testing.Wire.map;
import static io.sterna.broker.testing.Wire.string;
import static io.sterna.broker.testing.Wire.symbol;
import static io.sterna.broker.testing.Wire.uint;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.sterna.broker.testing.Wire;
import java.io.IOException;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.transport.Open;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Protocol headers, opening and closing (AMQP 1.0 §2.2, §2.4, §2.7.1, §2.7.9). */
class WireConnectionTest {
    private static final byte[] ERROR = described(0x1d, symbol("amqp:internal-error"), string("why not"));

    @RegisterExtension
    static final WireBroker BROKER = new WireBroker();

    // ---- §2.2 Version negotiation

    @Test
    @DisplayName("§2.2: a supported version is answered with its header")
    void shouldAnswerWithTheSameHeaderWhenTheVersionIsSupported() throws IOException {
        assertThat(BROKER.connect().send(AMQP_HEADER).read(8)).isEqualTo(AMQP_HEADER);
    }

    @ParameterizedTest
    @CsvSource({"0,1,1,0", "0,1,0,1", "0,2,0,0", "0,0,0,0", "9,1,0,0", "255,255,255,255"})
    @DisplayName(
            "§2.2: an unsupported version or protocol id is answered with a supported header, and the socket is closed")
    void shouldAnswerWithASupportedHeaderAndCloseWhenTheHeaderIsNotSupported(
            int protocol, int major, int minor, int revision) throws IOException {
        byte[] asked = {'A', 'M', 'Q', 'P', (byte) protocol, (byte) major, (byte) minor, (byte) revision};
        WireClient client = BROKER.connect().send(asked);
        byte[] header = client.read(8);
        assertThat(header).hasSize(8).startsWith('A', 'M', 'Q', 'P').isNotEqualTo(asked);
        client.awaitSocketClosed();
    }

    @Test
    @DisplayName("§2.2: a header that comes octet by octet is a header")
    void shouldAnswerWhenTheHeaderComesInPieces() throws IOException {
        WireClient client = BROKER.connect();
        for (byte octet : AMQP_HEADER) {
            client.send(new byte[] {octet});
        }
        client.send(Body.open(client.containerId()).frame(0));
        client.answerToOpen();
    }

    // ---- §2.4.1, §2.7.1 Opening

    @Test
    @DisplayName("§2.7.1: the broker's open names its container, and frames of 512 octets at least")
    void shouldNameItsContainerAndALegalFrameSizeWhenOpening() throws IOException {
        Open open = BROKER.connect().open();
        assertThat(open.getContainerId()).isNotNull();
        if (open.getMaxFrameSize() != null) {
            assertThat(open.getMaxFrameSize().longValue()).isGreaterThanOrEqualTo(512);
        }
    }

    @Test
    @DisplayName("§2.4.1: the open comes on channel 0, and begins before it are not answered before it")
    void shouldOpenOnChannelZeroWhenOpened() throws IOException {
        WireClient client = BROKER.connect();
        client.send(AMQP_HEADER, Body.open(client.containerId()).frame(0));
        assertThat(client.read(8)).isEqualTo(AMQP_HEADER);
        client.pull();
        assertThat(client.unread().get(0).performative()).isInstanceOf(Open.class);
        assertThat(client.unread().get(0).channel()).isZero();
    }

    @Test
    @DisplayName("§2.4.1: before anything is negotiated, frames have 512 octets at most")
    void shouldOpenInASmallFrameWhenFramesAreSmall() throws IOException {
        WireClient client = BROKER.connect();
        client.open(Body.open(client.containerId()).with(2, uint(512)));
        assertThat(client.largestFrameBytes()).isLessThanOrEqualTo(512);
    }

    @Test
    @DisplayName("§2.4.2: pipelined frames are as good as others")
    void shouldAnswerAllWhenFramesArePipelined() throws IOException {
        WireClient client = BROKER.connect();
        String address = WireBroker.address();
        client.send(
                AMQP_HEADER,
                Body.open(client.containerId()).frame(0),
                Body.begin().frame(0),
                Body.sender("pipelined", 0, Body.target(address)).frame(0));
        client.answerToOpen();
        client.mapped(0).attached("pipelined", 0).awaitCredit();
    }

    @Test
    @DisplayName("§2.4.2, §2.4.3: a whole connection in one batch is opened and closed")
    void shouldOpenAndCloseWhenBothCameAtOnce() throws IOException {
        WireClient client = BROKER.connect();
        client.send(
                AMQP_HEADER,
                Body.open(client.containerId()).frame(0),
                Body.close().frame(0));
        client.answerToOpen();
        assertThat(client.closed()).isEmpty();
    }

    @Test
    @DisplayName("§2.7.1: all fields of the open may be set")
    void shouldOpenWhenAllFieldsAreSet() throws IOException {
        WireClient client = BROKER.connect();
        client.open(Body.open(client.containerId())
                .with(1, string("localhost"))
                .with(4, uint(60_000))
                .with(5, symbol("en-US"))
                .with(6, Wire.compound(0xf0, 2, new byte[] {(byte) 0xa3, 2, 'd', 'e', 5, 'e', 'n', '-', 'U', 'S'}))
                .with(7, symbol("sterna:unknown"))
                .with(8, symbol("sterna:unknown"))
                .with(9, map(symbol("sterna:unknown"), uint(1))));
        client.begin();
    }

    @Test
    @DisplayName("§2.7.1: a broker does not offer a capability that it does not know")
    void shouldNotOfferWhatItDoesNotKnowWhenItIsDesired() throws IOException {
        WireClient client = BROKER.connect();
        Open open = client.open(Body.open(client.containerId()).with(8, symbol("sterna:unknown")));
        Symbol[] offered = open.getOfferedCapabilities();
        assertThat(offered == null ? new Symbol[0] : offered).doesNotContain(Symbol.valueOf("sterna:unknown"));
    }

    @Test
    @DisplayName("§2.7.1, §2.4.3: a max-frame-size below 512 is no reason to drop the connection without a word")
    void shouldAnswerInGoodOrderWhenFramesAreToBeTooSmall() throws IOException {
        WireClient client = BROKER.connect();
        client.open(Body.open(client.containerId()).with(2, uint(511)));
        client.closesInGoodOrder();
    }

    // ---- §2.4.3 Closing

    @Test
    @DisplayName("§2.4.3, §2.7.9: a close is answered with a close, and nothing comes after it")
    void shouldAnswerWithCloseAndSayNoMoreWhenClosed() throws IOException {
        WireClient client = BROKER.open();
        client.begin();
        client.send(Body.close().frame(0));
        assertThat(client.closed()).isEmpty();
        client.shutdownOutput();
        assertThat(client.isClosed()).isTrue();
    }

    @Test
    @DisplayName("§2.4.3: a close with an error is answered as any other")
    void shouldAnswerWithCloseWhenTheClientClosesWithAnError() throws IOException {
        WireClient client = BROKER.open();
        client.send(Body.close().with(0, ERROR).frame(0));
        client.closed();
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 7})
    @DisplayName("§2.4.3: a close may come on any channel up to channel-max")
    void shouldAnswerWithCloseWhenItComesOnAnotherChannel(int channel) throws IOException {
        WireClient client = BROKER.connect();
        assumeThat(client.open().getChannelMax().intValue()).isGreaterThanOrEqualTo(channel);
        client.send(Body.close().frame(channel));
        assertThat(client.closed()).isEmpty();
    }

    // ---- §2.4.5 Idle time-out

    @Test
    @DisplayName("§2.4.5: within the client's idle time-out there is a frame, or the connection is closed")
    void shouldSendFramesWhenTheClientHasAnIdleTimeOut() throws IOException {
        WireClient client = BROKER.connect();
        client.open(Body.open(client.containerId()).with(4, uint(1_000)));
        assertThat(client.pull()).isTrue();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 5})
    @DisplayName("§2.4.5: empty frames are ignored, on any channel up to channel-max")
    void shouldGoOnWhenFramesAreEmpty(int channel) throws IOException {
        WireClient client = BROKER.open();
        client.send(Wire.frame(channel, new byte[0]), Wire.frame(channel, new byte[0]));
        assertThat(client.begin().theirChannel()).isNotNegative();
    }

    @Test
    @DisplayName("§2.7.1: the first frame of the broker is an open, also when the client begins a session before")
    void shouldNotBeginFirstWhenTheClientDoes() throws IOException {
        WireClient client = BROKER.connect();
        client.send(
                AMQP_HEADER,
                Body.begin().frame(0),
                Body.open(client.containerId()).frame(0));
        assertThat(client.read(8)).isEqualTo(AMQP_HEADER);
        if (client.pull()) {
            assertThat(client.unread().get(0).performative()).isInstanceOf(Open.class);
        }
    }
}

package io.sterna.broker.wire;

import static io.sterna.broker.testing.Wire.uint;
import static io.sterna.broker.testing.Wire.ushort;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import java.io.IOException;
import org.apache.qpid.proton.amqp.transport.Begin;
import org.apache.qpid.proton.amqp.transport.Open;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Channels, and what the opens limit (AMQP 1.0 §2.4, §2.5.1, §2.7.1, §2.7.2). */
class WireChannelTest {
    @RegisterExtension
    static final WireBroker BROKER = new WireBroker();

    // ---- §2.7.1 What the opens limit

    @Test
    @DisplayName("§2.7.1: an oversized frame closes the connection with framing-error")
    void shouldCloseWithFramingErrorWhenAFrameIsTooLarge() throws IOException {
        WireClient client = BROKER.connect();
        Open open = client.open();
        assumeThat(open.getMaxFrameSize()).isNotNull();
        long limit = open.getMaxFrameSize().longValue();
        assumeThat(limit).isLessThan(10_000_000);
        WireSession session = client.begin();
        WireLink link = session.sender(WireBroker.address());
        byte[] start = Body.transfer(link.handle(), 0).frame(0);
        byte[] rest = new byte[(int) limit + 1 - start.length];
        session.sendTransfer(Body.transfer(link.handle(), 0), rest);
        assertThat(client.closed()).isEqualTo("amqp:connection:framing-error");
    }

    @Test
    @DisplayName("§2.7.1: a channel above channel-max closes the connection with framing-error")
    void shouldCloseWithFramingErrorWhenAChannelIsTooHigh() throws IOException {
        WireClient client = BROKER.connect();
        Open open = client.open();
        assumeThat(open.getChannelMax()).isNotNull();
        assumeThat(open.getChannelMax().intValue()).isLessThan(65_535);
        client.send(Body.begin().frame(open.getChannelMax().intValue() + 1));
        assertThat(client.closed()).isEqualTo("amqp:connection:framing-error");
    }

    @Test
    @DisplayName("§2.7.1: the highest channel is answered on a channel that the client takes")
    void shouldStayBelowTheClientsChannelMaxWhenItIsZero() throws IOException {
        WireClient client = BROKER.connect();
        int highest = client.open(Body.open(client.containerId()).with(3, ushort(0)))
                .getChannelMax()
                .intValue();
        assertThat(client.begin(Math.min(highest, 10), Body.begin()).theirChannel())
                .isZero();
    }

    @Test
    @DisplayName("§2.7.1: no channel above the client's channel-max is used, whatever is asked for")
    void shouldUseNoFurtherChannelWhenTheClientTakesOnlyOne() throws IOException {
        WireClient client = BROKER.connect();
        client.open(Body.open(client.containerId()).with(3, ushort(0)));
        client.begin();
        client.send(Body.begin().frame(1));
        client.closesInGoodOrder();
        assertThat(client.unread()).allMatch(frame -> frame.channel() == 0);
    }

    @Test
    @DisplayName("§2.7.1: frames for a client with the smallest frame size are split")
    void shouldSendSmallFramesWhenTheClientTakesNoOthers() throws IOException {
        String address = WireBroker.address();
        byte[] message = Body.text("x".repeat(2_000));
        BROKER.begin().fill(address, message);
        WireClient client = BROKER.connect();
        client.open(Body.open(client.containerId()).with(2, uint(512)));
        assertThat(client.begin().receiver(address).receiveWithCredit().message())
                .endsWith(message);
        assertThat(client.largestFrameBytes()).isLessThanOrEqualTo(512);
    }

    // ---- §2.5.1 Sessions and their channels

    @ParameterizedTest
    @ValueSource(ints = {0, 3, 7})
    @DisplayName("§2.7.2: a begin is answered with the channel that it came on as remote-channel")
    void shouldNameTheRemoteChannelWhenASessionBegins(int channel) throws IOException {
        WireClient client = BROKER.open();
        client.send(Body.begin().frame(channel));
        assertThat(client.await(Begin.class).getRemoteChannel().intValue()).isEqualTo(channel);
    }

    @Test
    @DisplayName("§2.4: a connection has several sessions, and the end of one does not concern the others")
    void shouldGoOnWithOneSessionWhenAnotherEnds() throws IOException {
        WireClient client = BROKER.open();
        WireSession first = client.begin(0, Body.begin());
        WireSession second = client.begin(1, Body.begin());
        first.end();
        second.sender(WireBroker.address()).sendAccepted(Body.text("still here"));
    }

    @Test
    @DisplayName("§2.5.2: a channel is free when both have ended the session")
    void shouldBeginAgainWhenTheSessionOfTheChannelHasEnded() throws IOException {
        WireClient client = BROKER.open();
        client.begin(4, Body.begin()).end();
        client.begin(4, Body.begin()).sender(WireBroker.address()).sendAccepted(Body.text("again"));
    }

    // ---- What no client may say

    @ParameterizedTest(name = "{0}")
    @ValueSource(
            strings = {
                "a second open",
                "a begin on a channel in use",
                "a begin that answers nothing",
                "an attach on a channel without a session",
                "an end on a channel without a session",
                "a transfer on a channel without a session"
            })
    @DisplayName("§2.4.3: what may not be said is no reason to drop the connection without a close")
    void shouldCloseInGoodOrderWhenAFrameIsOutOfPlace(String what) throws IOException {
        WireClient client = BROKER.open();
        client.begin();
        client.send(
                switch (what) {
                    case "a second open" -> Body.open(client.containerId()).frame(0);
                    case "a begin on a channel in use" -> Body.begin().frame(0);
                    case "a begin that answers nothing" ->
                        Body.begin().with(0, ushort(3)).frame(5);
                    case "an attach on a channel without a session" ->
                        Body.receiver("lost", 0, Body.source(WireBroker.address()))
                                .frame(5);
                    case "an end on a channel without a session" -> Body.end().frame(5);
                    default -> Body.transfer(0, 0).frame(5);
                });
        client.closesInGoodOrder();
    }
}

package io.sterna.broker.wire;

import static io.sterna.broker.testing.Wire.NULL;
import static io.sterna.broker.testing.Wire.described;
import static io.sterna.broker.testing.Wire.string;
import static io.sterna.broker.testing.Wire.symbol;
import static io.sterna.broker.testing.Wire.uint;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.sterna.broker.testing.Wire;
import io.sterna.broker.wire.WireClient.Ending;
import java.io.IOException;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Close;
import org.apache.qpid.proton.amqp.transport.End;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sessions, their errors and their windows (AMQP 1.0 §2.5, §2.7.2). */
class WireSessionTest {
    private static final byte[] ERROR = described(0x1d, symbol("amqp:internal-error"), string("why not"));

    @RegisterExtension
    static final WireBroker BROKER = new WireBroker();

    private final String address = WireBroker.address();

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @DisplayName("§2.5.2: an end is answered with an end, also when it carries an error")
    void shouldAnswerWithEndWhenEnded(boolean error) throws IOException {
        WireSession session = BROKER.begin();
        session.send(error ? Body.end().with(0, ERROR) : Body.end());
        assertThat(session.await(End.class, any -> true).getError()).isNull();
    }

    @Test
    @DisplayName("§2.5.2: links end with their session, and their names are free")
    void shouldAttachAgainWhenTheSessionOfTheLinkHasEnded() throws IOException {
        WireClient client = BROKER.open();
        WireSession session = client.begin();
        session.attachSender("again", 0, address);
        session.end();
        WireSession next = client.begin();
        next.attachSender("again", 0, address).awaitCredit();
    }

    // ---- §2.7.3, §2.7.4 Handles

    private static Object endCondition(WireSession session) {
        return session.await(End.class, any -> true).getError().getCondition();
    }

    @Test
    @DisplayName("§2.7.4: a flow for a handle that is not attached ends the session with unattached-handle")
    void shouldEndWithUnattachedHandleWhenAFlowNamesAHandleThatIsNone() throws IOException {
        WireSession session = BROKER.begin();
        session.sendFlow(7, uint(0), 1, false);
        assertThat(endCondition(session)).hasToString("amqp:session:unattached-handle");
    }

    @Test
    @DisplayName("§2.7.4: so does a flow for a handle that was detached")
    void shouldEndWithUnattachedHandleWhenAFlowNamesAHandleThatWasDetached() throws IOException {
        WireSession session = BROKER.begin();
        WireLink link = session.receiver(WireBroker.address());
        link.close();
        session.sendFlow(link.handle(), uint(0), 1, false);
        assertThat(endCondition(session)).hasToString("amqp:session:unattached-handle");
    }

    @Test
    @DisplayName(
            "§2.5.4, §2.8.17: a transfer on a handle that is not attached cannot be processed and ends the session with an error")
    void shouldEndWithAnErrorWhenATransferNamesAHandleThatIsNone() throws IOException {
        WireSession session = BROKER.begin();
        session.sendTransfer(Body.transfer(7, 0), Body.text("to nowhere"));
        Ending ending = session.client().ending();
        assertThat(ending.performative()).isInstanceOfAny(End.class, Close.class);
        assertThat(ending.condition()).isNotEmpty();
    }

    @Test
    @DisplayName("§2.7.3: an attach with a handle in use is answered with handle-in-use")
    void shouldRefuseWithHandleInUseWhenTheHandleIsInUse() throws IOException {
        WireSession session = BROKER.begin();
        session.receiver(WireBroker.address());
        session.send(Body.receiver("another", 0, Body.source(WireBroker.address())));
        // "An immediate close carrying a Handle-in-use session-error": of the session, whose error it is, or of the
        // connection.
        Ending ending = session.client().ending();
        assertThat(ending.performative()).isInstanceOfAny(End.class, Close.class);
        assertThat(ending.condition()).isEqualTo("amqp:session:handle-in-use");
    }

    @Test
    @DisplayName("§2.7.2: a handle above handle-max closes the connection with framing-error")
    void shouldCloseWithFramingErrorWhenAHandleIsTooHigh() throws IOException {
        WireSession session = BROKER.begin();
        UnsignedInteger highest = session.answer().getHandleMax();
        assumeThat(highest).isNotNull().isNotEqualTo(UnsignedInteger.MAX_VALUE);
        session.send(Body.receiver("high", highest.intValue() + 1, Body.source(WireBroker.address())));
        assertThat(session.client().closed()).isEqualTo("amqp:connection:framing-error");
    }

    @Test
    @DisplayName("§2.7.2: the highest handle may be used")
    void shouldAttachWhenTheHandleIsTheHighest() throws IOException {
        WireSession session = BROKER.begin();
        int highest = session.answer().getHandleMax().intValue();
        session.attachSender("high", highest, WireBroker.address()).awaitCredit();
    }

    @Test
    @DisplayName("§2.7.2: no handle above the client's handle-max is used, whatever is asked for")
    void shouldUseNoFurtherHandleWhenTheClientTakesOnlyOne() throws IOException {
        WireSession session = BROKER.open().begin(0, Body.begin().with(4, uint(0)));
        assertThat(session.receiver(WireBroker.address()).theirHandle()).isZero();
        session.send(Body.receiver("second", 1, Body.source(WireBroker.address())));
        session.client().closesInGoodOrder();
        assertThat(session.client().unread(Attach.class))
                .allMatch(attach -> attach.getHandle().intValue() == 0);
    }

    // ---- §2.5.4 Session errors

    @Test
    @DisplayName("§2.5.4: after an error, frames are discarded until the end, and then the channel is free")
    void shouldDiscardFramesWhenTheSessionHasFailed() throws IOException {
        WireSession session = BROKER.begin();
        session.sendFlow(7, uint(0), 1, false);
        session.send(Body.receiver("late", 0, Body.source(WireBroker.address())));
        session.sendTransfer(Body.transfer(9, 0), Body.text("late"));
        assumeThat(session.client().ending().performative()).isInstanceOf(End.class);
        session.send(Body.receiver("later", 0, Body.source(WireBroker.address())));
        session.send(Body.end());
        session.client().begin().sender(WireBroker.address()).sendAccepted(Body.text("on"));
        assertThat(session.client().unread(Attach.class)).isEmpty();
    }

    // ---- §2.5.6 Session flow control

    @Test
    @DisplayName("§2.5.6: no more transfers come than the client's incoming window takes")
    void shouldStopWhenTheWindowIsUsedUp() throws IOException {
        WireSession session = withMessagesAndWindow(6, 2);
        WireLink link = session.receiver(address);
        link.credit(10, 2);
        link.assertComing(2);
        session.send(session.flow().with(1, uint(3)));
        link.assertComing(3);
    }

    /** A session with so many messages in the queue, and such a window. */
    private WireSession withMessagesAndWindow(int messages, int window) throws IOException {
        BROKER.begin().fill(address, messages);
        return BROKER.open().begin(0, Body.begin().with(2, uint(window)));
    }

    @Test
    @DisplayName("§2.5.6: with a window of 0 nothing comes, whatever the credit")
    void shouldSendNothingWhenTheWindowIsZero() throws IOException {
        WireSession session = withMessagesAndWindow(2, 0);
        WireLink link = session.receiver(address);
        link.credit(2, 0);
        link.assertComing(0);
        session.send(session.flow());
        link.receive();
        link.receive();
    }

    @Test
    @DisplayName("§2.5.6: the window counts from next-incoming-id, not from what has been sent")
    void shouldCountTheWindowFromWhatTheClientExpects() throws IOException {
        WireSession session = withMessagesAndWindow(5, 3);
        WireLink link = session.receiver(address);
        link.credit(10, 3);
        link.receive();
        link.receive();
        link.receive();
        // As if this flow had crossed two of the three: the window allows one more in all.
        int first = session.answer().getNextOutgoingId().intValue();
        session.send(Body.flow(first + 1, session.nextOutgoingId()).with(1, uint(3)));
        link.assertComing(1);
    }

    @Test
    @DisplayName("§2.5.6: a flow without next-incoming-id counts the window from the first transfer")
    void shouldCountTheWindowFromTheStartWhenNextIncomingIdIsNull() throws IOException {
        WireSession session = withMessagesAndWindow(5, 0);
        WireLink link = session.receiver(address);
        link.credit(10, 0);
        session.send(session.flow().with(0, NULL).with(1, uint(2)));
        link.assertComing(2);
    }

    @Test
    @DisplayName("§2.5.6: each part of a message counts in the window")
    void shouldCountTransfersNotMessagesWhenAMessageHasManyParts() throws IOException {
        BROKER.begin().fill(address, Body.text("x".repeat(3_000)));
        WireClient client = BROKER.connect();
        client.open(Body.open(client.containerId()).with(2, uint(512)));
        WireSession session = client.begin(0, Body.begin().with(2, uint(2)));
        WireLink link = session.receiver(address);
        link.credit(1, 2);
        client.await(Transfer.class);
        client.await(Transfer.class);
        link.assertComing(0);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, -3, Integer.MAX_VALUE - 1})
    @DisplayName("§2.5.6, §2.8.10: transfer-ids and delivery-ids start anywhere and wrap around")
    void shouldTakeTransfersWhenTheirIdsWrapAround(int first) throws IOException {
        WireSession session = BROKER.open().begin(0, Body.begin().with(1, uint(first)));
        session.startAt(first, first);
        WireLink sender = session.sender(address);
        for (int i = 0; i < 6; i++) {
            sender.sendAccepted(Body.text("message " + i));
        }
        WireLink receiver = session.receiver(address);
        receiver.credit(6);
        for (int i = 0; i < 6; i++) {
            assertThat(receiver.receive().message()).endsWith(Body.text("message " + i));
        }
    }

    @Test
    @DisplayName("§2.7.4: flows tell how many transfers have come and gone")
    void shouldTellItsTransferIdsWhenItSendsAFlow() throws IOException {
        WireSession session = BROKER.open().begin(0, Body.begin().with(1, uint(1_000)));
        session.startAt(1_000, 0);
        WireLink sender = session.sender(address);
        sender.sendAccepted(Body.text("one"));
        sender.sendAccepted(Body.text("two"));
        WireLink receiver = session.receiver(address);
        session.sendFlow(receiver.handle(), uint(receiver.deliveryCount()), 10, true);
        receiver.receive();
        receiver.receive();
        Flow drained = session.flow(receiver.theirHandle(), any -> true);
        assertThat(drained.getNextIncomingId().intValue()).isEqualTo(1_002);
        assertThat(drained.getNextOutgoingId().intValue()).isEqualTo(session.nextIncomingId());
    }

    @Test
    @DisplayName("§2.7.4: a flow of the session says nothing of links")
    void shouldNotTellOfLinksWhenAFlowIsTheSessions() throws IOException {
        WireSession session = BROKER.begin();
        session.send(session.flow().with(9, Wire.bool(true)));
        session.sender(WireBroker.address()).sendAccepted(Body.text("x"));
        session.awaitAnotherLink();
        for (Flow flow : session.client().unread(Flow.class)) {
            if (flow.getHandle() == null) {
                assertThat(flow.getDeliveryCount()).isNull();
                assertThat(flow.getLinkCredit()).isNull();
                assertThat(flow.getAvailable()).isNull();
            }
        }
    }
}

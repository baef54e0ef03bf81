package io.sterna.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.anyOf;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.apache.qpid.protonj2.test.driver.actions.TransferInjectAction;
import org.apache.qpid.protonj2.test.driver.codec.messaging.Accepted;
import org.apache.qpid.protonj2.test.driver.codec.messaging.Released;
import org.apache.qpid.protonj2.test.driver.codec.transport.ReceiverSettleMode;
import org.hamcrest.Matcher;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The node is the receiver of a link that is resumed: AMQP 1.0 §2.6.13 and §3.4.6; settling second, §2.6.12. */
class PeerResumeReceiverTest extends PeerTest {
    private static final DeliveryState ACCEPTED = DeliveryState.Accepted.INSTANCE;
    private static final byte[] PAYLOAD = {7};

    private void resumeLink(ReceiverSettleMode mode, DeliveryState state, Consumer<EchoNode.Behaviour> changes)
            throws Exception {
        begin(behaviour -> {
            behaviour.window = 100;
            behaviour.unsettled =
                    Optional.of(List.of(new UnsettledDelivery(new byte[] {1}, Optional.ofNullable(state))));
            changes.accept(behaviour);
        });
        peer.expectAttach().ofReceiver().withUnsettled(notNullValue());
        peer.expectFlow().withHandle(0).withLinkCredit(100);
        attach(mode);
        sync();
    }

    private void resumeLink(ReceiverSettleMode mode, DeliveryState state) throws Exception {
        resumeLink(mode, state, behaviour -> {});
    }

    private void attach(ReceiverSettleMode mode) {
        peer.remoteAttach()
                .ofSender()
                .withName("in")
                .withHandle(0)
                .withRcvSettleMode(mode)
                .withInitialDeliveryCount(0)
                .withUnsettled(Map.of())
                .withSource()
                .withAddress("there")
                .and()
                .withTarget()
                .withAddress("queue")
                .and()
                .onChannel(0)
                .now();
    }

    private TransferInjectAction resumed(int deliveryId, int tag) {
        TransferInjectAction transfer = peer.remoteTransfer()
                .withHandle(0)
                .withDeliveryId(deliveryId)
                .withDeliveryTag(new byte[] {(byte) tag})
                .withMessageFormat(0)
                .withResume(true);
        transfer.onChannel(0);
        return transfer;
    }

    private static Matcher<?> orFalse() {
        return anyOf(nullValue(), is(false));
    }

    // AMQP 1.0 §2.6.13: "If the sending application marks the resend attempt as a resumed delivery then it MUST be
    // ignored by the receiver."
    @ParameterizedTest
    @EnumSource(names = {"FIRST", "SECOND"})
    void shouldIgnoreAResumedDeliveryWhenItIsNotUnsettledHere(ReceiverSettleMode mode) throws Exception {
        resumeLink(mode, ACCEPTED);
        resumed(0, 9).withPayload(PAYLOAD).now();
        sessionLives();
        assertThat(node.deliveries).isEmpty();
        assertThat(node.settled).isEmpty();
    }

    @Test
    void shouldIgnoreAResumedDeliveryWhenTheLinkIsNew() throws Exception {
        producer();
        resumed(0, 9).withPayload(PAYLOAD).now();
        sessionLives();
        assertThat(node.deliveries).isEmpty();
    }

    // §2.7.5: "the resume flag may be set to true, or may be omitted" on what follows the first transfer
    @Test
    void shouldIgnoreAllTransfersOfAResumedDeliveryWhenItIsNotUnsettledHere() throws Exception {
        producer();
        resumed(0, 9).withMore(true).withPayload(PAYLOAD).now();
        resumed(0, 9).withMore(true).withPayload(PAYLOAD).now();
        resumed(0, 9).withResume(false).withPayload(PAYLOAD).now();
        peer.expectDisposition().withFirst(1).withSettled(true).withState(Accepted.getInstance());
        transfer(1).now();
        sync();
        assertThat(node.deliveries).singleElement().satisfies(delivery -> assertThat(delivery.tag())
                .containsExactly(1));
    }

    // §2.6.7: it counts as any delivery, and its credit comes back
    @Test
    void shouldGiveTheCreditAnewWhenAResumedDeliveryIsIgnored() throws Exception {
        producer(behaviour -> behaviour.window = 1);
        peer.expectFlow().withHandle(0).withDeliveryCount(1).withLinkCredit(1);
        resumed(0, 9).withPayload(PAYLOAD).now();
        sync();
    }

    @Test
    void shouldIgnoreTheEndWhenAnUnknownResumedDeliveryIsAborted() throws Exception {
        producer();
        resumed(0, 9).withAborted(true).now();
        sessionLives();
        assertThat(node.settled).isEmpty();
    }

    // §2.7.5, resume: what has been resumed is not unsettled any more
    @Test
    void shouldIgnoreTheSecondWhenADeliveryIsResumedTwice() throws Exception {
        resumeLink(ReceiverSettleMode.FIRST, ACCEPTED);
        peer.expectDisposition().withFirst(0);
        resumed(0, 1).now();
        sync();
        resumed(1, 1).now();
        sessionLives();
        assertThat(node.settled).hasSize(1);
    }

    // §3.4.6, tags 3, 8 and 12: "Processes confirmation that was accepted, and settles."
    @ParameterizedTest
    @EnumSource(names = {"FIRST", "SECOND"})
    void shouldSettleWhenTheSenderConfirmsItsOutcome(ReceiverSettleMode mode) throws Exception {
        resumeLink(mode, ACCEPTED);
        resumed(0, 1).withSettled(true).withState(Accepted.getInstance()).now();
        sessionLives();
        assertThat(node.deliveries).isEmpty();
        assertThat(node.settled).singleElement().satisfies(delivery -> {
            assertThat(delivery.tag()).containsExactly(1);
            assertThat(delivery.state()).contains(ACCEPTED);
        });
    }

    @Test
    void shouldSettleWhenTheSenderSettlesWithoutAState() throws Exception {
        resumeLink(ReceiverSettleMode.SECOND, ACCEPTED);
        resumed(0, 1).withSettled(true).now();
        sessionLives();
        assertThat(node.settled).hasSize(1);
    }

    // §3.4.6, tag 13: "Update any state affected by the actual outcome, then settle the delivery"; it is echoed
    @ParameterizedTest
    @EnumSource(names = {"FIRST", "SECOND"})
    void shouldEchoTheSendersOutcomeAndSettleWhenItIsAnother(ReceiverSettleMode mode) throws Exception {
        resumeLink(mode, ACCEPTED);
        peer.expectDisposition().withRole(true).withFirst(0).withSettled(true).withState(Released.getInstance());
        resumed(0, 1).withSettled(false).withState(Released.getInstance()).now();
        sync();
        assertThat(node.deliveries).isEmpty();
        assertThat(node.settled).singleElement().satisfies(delivery -> assertThat(delivery.state())
                .contains(DeliveryState.Released.INSTANCE));
    }

    // §2.6.13: a sender that does not look at the map sends all of the message again
    @Test
    void shouldAnswerWithItsOutcomeWhenTheMessageComesAgain() throws Exception {
        resumeLink(ReceiverSettleMode.FIRST, ACCEPTED);
        peer.expectDisposition().withRole(true).withFirst(0).withSettled(true).withState(Accepted.getInstance());
        resumed(0, 1).withPayload(PAYLOAD).now();
        sync();
        assertThat(node.deliveries).isEmpty();
        assertThat(node.settled).hasSize(1);
    }

    // §2.8.3, second: settled once the sender has
    @Test
    void shouldAnswerUnsettledAndWaitWhenItSettlesSecond() throws Exception {
        resumeLink(ReceiverSettleMode.SECOND, ACCEPTED);
        peer.expectDisposition()
                .withRole(true)
                .withFirst(0)
                .withSettled(orFalse())
                .withState(Accepted.getInstance());
        resumed(0, 1).now();
        sync();
        assertThat(node.settled).isEmpty();
        peer.remoteDisposition()
                .withRole(false)
                .withFirst(0)
                .withSettled(true)
                .withState(Accepted.getInstance())
                .onChannel(0)
                .now();
        await().until(() -> node.settled.size() == 1);
        sessionLives();
    }

    // §3.4.6, tags 7, 9, 11 and 14: "Discard any state relating to the message delivery."
    @ParameterizedTest
    @EnumSource(names = {"FIRST", "SECOND"})
    void shouldForgetTheDeliveryWhenTheSenderAbortsIt(ReceiverSettleMode mode) throws Exception {
        resumeLink(mode, null);
        resumed(0, 1).withAborted(true).now();
        sessionLives();
        assertThat(node.deliveries).isEmpty();
        assertThat(node.settled).singleElement().satisfies(delivery -> assertThat(delivery.tag())
                .containsExactly(1));
    }

    // §3.4.6, tag 7: it may come as a new one after that
    @Test
    void shouldTakeTheDeliveryAsNewWhenItWasAbortedBefore() throws Exception {
        resumeLink(ReceiverSettleMode.FIRST, null);
        resumed(0, 1).withAborted(true).now();
        peer.expectDisposition().withFirst(1).withSettled(true).withState(Accepted.getInstance());
        resumed(1, 1).withResume(false).withPayload(PAYLOAD).now();
        sync();
        assertThat(node.deliveries).singleElement().satisfies(delivery -> assertThat(delivery.resumed())
                .isFalse());
    }

    // §3.4.6, tag 4: "Processes in the same way as we be done for a non-resumed delivery."
    @Test
    void shouldTakeTheMessageWhenItHadNoStateHere() throws Exception {
        resumeLink(ReceiverSettleMode.FIRST, null);
        peer.expectDisposition().withFirst(0).withSettled(true).withState(Accepted.getInstance());
        resumed(0, 1).withPayload(PAYLOAD).now();
        sync();
        assertThat(node.deliveries).singleElement().satisfies(delivery -> assertThat(delivery.resumed())
                .isTrue());
    }

    // §3.4.6, tags 2 and 6: the application knows where what it has ends
    @Test
    void shouldTellBothStatesWhenTheRestOfAMessageComes() throws Exception {
        resumeLink(
                ReceiverSettleMode.FIRST,
                new DeliveryState.Received(1, 20),
                behaviour -> behaviour.outcome = Optional.empty());
        var from = new org.apache.qpid.protonj2.test.driver.codec.messaging.Received();
        from.setSectionNumber(org.apache.qpid.protonj2.test.driver.codec.primitives.UnsignedInteger.valueOf(1));
        from.setSectionOffset(org.apache.qpid.protonj2.test.driver.codec.primitives.UnsignedLong.valueOf(10));
        resumed(0, 1).withState(from).withPayload(PAYLOAD).now();
        await().until(() -> node.deliveries.size() == 1);
        assertThat(node.deliveries.get(0).state()).contains(new DeliveryState.Received(1, 20));
        assertThat(node.deliveries.get(0).remoteState()).contains(new DeliveryState.Received(1, 10));
    }

    // §2.6.12: "The delivery-tag MUST be unique amongst all deliveries that could be considered unsettled by either
    // end"
    @Test
    void shouldDetachWhenANewDeliveryHasTheTagOfAnUnsettledOne() throws Exception {
        resumeLink(ReceiverSettleMode.FIRST, ACCEPTED);
        peer.expectDetach().withHandle(0).withError("amqp:not-allowed", text());
        resumed(0, 1).withResume(false).withPayload(PAYLOAD).now();
        sync();
        sessionLives();
    }

    // §2.7.3: "a receiving endpoint which sent an incomplete unsettled map MUST detach with an error on receiving a
    // transfer which does not have the resume flag set to true"
    @Test
    void shouldDetachWhenANewDeliveryComesAfterAnIncompleteMap() throws Exception {
        incomplete();
        peer.expectDetach().withHandle(0).withError("amqp:not-allowed", text());
        resumed(0, 255).withResume(false).withPayload(PAYLOAD).now();
        sync();
    }

    // §2.6.13: what was left out of the map is unsettled all the same
    @Test
    void shouldResumeADeliveryWhenItDidNotFitIntoTheMap() throws Exception {
        incomplete();
        peer.expectDisposition().withFirst(0).withSettled(true).withState(Accepted.getInstance());
        resumed(0, 199).now();
        sync();
        assertThat(node.settled).hasSize(1);
    }

    private void incomplete() throws Exception {
        headers(behaviour -> behaviour.unsettled = Optional.of(IntStream.range(0, 200)
                .mapToObj(i -> new UnsettledDelivery(new byte[] {(byte) i}, Optional.of(ACCEPTED)))
                .toList()));
        peer.expectOpen();
        peer.remoteOpen().withContainerId("peer").withMaxFrameSize(512).now();
        peer.expectBegin();
        peer.remoteBegin()
                .withNextOutgoingId(0)
                .withIncomingWindow(100)
                .withOutgoingWindow(100)
                .onChannel(0)
                .now();
        peer.expectAttach().ofReceiver().withUnsettled(notNullValue()).withIncompleteUnsettled(true);
        peer.expectFlow();
        attach(ReceiverSettleMode.FIRST);
        sync();
    }

    // ---- Settling second without a loss, §2.6.12

    private void second() throws Exception {
        begin();
        peer.expectAttach().ofReceiver().withRcvSettleMode(ReceiverSettleMode.SECOND);
        peer.expectFlow();
        attach(ReceiverSettleMode.SECOND);
        sync();
        peer.expectDisposition().withFirst(0).withSettled(orFalse()).withState(Accepted.getInstance());
        transfer(0).now();
        sync();
    }

    // §2.6.12: "once one endpoint settles, this usually triggers the application at the other endpoint to settle"
    @Test
    void shouldTellTheApplicationWhenTheSenderSettles() throws Exception {
        second();
        assertThat(node.call(() -> node.receiver("in").unsettled())).hasSize(1);
        peer.remoteDisposition()
                .withRole(false)
                .withFirst(0)
                .withSettled(true)
                .withState(Accepted.getInstance())
                .onChannel(0)
                .now();
        await().until(() -> node.settled.size() == 1);
        assertThat(node.call(() -> node.receiver("in").unsettled())).isEmpty();
        sessionLives();
    }

    // §2.6.12: "not settle until the Receiver confirms, via a disposition in the opposite direction"
    @Test
    void shouldConfirmAndSettleWhenTheSenderSaysTheFinalState() throws Exception {
        second();
        peer.expectDisposition().withRole(true).withFirst(0).withSettled(true).withState(Released.getInstance());
        peer.remoteDisposition()
                .withRole(false)
                .withFirst(0)
                .withSettled(false)
                .withState(Released.getInstance())
                .onChannel(0)
                .now();
        sync();
        assertThat(node.settled).hasSize(1);
    }

    @Test
    void shouldSettleWithTheSendersStateWhenItWasSaidBeforeTheOutcome() throws Exception {
        begin(behaviour -> behaviour.outcome = Optional.empty());
        peer.expectAttach().ofReceiver();
        peer.expectFlow();
        attach(ReceiverSettleMode.SECOND);
        sync();
        transfer(0).withState(Released.getInstance()).now();
        await().until(() -> node.deliveries.size() == 1);
        peer.expectDisposition().withRole(true).withFirst(0).withSettled(true).withState(Released.getInstance());
        node.run(() -> node.deliveries.get(0).settle(ACCEPTED));
        sync();
    }

    // §2.6.13: what is unsettled outlives the link, and the application can ask for it
    @Test
    void shouldTellWhatIsUnsettledWhenTheSessionEnds() throws Exception {
        second();
        peer.expectEnd();
        peer.remoteEnd().onChannel(0).now();
        sync();
        assertThat(node.ended).hasSize(1);
        assertThat(node.call(() -> node.receiver("in").unsettled()))
                .singleElement()
                .satisfies(delivery -> {
                    assertThat(delivery.tag()).containsExactly(0);
                    assertThat(delivery.state()).contains(ACCEPTED);
                });
    }
}

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
import java.util.stream.IntStream;
import org.apache.qpid.protonj2.test.driver.codec.messaging.Accepted;
import org.apache.qpid.protonj2.test.driver.codec.primitives.Binary;
import org.apache.qpid.protonj2.test.driver.codec.primitives.UnsignedLong;
import org.hamcrest.Matcher;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Links come and go, AMQP 1.0 §2.6.1 to §2.6.6, §2.7.3 and §2.7.7, against a scripted client. */
class PeerLinkTest extends PeerTest {

    // AMQP 1.0 §2.6.3
    @Test
    void shouldAnswerAsReceiverWhenThePeerAttachesAsSender() throws Exception {
        begin(behaviour -> behaviour.window = 0);
        peer.expectAttach()
                .ofReceiver()
                .withName("in")
                .withHandle(0)
                .withSource(notNullValue())
                .withTarget(notNullValue())
                .withInitialDeliveryCount(nullValue());
        attachSender("in", 7);
        sync();
        sessionLives();
    }

    // AMQP 1.0 §2.7.3: initial-delivery-count "MUST NOT be null if role is sender".
    @Test
    void shouldAnswerAsSenderWithADeliveryCountWhenThePeerAttachesAsReceiver() throws Exception {
        begin();
        peer.expectAttach()
                .ofSender()
                .withName("out")
                .withHandle(0)
                .withInitialDeliveryCount(0)
                .withSource(notNullValue())
                .withTarget(notNullValue());
        attachReceiver("out", 3);
        sync();
        sessionLives();
    }

    // AMQP 1.0 §2.7.3: the modes that were asked for, where the node can do them.
    @ParameterizedTest
    @CsvSource({
        "0, UNSETTLED, 0, FIRST",
        "0, UNSETTLED, 1, SECOND",
        "1, SETTLED, 0, FIRST",
        "1, SETTLED, 1, SECOND",
        "2, MIXED, 0, FIRST",
        "2, MIXED, 1, SECOND"
    })
    void shouldSayTheSettleModesWhenItAnswers(
            byte sender, SettleMode.Sender senderMode, byte receiver, SettleMode.Receiver receiverMode)
            throws Exception {
        begin(behaviour -> behaviour.window = 0);
        peer.expectAttach().ofReceiver().withSndSettleMode(sender).withRcvSettleMode(receiver);
        peer.remoteAttach()
                .ofSender()
                .withName("in")
                .withHandle(0)
                .withInitialDeliveryCount(0)
                .withSndSettleMode(sender)
                .withRcvSettleMode(receiver)
                .withTarget()
                .withAddress("queue")
                .and()
                .onChannel(0)
                .now();
        sync();
        assertThat(node.receivers.get(0).remote().senderSettleMode()).isEqualTo(senderMode);
        assertThat(node.receivers.get(0).remote().receiverSettleMode()).isEqualTo(receiverMode);
    }

    // AMQP 1.0 §2.7.3: snd-settle-mode defaults to mixed, rcv-settle-mode to first.
    @Test
    void shouldTakeMixedAndFirstWhenNoSettleModesAreSaid() throws Exception {
        begin(behaviour -> behaviour.window = 0);
        peer.expectAttach().withSenderSettleModeMixed().withReceiverSettlesFirst();
        attachSender("in", 0);
        sync();
    }

    @Test
    void shouldSayItsMaxMessageSizeWhenItHasOne() throws Exception {
        begin(behaviour -> behaviour.maxMessageBytes = 4711);
        peer.expectAttach().withMaxMessageSize(4711);
        peer.expectFlow();
        attachSender("in", 0);
        sync();
    }

    @Test
    void shouldTellTheApplicationWhatThePeerSaidWhenItAttaches() throws Exception {
        begin();
        peer.expectAttach().ofSender();
        peer.remoteAttach()
                .ofReceiver()
                .withName("out")
                .withHandle(0)
                .withMaxMessageSize(UnsignedLong.valueOf(1_000_000))
                .withProperty("colour", "blue")
                .withDesiredCapabilities("one", "two")
                .withSource()
                .withAddress("queue")
                .withDistributionMode("copy")
                .withCapabilities("queue")
                .and()
                .withTarget()
                .withAddress("there")
                .and()
                .onChannel(0)
                .now();
        sync();
        RemoteAttach remote = node.senders.get(0).remote();
        assertThat(remote.maxMessageBytes()).isEqualTo(1_000_000);
        assertThat(remote.properties()).containsEntry("colour", "blue");
        assertThat(remote.desiredCapabilities()).containsExactly("one", "two");
        assertThat(remote.source().orElseThrow().distributionMode()).contains("copy");
        assertThat(remote.source().orElseThrow().node().capabilities()).containsExactly("queue");
        assertThat(remote.source().orElseThrow().node().address()).contains("queue");
        assertThat(remote.target()).contains(Terminus.Target.at("there"));
    }

    // AMQP 1.0 §2.7.3: "it is recommended that implementations always assign the lowest available handle".
    @Test
    void shouldTakeTheLowestFreeHandleWhenLinksComeAndGo() throws Exception {
        begin(behaviour -> behaviour.window = 0);
        for (int i = 0; i < 3; i++) {
            peer.expectAttach().withHandle(i);
            attachSender("in" + i, 40 + i);
        }
        peer.expectDetach().withHandle(1);
        peer.remoteDetach().withHandle(41).withClosed(true).onChannel(0).now();
        sync();
        peer.expectAttach().withHandle(1).withName("again");
        attachSender("again", 50);
        sync();
    }

    // AMQP 1.0 §2.7.3: "An attempt to attach using a handle which is already associated with a Link MUST be responded
    // to
    // with an immediate close carrying a Handle-in-use session-error": an error of the session, so that it is an end.
    @Test
    void shouldEndTheSessionWhenAHandleIsInUse() throws Exception {
        producer();
        peer.expectEnd().withError("amqp:session:handle-in-use", text());
        attachSender("another", 0);
        sync();
        peer.remoteEnd().onChannel(0).now();
        connectionLives();
    }

    @Test
    void shouldTakeTheSameHandlesWhenTheyAreOfAnotherSession() throws Exception {
        producer();
        peer.expectBegin().withRemoteChannel(1).onChannel(1);
        peer.remoteBegin()
                .withNextOutgoingId(0)
                .withIncomingWindow(100)
                .withOutgoingWindow(100)
                .onChannel(1)
                .now();
        peer.expectAttach().withHandle(0).onChannel(1);
        peer.expectFlow().withHandle(0).onChannel(1);
        peer.remoteAttach()
                .ofSender()
                .withName("second")
                .withHandle(0)
                .withInitialDeliveryCount(0)
                .onChannel(1)
                .now();
        sync();
    }

    // AMQP 1.0 §2.8.17: "A frame (other than attach) was received referencing a handle which is not currently in use of
    // an
    // attached Link."
    @ParameterizedTest
    @ValueSource(strings = {"transfer", "flow", "detach"})
    void shouldEndTheSessionWhenAHandleIsNotAttached(String frame) throws Exception {
        producer();
        peer.expectEnd().withError("amqp:session:unattached-handle", text());
        switch (frame) {
            case "transfer" ->
                peer.remoteTransfer()
                        .withHandle(9)
                        .withDeliveryId(0)
                        .withDeliveryTag(new byte[1])
                        .onChannel(0)
                        .now();
            case "flow" -> flow(0).withHandle(9).withLinkCredit(1).now();
            default -> peer.remoteDetach().withHandle(9).onChannel(0).now();
        }
        sync();
        peer.remoteEnd().onChannel(0).now();
        connectionLives();
    }

    @ParameterizedTest
    @ValueSource(strings = {"transfer", "flow", "detach"})
    void shouldEndTheSessionWhenAHandleWasDetachedByThePeer(String frame) throws Exception {
        producer();
        peer.expectDetach();
        peer.remoteDetach().withHandle(0).withClosed(true).onChannel(0).now();
        sync();
        peer.expectEnd().withError("amqp:session:unattached-handle", text());
        switch (frame) {
            case "transfer" -> transfer(0).now();
            case "flow" -> flow(0).withHandle(0).withLinkCredit(1).now();
            default -> peer.remoteDetach().withHandle(0).onChannel(0).now();
        }
        sync();
    }

    // AMQP 1.0 §2.7.3
    @Test
    void shouldRefuseTheLinkWhenASenderDoesNotSayItsDeliveryCount() throws Exception {
        begin();
        peer.expectAttach().ofReceiver().withNullTarget();
        peer.expectDetach().withClosed(true).withError("amqp:invalid-field", text());
        peer.remoteAttach()
                .ofSender()
                .withName("in")
                .withHandle(0)
                .withNullInitialDeliveryCount()
                .withTarget()
                .withAddress("queue")
                .and()
                .onChannel(0)
                .now();
        sync();
        sessionLives();
        assertThat(node.receivers).isEmpty();
    }

    // AMQP 1.0 §2.6.3: "the Session Endpoint will still create a Link Endpoint and issue an attach indicating that the
    // Link
    // Endpoint has no associated local terminus. In this case, the Session Endpoint MUST immediately detach the newly
    // created Link Endpoint."
    @Test
    void shouldAttachWithoutTargetAndDetachWhenASenderIsRefused() throws Exception {
        begin(behaviour -> behaviour.answerAttaches = false);
        attachSender("in", 0);
        await().until(() -> node.receivers.size() == 1);
        peer.expectAttach().ofReceiver().withNullTarget().withSource(notNullValue());
        peer.expectDetach().withHandle(0).withClosed(true).withError("amqp:not-found", "no such queue");
        node.run(() -> node.receivers.get(0).refuse(AmqpError.of(ErrorCondition.NOT_FOUND, "no such queue")));
        sync();
        peer.remoteDetach().withHandle(0).withClosed(true).onChannel(0).now();
        sessionLives();
    }

    @Test
    void shouldAttachWithoutSourceAndDetachWhenAReceiverIsRefused() throws Exception {
        begin(behaviour -> behaviour.answerAttaches = false);
        attachReceiver("out", 0);
        await().until(() -> node.senders.size() == 1);
        peer.expectAttach()
                .ofSender()
                .withNullSource()
                .withTarget(notNullValue())
                .withInitialDeliveryCount(0);
        peer.expectDetach().withHandle(0).withClosed(true).withError("amqp:unauthorized-access", "not you");
        node.run(() -> node.senders.get(0).refuse(AmqpError.of(ErrorCondition.UNAUTHORIZED_ACCESS, "not you")));
        sync();
        peer.remoteDetach().withHandle(0).withClosed(true).onChannel(0).now();
        sessionLives();
    }

    // AMQP 1.0 §2.6.3, and nothing happens to what the peer pipelined behind the attach before it could know.
    @Test
    void shouldPassOverCreditWhenItWasGivenToALinkThatIsRefused() throws Exception {
        begin(behaviour -> behaviour.answerAttaches = false);
        attachReceiver("out", 0);
        credit(0, 10);
        await().until(() -> node.senders.size() == 1);
        peer.expectAttach().ofSender().withNullSource();
        peer.expectDetach().withClosed(true);
        node.run(() -> node.senders.get(0).refuse(AmqpError.of(ErrorCondition.NOT_FOUND, "no such queue")));
        sync();
        credit(0, 20);
        peer.remoteDetach().withHandle(0).withClosed(true).onChannel(0).now();
        sessionLives();
    }

    // AMQP 1.0 §2.6.3: half attached. Credit that comes before our attach counts.
    @Test
    void shouldUseTheCreditWhenItCameBeforeTheAttachIsAnswered() throws Exception {
        begin(behaviour -> behaviour.answerAttaches = false);
        attachReceiver("out", 0);
        credit(0, 2);
        await().until(() ->
                node.senders.size() == 1 && node.call(() -> node.senders.get(0).credit() == 2));
        peer.expectAttach().ofSender();
        peer.expectTransfer().withDeliveryId(0);
        peer.expectTransfer().withDeliveryId(1);
        node.run(() -> {
            SenderLink link = node.senders.get(0);
            link.accept(LinkTerms.asAsked(link.remote()), node.new Sending(link));
        });
        node.send("out", 5);
        sync();
        assertThat(node.events).contains("credit 2");
    }

    @Test
    void shouldAttachAndDetachWhenThePeerLeavesALinkThatIsNotAnswered() throws Exception {
        begin(behaviour -> behaviour.answerAttaches = false);
        attachReceiver("out", 0);
        await().until(() -> node.senders.size() == 1);
        peer.expectAttach().ofSender().withNullSource();
        peer.expectDetach().withHandle(0).withClosed(true).withError(nullValue());
        peer.remoteDetach().withHandle(0).withClosed(true).onChannel(0).now();
        sync();
        SenderLink link = node.senders.get(0);
        assertThat(node.call(() -> link.accept(LinkTerms.asAsked(link.remote()), node.new Sending(link))))
                .isFalse();
        sessionLives();
    }

    // AMQP 1.0 §2.6.6: "reply with its own detach frame with the closed flag set to true".
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldDetachAsThePeerDidWhenTheApplicationAgrees(boolean closed) throws Exception {
        consumer();
        peer.expectDetach()
                .withHandle(0)
                .withClosed(closed ? is(true) : orFalse())
                .withError(nullValue());
        peer.remoteDetach().withHandle(0).withClosed(closed).onChannel(0).now();
        sync();
        assertThat(node.events).contains((closed ? "closed" : "detached") + " out");
        sessionLives();
    }

    @Test
    void shouldDetachLaterWhenTheApplicationTakesItsTime() throws Exception {
        consumer(behaviour -> behaviour.answerDetaches = false);
        peer.remoteDetach().withHandle(0).withClosed(true).onChannel(0).now();
        await().until(() -> node.events.contains("closed out"));
        sessionLives();
        peer.expectDetach().withHandle(0).withClosed(true);
        node.run(() -> node.senders.get(0).detach(true, Optional.empty()));
        sync();
    }

    // AMQP 1.0 §2.6.6: "one peer may send a closing detach while its partner is sending a non-closing detach. In this
    // case,
    // the partner MUST signal that it has closed the link by reattaching and then sending a closing detach."
    @Test
    void shouldAttachAgainToCloseWhenAClosingDetachCrossesItsOwn() throws Exception {
        consumer();
        peer.expectDetach().withHandle(0).withClosed(orFalse());
        node.run(() -> node.senders.get(0).detach(false, Optional.empty()));
        sync();
        peer.expectAttach().ofSender().withName("out").withHandle(0).withNullSource();
        peer.expectDetach().withHandle(0).withClosed(true);
        peer.remoteDetach().withHandle(0).withClosed(true).onChannel(0).now();
        sync();
        // The peer answers both; nobody hears of it as of a new link.
        attachReceiver("out", 0);
        peer.remoteDetach().withHandle(0).withClosed(true).onChannel(0).now();
        sessionLives();
        assertThat(node.senders).hasSize(1);
        assertThat(node.events).containsExactly("closed out");
    }

    // AMQP 1.0 §2.6.5: what the peer sent before it could know is no error when it was the application that detached.
    @Test
    void shouldDiscardTransfersWhenTheApplicationHasDetached() throws Exception {
        producer();
        peer.expectDetach().withHandle(0).withClosed(true).withError("amqp:resource-deleted", "gone");
        node.run(() ->
                node.receivers.get(0).detach(true, Optional.of(AmqpError.of(ErrorCondition.RESOURCE_DELETED, "gone"))));
        sync();
        transfer(0).now();
        transfer(1).now();
        flow(0).withHandle(0).withDeliveryCount(2).withLinkCredit(98).now();
        peer.remoteDetach().withHandle(0).withClosed(true).onChannel(0).now();
        sessionLives();
        assertThat(node.deliveries).isEmpty();
        assertThat(node.events).containsExactly("closed in");
    }

    // AMQP 1.0 §2.6.5: "Should any input (other than a detach) related to the endpoint either via the input handle or
    // delivery-ids be received, the session MUST be terminated with an errant-link session-error."
    @ParameterizedTest
    @ValueSource(strings = {"transfer", "flow"})
    void shouldEndTheSessionWhenALinkThatThePeerBrokeGetsMoreInput(String frame) throws Exception {
        producer(behaviour -> behaviour.window = 0);
        peer.expectDetach().withHandle(0).withClosed(true).withError("amqp:link:transfer-limit-exceeded", text());
        transfer(0).now();
        sync();
        peer.expectEnd().withError("amqp:session:errant-link", text());
        if (frame.equals("transfer")) {
            transfer(1).now();
        } else {
            flow(0).withHandle(0).now();
        }
        sync();
        peer.remoteEnd().onChannel(0).now();
        connectionLives();
    }

    @Test
    void shouldTakeTheDetachWhenThePeerBrokeTheLink() throws Exception {
        producer(behaviour -> behaviour.window = 0);
        peer.expectDetach().withClosed(true).withError("amqp:link:transfer-limit-exceeded", text());
        transfer(0).now();
        sync();
        peer.remoteDetach().withHandle(0).withClosed(true).onChannel(0).now();
        sessionLives();
        peer.expectAttach().withHandle(0);
        attachSender("again", 0);
        sync();
        assertThat(node.events).containsExactly("lost in");
    }

    // AMQP 1.0 §2.6.5: "Receipt of a pipelined attach MUST result in the session being terminated with an errant-link
    // session-error."
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldEndTheSessionWhenAFailedLinkIsReattached(boolean detached) throws Exception {
        producer(behaviour -> behaviour.window = 0);
        peer.expectDetach().withHandle(0).withClosed(true).withError("amqp:link:transfer-limit-exceeded", text());
        transfer(0).now();
        sync();
        peer.expectEnd().withError("amqp:session:errant-link", text());
        if (detached) {
            peer.remoteDetach().withHandle(0).withClosed(false).onChannel(0).now();
        }
        attachSender("in", 1);
        sync();
        peer.remoteEnd().onChannel(0).now();
        connectionLives();
    }

    // AMQP 1.0 §2.6.5: "the resuming attach performative MUST contain a non-null value for its unsettled field"
    @Test
    void shouldTakeTheAttachWhenAFailedLinkIsResumed() throws Exception {
        producer(behaviour -> behaviour.window = 0);
        peer.expectDetach().withHandle(0).withClosed(true).withError("amqp:link:transfer-limit-exceeded", text());
        transfer(0).now();
        sync();
        peer.expectAttach().ofReceiver().withName("in");
        peer.remoteDetach().withHandle(0).withClosed(false).onChannel(0).now();
        peer.remoteAttach()
                .ofSender()
                .withName("in")
                .withHandle(0)
                .withInitialDeliveryCount(0)
                .withUnsettled(Map.of())
                .withTarget()
                .withAddress("queue")
                .and()
                .onChannel(0)
                .now();
        sync();
    }

    // AMQP 1.0 §2.6.6: a closed link may be established anew
    @Test
    void shouldTakeTheAttachWhenAFailedLinkWasClosed() throws Exception {
        producer(behaviour -> behaviour.window = 0);
        peer.expectDetach().withHandle(0).withClosed(true).withError("amqp:link:transfer-limit-exceeded", text());
        transfer(0).now();
        sync();
        peer.expectAttach().ofReceiver().withName("in");
        peer.remoteDetach().withHandle(0).withClosed(true).onChannel(0).now();
        attachSender("in", 0);
        sync();
    }

    // AMQP 1.0 §2.6.1: "the second attach succeeds and the first attach must then be closed with a link error of
    // stolen".
    @Test
    void shouldDetachTheFormerWithStolenWhenItsNameIsAttachedAgain() throws Exception {
        producer();
        peer.expectDetach().withHandle(0).withClosed(true).withError("amqp:link:stolen", text());
        peer.expectAttach().ofReceiver().withName("in").withHandle(0);
        peer.expectFlow().withHandle(0);
        attachSender("in", 1);
        sync();
        peer.remoteDetach().withHandle(0).withClosed(true).onChannel(0).now();
        sessionLives();
        assertThat(node.events).containsExactly("stolen in");
    }

    @Test
    void shouldDetachTheFormerWithStolenWhenItsNameIsAttachedOnAnotherSession() throws Exception {
        producer();
        peer.expectBegin().withRemoteChannel(1);
        peer.remoteBegin()
                .withNextOutgoingId(0)
                .withIncomingWindow(100)
                .withOutgoingWindow(100)
                .onChannel(1)
                .now();
        peer.expectDetach().withHandle(0).withError("amqp:link:stolen", text()).onChannel(0);
        peer.expectAttach().withName("in").onChannel(1);
        peer.expectFlow().onChannel(1);
        peer.remoteAttach()
                .ofSender()
                .withName("in")
                .withHandle(0)
                .withInitialDeliveryCount(0)
                .onChannel(1)
                .now();
        sync();
    }

    @Test
    void shouldRefuseTheFormerWithStolenWhenItWasNotAnsweredYet() throws Exception {
        begin(behaviour -> behaviour.answerAttaches = false);
        attachSender("in", 0);
        await().until(() -> node.receivers.size() == 1);
        peer.expectAttach().ofReceiver().withNullTarget();
        peer.expectDetach().withClosed(true).withError("amqp:link:stolen", text());
        attachSender("in", 1);
        sync();
        await().until(() -> node.receivers.size() == 2);
    }

    // AMQP 1.0 §2.6.1: "Link names MUST uniquely identify the link amongst all links of the same direction".
    @Test
    void shouldKeepBothLinksWhenOneNameIsUsedInBothDirections() throws Exception {
        producer();
        peer.expectAttach().ofSender().withName("in").withHandle(1);
        attachReceiver("in", 1);
        sync();
        sessionLives();
        assertThat(node.events).isEmpty();
    }

    // AMQP 1.0 §2.6.4: a link that was detached, not closed, can be attached again with the same name.
    @Test
    void shouldAttachAgainWhenTheLinkWasDetached() throws Exception {
        producer();
        for (int i = 0; i < 3; i++) {
            peer.expectDetach().withClosed(orFalse());
            peer.remoteDetach().withHandle(0).withClosed(false).onChannel(0).now();
            peer.expectAttach().ofReceiver().withName("in");
            peer.expectFlow();
            attachSender("in", 0);
            sync();
        }
    }

    // AMQP 1.0 §2.6.13 and §2.7.3, unsettled
    @Test
    void shouldTellTheUnsettledDeliveriesWhenThePeerResumesALink() throws Exception {
        begin();
        peer.expectAttach().ofSender();
        peer.remoteAttach()
                .ofReceiver()
                .withName("out")
                .withHandle(0)
                .withUnsettled(Map.of(new Binary(new byte[] {1, 2}), Accepted.getInstance()))
                .withIncompleteUnsettled(true)
                .onChannel(0)
                .now();
        sync();
        RemoteAttach remote = node.senders.get(0).remote();
        assertThat(remote.incompleteUnsettled()).isTrue();
        assertThat(remote.unsettled().deliveries()).singleElement().satisfies(entry -> {
            assertThat(entry.tag()).containsExactly(1, 2);
            assertThat(entry.state()).contains(DeliveryState.Accepted.INSTANCE);
        });
    }

    @Test
    void shouldSayItsUnsettledDeliveriesWhenItResumesALink() throws Exception {
        begin(behaviour -> behaviour.answerAttaches = false);
        attachSender("in", 0);
        await().until(() -> node.receivers.size() == 1);
        peer.expectAttach()
                .ofReceiver()
                .withUnsettled(Map.of(new Binary(new byte[] {9}), Accepted.getInstance()))
                .withIncompleteUnsettled(nullValue());
        acceptWithUnsettled(1);
        sync();
    }

    // AMQP 1.0 §2.7.3: "The endpoint SHOULD make use of the ability to send an incomplete unsettled map".
    @Test
    void shouldSayAPartOfItsUnsettledDeliveriesWhenTheyDoNotFitIntoAFrame() throws Exception {
        headers(behaviour -> behaviour.answerAttaches = false);
        peer.expectOpen();
        peer.remoteOpen().withContainerId("peer").withMaxFrameSize(512).now();
        peer.expectBegin();
        peer.remoteBegin()
                .withNextOutgoingId(0)
                .withIncomingWindow(100)
                .withOutgoingWindow(100)
                .onChannel(0)
                .now();
        attachSender("in", 0);
        await().until(() -> node.receivers.size() == 1);
        peer.expectAttach().ofReceiver().withUnsettled(notNullValue()).withIncompleteUnsettled(true);
        acceptWithUnsettled(1000);
        sync();
    }

    private void acceptWithUnsettled(int count) {
        node.run(() -> {
            ReceiverLink link = node.receivers.get(0);
            List<UnsettledDelivery> unsettled = IntStream.range(0, count)
                    .mapToObj(i -> new UnsettledDelivery(
                            count == 1 ? new byte[] {9} : new byte[] {(byte) (i >> 8), (byte) i},
                            Optional.of(DeliveryState.Accepted.INSTANCE)))
                    .toList();
            link.accept(LinkTerms.asAsked(link.remote()).withUnsettled(unsettled), node.new Receiving(link));
        });
    }

    private static Matcher<?> orFalse() {
        return anyOf(nullValue(), is(false));
    }
}

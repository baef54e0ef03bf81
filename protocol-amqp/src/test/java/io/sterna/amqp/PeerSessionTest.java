package io.sterna.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.nullValue;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Sessions, AMQP 1.0 §2.5, §2.7.2 and §2.7.8, against a scripted client. */
class PeerSessionTest extends PeerTest {
    private void remoteBegin(int channel) {
        peer.remoteBegin()
                .withNextOutgoingId(0)
                .withIncomingWindow(100)
                .withOutgoingWindow(100)
                .onChannel(channel)
                .now();
    }

    // AMQP 1.0 §2.5.1: "MUST be set when announcing the endpoint created as a result of a remotely initiated Session".
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 17, 255})
    void shouldNameThePeersChannelWhenItAnswersABegin(int channel) throws Exception {
        open(behaviour -> {});
        peer.expectBegin()
                .withRemoteChannel(channel)
                .withNextOutgoingId(0)
                .withIncomingWindow(2048)
                .withOutgoingWindow(Integer.MAX_VALUE)
                .withHandleMax(255);
        remoteBegin(channel);
        sync();
    }

    // AMQP 1.0 §2.5.1: "it is recommended that implementations always assign the lowest available unused channel
    // number".
    @Test
    void shouldTakeTheLowestFreeChannelWhenSessionsComeAndGo() throws Exception {
        open(behaviour -> {});
        for (int i = 0; i < 3; i++) {
            peer.expectBegin().withRemoteChannel(10 + i).onChannel(i);
            remoteBegin(10 + i);
        }
        sync();
        peer.expectEnd().onChannel(1);
        peer.remoteEnd().onChannel(11).now();
        sync();
        peer.expectBegin().withRemoteChannel(20).onChannel(1);
        remoteBegin(20);
        sync();
    }

    @Test
    void shouldCloseTheConnectionWhenABeginComesOnAChannelInUse() throws Exception {
        begin();
        peer.expectClose().withError("amqp:not-allowed", text());
        remoteBegin(0);
        sync();
    }

    // AMQP 1.0 §2.5.1: "The remote-channel field of a begin frame MUST be empty for a locally initiated Session".
    @Test
    void shouldCloseTheConnectionWhenABeginAnswersNothing() throws Exception {
        open(behaviour -> {});
        peer.expectClose().withError("amqp:not-allowed", text());
        peer.remoteBegin()
                .withRemoteChannel(5)
                .withNextOutgoingId(0)
                .withIncomingWindow(1)
                .withOutgoingWindow(1)
                .onChannel(0)
                .now();
        sync();
    }

    // AMQP 1.0 §2.7.1: the peer's channel-max binds us, so that a session too many can't be answered.
    @Test
    void shouldCloseTheConnectionWhenThePeersChannelMaxLeavesNoChannel() throws Exception {
        headers(behaviour -> {});
        peer.expectOpen();
        peer.remoteOpen().withContainerId("peer").withChannelMax(0).now();
        sync();
        peer.expectBegin().onChannel(0);
        remoteBegin(0);
        sync();
        peer.expectClose().withError("amqp:resource-limit-exceeded", text());
        remoteBegin(1);
        sync();
    }

    // AMQP 1.0 §2.4, the channel of each frame but open and close has to be mapped.
    @ParameterizedTest
    @ValueSource(strings = {"attach", "flow", "transfer", "disposition", "detach", "end"})
    void shouldCloseTheConnectionWhenAFrameComesOnAnUnknownChannel(String frame) throws Exception {
        begin();
        peer.expectClose().withError("amqp:not-allowed", text());
        switch (frame) {
            case "attach" ->
                peer.remoteAttach()
                        .ofSender()
                        .withName("x")
                        .withHandle(0)
                        .withInitialDeliveryCount(0)
                        .onChannel(7)
                        .now();
            case "flow" ->
                peer.remoteFlow()
                        .withIncomingWindow(1)
                        .withNextOutgoingId(0)
                        .withOutgoingWindow(1)
                        .onChannel(7)
                        .now();
            case "transfer" ->
                peer.remoteTransfer()
                        .withHandle(0)
                        .withDeliveryId(0)
                        .withDeliveryTag(new byte[1])
                        .onChannel(7)
                        .now();
            case "disposition" ->
                peer.remoteDisposition()
                        .withRole(true)
                        .withFirst(0)
                        .onChannel(7)
                        .now();
            case "detach" -> peer.remoteDetach().withHandle(0).onChannel(7).now();
            default -> peer.remoteEnd().onChannel(7).now();
        }
        sync();
    }

    // AMQP 1.0 §2.5.2
    @Test
    void shouldAnswerWithAnEndWhenThePeerEnds() throws Exception {
        producer();
        peer.expectEnd().withError(nullValue()).onChannel(0);
        peer.remoteEnd().onChannel(0).now();
        sync();
        await().until(() -> node.events.contains("lost in"));
        connectionLives();
    }

    @Test
    void shouldKnowThePeersErrorWhenThePeerEndsWithOne() throws Exception {
        producer();
        peer.expectEnd();
        peer.remoteEnd()
                .withErrorCondition("amqp:internal-error", "why")
                .onChannel(0)
                .now();
        sync();
        Session session = node.receivers.get(0).session();
        assertThat(node.call(session::remoteError)).contains(AmqpError.of("amqp:internal-error", "why"));
    }

    @Test
    void shouldCloseTheConnectionWhenAnEndedSessionEndsAgain() throws Exception {
        begin();
        peer.expectEnd();
        peer.remoteEnd().onChannel(0).now();
        sync();
        peer.expectClose().withError("amqp:not-allowed", text());
        peer.remoteEnd().onChannel(0).now();
        sync();
    }

    @Test
    void shouldTakeASessionWhenItsChannelWasUsedBefore() throws Exception {
        begin();
        for (int i = 0; i < 20; i++) {
            peer.expectEnd();
            peer.remoteEnd().onChannel(0).now();
            peer.expectBegin().withRemoteChannel(0).onChannel(0);
            remoteBegin(0);
        }
        sync();
    }

    // AMQP 1.0 §2.5.4: "It MUST then proceed to discard all incoming frames from the remote endpoint until hearing the
    // remote endpoint's corresponding end frame."
    @Test
    void shouldDiscardFramesWhenItHasEndedASessionWithAnError() throws Exception {
        producer();
        peer.expectEnd().withError("amqp:session:unattached-handle", text());
        peer.remoteTransfer()
                .withHandle(9)
                .withDeliveryId(0)
                .withDeliveryTag(new byte[1])
                .onChannel(0)
                .now();
        sync();
        transfer(1).now();
        attachSender("late", 3);
        flow(0).withHandle(77).now();
        peer.remoteDetach().withHandle(0).onChannel(0).now();
        peer.remoteDisposition()
                .withRole(true)
                .withFirst(0)
                .withLast(5)
                .onChannel(0)
                .now();
        peer.remoteEnd().onChannel(0).now();
        connectionLives();
        assertThat(node.deliveries).isEmpty();
        assertThat(node.receivers).hasSize(1);
    }

    // AMQP 1.0 §2.5.3
    @Test
    void shouldFinishTheSessionWhenBothEndAtOnce() throws Exception {
        producer();
        peer.expectEnd();
        peer.remoteEnd().onChannel(0).queue();
        node.run(() -> node.receivers.get(0).session().end(Optional.empty()));
        sync();
        connectionLives();
        peer.expectBegin().withRemoteChannel(0);
        remoteBegin(0);
        sync();
    }

    // AMQP 1.0 §2.5.6 and §2.8.17: a window violation is an error of the session, not of the connection.
    @Test
    void shouldEndTheSessionOnlyWhenThePeerOverrunsTheIncomingWindow() throws Exception {
        producer(behaviour -> {
            behaviour.settings = new ConnectionSettings("echo", 64 * 1024, 255, 255, 1, 0, 10_000, 10_000);
            behaviour.outcome = Optional.empty();
        });
        // With a window of one frame both transfers have to come before the first is answered by a flow.
        byte[] both = RawPeer.join(
                TestFrames.transfer(0, 0, 0, new byte[] {1}), TestFrames.transfer(0, 0, 1, new byte[] {2}));
        peer.expectEnd().withError("amqp:session:window-violation", text());
        peer.remoteBytes().withBytes(both).now();
        sync();
        peer.remoteEnd().onChannel(0).now();
        connectionLives();
    }

    // AMQP 1.0 §2.5.6
    @Test
    void shouldOpenTheWindowAgainWhenHalfOfItIsUsed() throws Exception {
        producer(behaviour -> {
            behaviour.settings = new ConnectionSettings("echo", 64 * 1024, 255, 255, 4, 0, 10_000, 10_000);
            behaviour.outcome = Optional.empty();
        });
        peer.expectFlow().withHandle(nullValue()).withIncomingWindow(4).withNextIncomingId(2);
        transfer(0).now();
        transfer(1).now();
        sync();
    }

    // AMQP 1.0 §2.5.6: transfer ids are serial numbers.
    @ParameterizedTest
    @ValueSource(longs = {0xffff_fffeL, 0xffff_ffffL, 0x7fff_fffeL, 0x7fff_ffffL})
    void shouldCountTransfersOverTheEdgeWhenTheyWrapAround(long first) throws Exception {
        open(behaviour -> behaviour.outcome = Optional.empty());
        peer.expectBegin();
        peer.remoteBegin()
                .withNextOutgoingId(first)
                .withIncomingWindow(100)
                .withOutgoingWindow(100)
                .onChannel(0)
                .now();
        peer.expectAttach().ofReceiver();
        peer.expectFlow().withNextIncomingId(first).withLinkCredit(100);
        attachSender("in", 0);
        sync();
        for (int i = 0; i < 4; i++) {
            transfer(i).now();
        }
        peer.expectFlow().withNextIncomingId((first + 4) & 0xffff_ffffL).withHandle(nullValue());
        peer.remoteFlow()
                .withNextIncomingId(0)
                .withIncomingWindow(100)
                .withNextOutgoingId((first + 4) & 0xffff_ffffL)
                .withOutgoingWindow(100)
                .withEcho(true)
                .withNullHandle()
                .onChannel(0)
                .now();
        sync();
        assertThat(node.deliveries).hasSize(4);
    }

    // AMQP 1.0 §2.5.6: "MUST update the next-incoming-id directly from the next-outgoing-id of the frame".
    @Test
    void shouldFollowThePeersNextOutgoingIdWhenAFlowSaysSo() throws Exception {
        begin();
        peer.expectFlow().withNextIncomingId(4711);
        peer.remoteFlow()
                .withNextIncomingId(0)
                .withIncomingWindow(100)
                .withNextOutgoingId(4711)
                .withOutgoingWindow(100)
                .withEcho(true)
                .withNullHandle()
                .onChannel(0)
                .now();
        sync();
    }

    // AMQP 1.0 §2.7.4: "echo: request link state from other endpoint", and the session's where no handle is set.
    @Test
    void shouldAnswerWithTheSessionsStateWhenAFlowWithoutHandleAsksForAnEcho() throws Exception {
        begin();
        peer.expectFlow()
                .withHandle(nullValue())
                .withDeliveryCount(nullValue())
                .withLinkCredit(nullValue())
                .withAvailable(nullValue())
                .withNextIncomingId(0)
                .withIncomingWindow(2048)
                .withNextOutgoingId(0)
                .withOutgoingWindow(Integer.MAX_VALUE)
                .withEcho(nullValue());
        flow(0).withEcho(true).now();
        sync();
    }

    @Test
    void shouldNotAnswerWhenAFlowDoesNotAskForAnEcho() throws Exception {
        begin();
        flow(0).now();
        flow(0).now();
        sessionLives();
    }

    // AMQP 1.0 §2.5.6: remote-incoming-window = next-incoming-id(flow) + incoming-window(flow) - next-outgoing-id.
    @ParameterizedTest(name = "next-incoming-id {0}, incoming-window {1}: {2} more")
    @CsvSource({"0, 2, 0", "2, 1, 1", "2, 0, 0", "1, 3, 2", "1, 1, 0", "0, 5, 3"})
    void shouldSendAsManyTransfersWhenThePeersWindowLeavesRoom(long nextIncomingId, long window, int more)
            throws Exception {
        open(behaviour -> {});
        peer.expectBegin();
        peer.remoteBegin()
                .withNextOutgoingId(0)
                .withIncomingWindow(2)
                .withOutgoingWindow(100)
                .onChannel(0)
                .now();
        peer.expectAttach().ofSender();
        attachReceiver("out", 0);
        peer.remoteFlow()
                .withHandle(0)
                .withDeliveryCount(0)
                .withLinkCredit(10)
                .withNextIncomingId(0)
                .withIncomingWindow(2)
                .withNextOutgoingId(0)
                .withOutgoingWindow(100)
                .onChannel(0)
                .now();
        sync();
        await().until(() -> node.events.contains("credit 10"));
        peer.expectTransfer().withDeliveryId(0);
        peer.expectTransfer().withDeliveryId(1);
        node.send("out", 10);
        sync();
        for (int i = 0; i < more; i++) {
            peer.expectTransfer().withDeliveryId(2 + i);
        }
        peer.expectFlow().withNextOutgoingId(2 + more);
        peer.remoteFlow()
                .withNextIncomingId(nextIncomingId)
                .withIncomingWindow(window)
                .withNextOutgoingId(0)
                .withOutgoingWindow(100)
                .withEcho(true)
                .withNullHandle()
                .onChannel(0)
                .now();
        sync();
    }

    // AMQP 1.0 §2.5.6: without next-incoming-id the window counts from our first id.
    @Test
    void shouldCountFromItsFirstIdWhenAFlowHasNoNextIncomingId() throws Exception {
        consumer();
        credit(0, 10);
        peer.expectTransfer();
        peer.expectTransfer();
        node.sendWhenCredit("out", 2);
        sync();
        peer.expectFlow();
        firstFlow();
        sync();
        peer.expectTransfer().withDeliveryId(2);
        node.send("out", 3);
        sync();
        peer.expectFlow().withNextOutgoingId(3);
        firstFlow();
        sync();
    }

    private void firstFlow() {
        peer.remoteFlow()
                .withIncomingWindow(3)
                .withNextOutgoingId(0)
                .withOutgoingWindow(100)
                .withEcho(true)
                .withNullHandle()
                .onChannel(0)
                .now();
    }

    // AMQP 1.0 §2.7.2: "A peer that receives a handle outside the supported range MUST close the Connection with the
    // framing-error error-code."
    @ParameterizedTest
    @ValueSource(longs = {256, 0x8000_0000L, 0xffff_ffffL})
    void shouldCloseTheConnectionWhenAHandleIsAboveHandleMax(long handle) throws Exception {
        begin();
        peer.expectClose().withError("amqp:connection:framing-error", text());
        peer.remoteAttach()
                .ofSender()
                .withName("x")
                .withHandle(handle)
                .withInitialDeliveryCount(0)
                .onChannel(0)
                .now();
        sync();
    }

    // AMQP 1.0 §2.7.2: "A peer MUST NOT attempt to attach a Link using a handle value outside the range that its
    // partner
    // can handle."
    @Test
    void shouldEndTheSessionWhenThePeersHandleMaxLeavesNoHandle() throws Exception {
        open(behaviour -> {});
        peer.expectBegin();
        peer.remoteBegin()
                .withNextOutgoingId(0)
                .withIncomingWindow(100)
                .withOutgoingWindow(100)
                .withHandleMax(0)
                .onChannel(0)
                .now();
        peer.expectAttach().withHandle(0).ofSender();
        attachReceiver("one", 0);
        sync();
        peer.expectEnd().withError("amqp:resource-limit-exceeded", text());
        attachReceiver("two", 1);
        sync();
        peer.remoteEnd().onChannel(0).now();
        connectionLives();
    }
}

package io.sterna.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.anyOf;
import static org.hamcrest.Matchers.is;
import static org.hamcrest.Matchers.notNullValue;
import static org.hamcrest.Matchers.nullValue;

import io.sterna.amqp.DeliveryState.Received;
import io.sterna.amqp.message.OutgoingMessage;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.apache.qpid.protonj2.test.driver.codec.messaging.Accepted;
import org.apache.qpid.protonj2.test.driver.codec.messaging.Released;
import org.apache.qpid.protonj2.test.driver.codec.primitives.Binary;
import org.apache.qpid.protonj2.test.driver.codec.primitives.UnsignedInteger;
import org.apache.qpid.protonj2.test.driver.codec.primitives.UnsignedLong;
import org.apache.qpid.protonj2.test.driver.codec.transport.SenderSettleMode;
import org.hamcrest.Matcher;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * The node is the sender of a link that is resumed: AMQP 1.0 §2.6.13, and the example of §3.4.6 with its delivery-tags 1
 * to 14.
 */
class PeerResumeSenderTest extends PeerTest {
    private static final DeliveryState ACCEPTED = DeliveryState.Accepted.INSTANCE;
    private static final byte[] MESSAGE = {1, 2, 3};

    /** An application that does what the comparison says, as far as the credit goes. */
    private void resume(SenderLink link, List<UnsettledDelivery> held) {
        for (UnsettledDelivery delivery : held) {
            byte[] tag = delivery.tag();
            switch (Resumption.of(tag, delivery.state(), link.remote())) {
                case KEEP, FORGET -> {}
                case RESEND -> node.sends.add(send(link, tag));
                case RESUME ->
                    node.sends.add(
                            link.resume(tag, 0, OutgoingMessage.untouched(MESSAGE), delivery.state(), "resumed"));
                case APPLY ->
                    node.sends.add(link.resumeWithState(
                            tag,
                            link.remote()
                                    .unsettled()
                                    .find(tag)
                                    .orElseThrow()
                                    .state()
                                    .orElseThrow(),
                            true,
                            "applied"));
                case CONFIRM ->
                    node.sends.add(link.resumeWithState(tag, delivery.state().orElseThrow(), true, "confirmed"));
                case RESTATE ->
                    node.sends.add(link.resumeWithState(tag, delivery.state().orElseThrow(), false, "restated"));
                case ABORT -> node.sends.add(link.resumeAborted(tag, "aborted"));
                case ABORT_AND_RESEND -> {
                    node.sends.add(link.resumeAborted(tag, "aborted"));
                    node.sends.add(send(link, tag));
                }
            }
        }
    }

    private static OutgoingDelivery send(SenderLink link, byte[] tag) {
        return link.send(tag, 0, OutgoingMessage.untouched(MESSAGE), false, "resent");
    }

    private void resumeLink(
            List<UnsettledDelivery> held,
            Map<Binary, org.apache.qpid.protonj2.test.driver.codec.transport.DeliveryState> theirs,
            boolean incomplete,
            SenderSettleMode mode)
            throws Exception {
        begin(behaviour -> {
            behaviour.unsettled = Optional.of(held);
            behaviour.onCredit = link -> resume(link, held);
        });
        peer.expectAttach().ofSender().withName("out").withUnsettled(notNullValue());
        peer.remoteAttach()
                .ofReceiver()
                .withName("out")
                .withHandle(0)
                .withSndSettleMode(mode)
                .withUnsettled(theirs)
                .withIncompleteUnsettled(incomplete)
                .withSource()
                .withAddress("queue")
                .and()
                .withTarget()
                .withAddress("there")
                .and()
                .onChannel(0)
                .now();
        sync();
    }

    private void resumeLink(
            UnsettledDelivery held,
            Map<Binary, org.apache.qpid.protonj2.test.driver.codec.transport.DeliveryState> theirs)
            throws Exception {
        resumeLink(List.of(held), theirs, false, SenderSettleMode.MIXED);
    }

    private static UnsettledDelivery held(int tag, DeliveryState state) {
        return new UnsettledDelivery(new byte[] {(byte) tag}, Optional.ofNullable(state));
    }

    private static Map<Binary, org.apache.qpid.protonj2.test.driver.codec.transport.DeliveryState> theirs(
            int tag, org.apache.qpid.protonj2.test.driver.codec.transport.DeliveryState state) {
        Map<Binary, org.apache.qpid.protonj2.test.driver.codec.transport.DeliveryState> map = new HashMap<>();
        map.put(new Binary(new byte[] {(byte) tag}), state);
        return map;
    }

    private static org.apache.qpid.protonj2.test.driver.codec.transport.DeliveryState received(
            int section, int offset) {
        org.apache.qpid.protonj2.test.driver.codec.messaging.Received state =
                new org.apache.qpid.protonj2.test.driver.codec.messaging.Received();
        state.setSectionNumber(UnsignedInteger.valueOf(section));
        state.setSectionOffset(UnsignedLong.valueOf(offset));
        return state;
    }

    private static Matcher<?> orFalse() {
        return anyOf(nullValue(), is(false));
    }

    static Stream<Arguments> examples() {
        return Stream.of(
                Arguments.of(1, null, false, null, Resumption.RESEND),
                Arguments.of(2, null, true, received(3, 0), Resumption.RESUME),
                Arguments.of(3, null, true, Accepted.getInstance(), Resumption.APPLY),
                Arguments.of(4, null, true, null, Resumption.RESUME),
                Arguments.of(5, new Received(0, 200), false, null, Resumption.RESEND),
                Arguments.of(6, new Received(1, 150), true, received(2, 0), Resumption.RESUME),
                Arguments.of(7, new Received(0, 500), true, received(0, 100), Resumption.ABORT_AND_RESEND),
                Arguments.of(8, new Received(3, 5), true, Accepted.getInstance(), Resumption.APPLY),
                Arguments.of(9, new Received(2, 0), true, null, Resumption.ABORT_AND_RESEND),
                Arguments.of(10, ACCEPTED, false, null, Resumption.FORGET),
                Arguments.of(11, ACCEPTED, true, received(1, 2000), Resumption.ABORT),
                Arguments.of(12, ACCEPTED, true, Accepted.getInstance(), Resumption.CONFIRM),
                Arguments.of(13, ACCEPTED, true, Released.getInstance(), Resumption.RESTATE),
                Arguments.of(14, ACCEPTED, true, null, Resumption.ABORT));
    }

    // AMQP 1.0 §3.4.6
    @ParameterizedTest
    @MethodSource("examples")
    void shouldDoWhatTheSpecificationsExampleSaysWhenALinkIsResumed(
            int tag,
            DeliveryState local,
            boolean known,
            org.apache.qpid.protonj2.test.driver.codec.transport.DeliveryState remote,
            Resumption expected)
            throws Exception {
        resumeLink(held(tag, local), known ? theirs(tag, remote) : Map.of());
        expect(expected, tag, local);
        credit(0, 2);
        sync();
        sessionLives();
        assertThat(Resumption.of(
                        new byte[] {(byte) tag},
                        Optional.ofNullable(local),
                        node.sender("out").remote()))
                .isEqualTo(expected);
    }

    private void expect(Resumption step, int tag, DeliveryState local) {
        byte[] bytes = {(byte) tag};
        switch (step) {
            case KEEP, FORGET -> {}
            case RESEND ->
                peer.expectTransfer()
                        .withDeliveryTag(bytes)
                        .withResume(orFalse())
                        .withState(nullValue())
                        .withPayload(MESSAGE);
            case RESUME ->
                peer.expectTransfer()
                        .withDeliveryTag(bytes)
                        .withResume(true)
                        .withSettled(false)
                        .withState(local == null ? nullValue() : notNullValue())
                        .withPayload(MESSAGE);
            case APPLY, CONFIRM ->
                peer.expectTransfer()
                        .withDeliveryTag(bytes)
                        .withResume(true)
                        .withSettled(true)
                        .withMore(orFalse())
                        .withState(Accepted.getInstance())
                        .withNullPayload();
            case RESTATE ->
                peer.expectTransfer()
                        .withDeliveryTag(bytes)
                        .withResume(true)
                        .withSettled(false)
                        .withState(Accepted.getInstance())
                        .withNullPayload();
            case ABORT -> expectAborted(bytes);
            case ABORT_AND_RESEND -> {
                expectAborted(bytes);
                peer.expectTransfer()
                        .withDeliveryTag(bytes)
                        .withResume(orFalse())
                        .withPayload(MESSAGE);
            }
        }
    }

    private void expectAborted(byte[] tag) {
        peer.expectTransfer()
                .withDeliveryTag(tag)
                .withResume(true)
                .withAborted(true)
                .withNullPayload();
    }

    // AMQP 1.0 §2.6.13: "Deliveries that only the Target considers unsettled … MUST be ignored by the Sender"
    @Test
    void shouldSendNothingWhenOnlyTheReceiverHoldsADelivery() throws Exception {
        resumeLink(List.of(), theirs(1, Accepted.getInstance()), false, SenderSettleMode.MIXED);
        credit(0, 2);
        sessionLives();
        assertThat(node.sends).isEmpty();
    }

    // AMQP 1.0 §2.7.3: "the recipient of the map cannot take the absence of a delivery tag from the map as evidence of
    // settlement."
    @Test
    void shouldKeepADeliveryWhenTheReceiversMapIsIncomplete() throws Exception {
        resumeLink(List.of(held(1, null), held(2, ACCEPTED)), theirs(3, null), true, SenderSettleMode.MIXED);
        credit(0, 2);
        sessionLives();
        assertThat(node.sends).isEmpty();
    }

    // AMQP 1.0 §2.7.3: "On receipt of an incomplete unsettled map a sending endpoint MUST NOT send any new deliveries"
    @Test
    void shouldSendNoNewDeliveryWhenTheReceiversMapIsIncomplete() throws Exception {
        resumeLink(List.of(), Map.of(), true, SenderSettleMode.MIXED);
        credit(0, 2);
        await().until(() -> node.events.contains("credit 2"));
        SenderLink link = node.sender("out");
        assertThat(node.call(link::resumesOnly)).isTrue();
        assertThatThrownBy(() -> node.run(() -> send(link, new byte[] {1})))
                .hasRootCauseInstanceOf(IllegalStateException.class);
        sessionLives();
    }

    // AMQP 1.0 §2.6.13: what both have is resumed all the same
    @Test
    void shouldResumeWhatBothHoldWhenTheReceiversMapIsIncomplete() throws Exception {
        resumeLink(List.of(held(1, null), held(2, null)), theirs(2, null), true, SenderSettleMode.MIXED);
        peer.expectTransfer().withDeliveryTag(new byte[] {2}).withResume(true).withPayload(MESSAGE);
        credit(0, 2);
        sync();
        sessionLives();
    }

    // AMQP 1.0 §2.6.13: "Only when both sides have complete unsettled maps may new unsettled state be created"
    @Test
    void shouldSendNoNewDeliveryWhenItsOwnMapIsIncomplete() throws Exception {
        headers(behaviour -> behaviour.unsettled = Optional.of(
                IntStream.range(0, 200).mapToObj(i -> held(i, ACCEPTED)).toList()));
        peer.expectOpen();
        peer.remoteOpen().withContainerId("peer").withMaxFrameSize(512).now();
        peer.expectBegin();
        peer.remoteBegin()
                .withNextOutgoingId(0)
                .withIncomingWindow(100)
                .withOutgoingWindow(100)
                .onChannel(0)
                .now();
        peer.expectAttach().ofSender().withUnsettled(notNullValue()).withIncompleteUnsettled(true);
        attachReceiver("out", 0);
        sync();
        assertThat(node.call(node.sender("out")::resumesOnly)).isTrue();
    }

    // AMQP 1.0 §2.6.7 holds for what is resumed, too
    @Test
    void shouldResumeNoMoreThanThereIsCredit() throws Exception {
        List<UnsettledDelivery> held = List.of(held(1, null));
        resumeLink(held, theirs(1, null), false, SenderSettleMode.MIXED);
        sessionLives();
        peer.expectTransfer().withDeliveryTag(new byte[] {1}).withResume(true);
        credit(0, 1);
        sync();
        SenderLink link = node.sender("out");
        assertThat(node.call(link::credit)).isZero();
        assertThatThrownBy(() -> node.run(() -> link.resumeAborted(new byte[] {2}, "none")))
                .hasRootCauseInstanceOf(IllegalStateException.class);
    }

    // AMQP 1.0 §2.7.5: with snd-settle-mode unsettled "this field MUST be false (or unset) on every transfer frame"
    @Test
    void shouldConfirmUnsettledWhenTheLinkSendsAllUnsettled() throws Exception {
        resumeLink(List.of(held(1, ACCEPTED)), theirs(1, Accepted.getInstance()), false, SenderSettleMode.UNSETTLED);
        peer.expectTransfer()
                .withResume(true)
                .withSettled(orFalse())
                .withState(Accepted.getInstance())
                .withNullPayload();
        credit(0, 1);
        sync();
        peer.remoteDisposition()
                .withRole(true)
                .withFirst(0)
                .withSettled(true)
                .withState(Accepted.getInstance())
                .onChannel(0)
                .now();
        await().until(() -> node.outcomes.size() == 1);
        assertThat(node.outcomes.get(0).settled()).isTrue();
    }

    // AMQP 1.0 §3.4.6, tag 13: the receiver echoes the outcome and settles
    @Test
    void shouldHearOfTheSettlementWhenTheReceiverEchoesTheOutcome() throws Exception {
        resumeLink(held(13, ACCEPTED), theirs(13, Released.getInstance()));
        peer.expectTransfer().withResume(true).withSettled(false).withNullPayload();
        credit(0, 1);
        sync();
        peer.remoteDisposition()
                .withRole(true)
                .withFirst(0)
                .withSettled(true)
                .withState(Accepted.getInstance())
                .onChannel(0)
                .now();
        await().until(() -> node.outcomes.size() == 1);
        assertThat(node.outcomes.get(0).state()).contains(ACCEPTED);
        assertThat(node.outcomes.get(0).delivery().context()).isEqualTo("restated");
    }

    // AMQP 1.0 §2.6.13: delivery-ids are new, the outcome of a resumed delivery finds it by its new one
    @Test
    void shouldHearOfTheOutcomeWhenAResumedDeliveryGetsOne() throws Exception {
        resumeLink(held(4, null), theirs(4, null));
        peer.expectTransfer().withDeliveryId(0).withResume(true);
        credit(0, 1);
        sync();
        peer.remoteDisposition()
                .withRole(true)
                .withFirst(0)
                .withSettled(true)
                .withState(Released.getInstance())
                .onChannel(0)
                .now();
        await().until(() -> node.outcomes.size() == 1);
        assertThat(node.outcomes.get(0).state()).contains(DeliveryState.Released.INSTANCE);
        assertThat(node.outcomes.get(0).delivery().tag()).containsExactly(4);
    }

    // AMQP 1.0 §2.7.3: "The unsettled map" of an existing terminus is sent, also when it is empty
    @Test
    void shouldSayAnEmptyMapWhenNothingIsUnsettled() throws Exception {
        resumeLink(List.of(), Map.of(), false, SenderSettleMode.MIXED);
        assertThat(node.sender("out").remote().resumes()).isTrue();
    }

    // AMQP 1.0 §2.7.3: "When reattaching (as opposed to resuming), the unsettled map MUST be null."
    @Test
    void shouldTellThatALinkIsNotResumedWhenItsAttachHasNoMap() throws Exception {
        consumer();
        assertThat(node.sender("out").remote().resumes()).isFalse();
    }

    // AMQP 1.0 §2.6.13, by the pure function: a transaction's state is no outcome
    @Test
    void shouldResumeWhenTheReceiversStateIsOfATransaction() throws Exception {
        var state = new org.apache.qpid.protonj2.test.driver.codec.transactions.TransactionalState();
        state.setTxnId(new Binary(new byte[] {1}));
        state.setOutcome(Accepted.getInstance());
        resumeLink(held(1, null), theirs(1, state));
        assertThat(Resumption.of(
                        new byte[] {1}, Optional.empty(), node.sender("out").remote()))
                .isEqualTo(Resumption.RESUME);
    }
}

package io.sterna.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.nullValue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.qpid.protonj2.test.driver.codec.messaging.Accepted;
import org.apache.qpid.protonj2.test.driver.codec.messaging.Released;
import org.apache.qpid.protonj2.test.driver.codec.primitives.Binary;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Settlement, AMQP 1.0 §2.6.12, §2.7.6 and §3.4, against a scripted client. */
class PeerDispositionTest extends PeerTest {

    /** A link on which five messages have been sent and none is settled. */
    private void fiveSent() throws Exception {
        consumer();
        credit(0, 5);
        for (int i = 0; i < 5; i++) {
            peer.expectTransfer().withDeliveryId(i).withSettled(false);
        }
        node.sendWhenCredit("out", 5);
        sync();
    }

    private void disposition(boolean fromReceiver, long first, long last, boolean settled) {
        peer.remoteDisposition()
                .withRole(fromReceiver)
                .withFirst(first)
                .withLast(last)
                .withSettled(settled)
                .withState(Accepted.getInstance())
                .onChannel(0)
                .now();
    }

    private List<Object> contexts() {
        List<Object> contexts = new ArrayList<>();
        node.outcomes.forEach(outcome -> contexts.add(outcome.delivery().context()));
        return contexts;
    }

    // AMQP 1.0 §2.7.6: "If not set, this is taken to be the same as first."
    @Test
    void shouldSettleOneWhenADispositionHasNoLast() throws Exception {
        fiveSent();
        peer.remoteDisposition()
                .withRole(true)
                .withFirst(2)
                .withSettled(true)
                .withState(Accepted.getInstance())
                .onChannel(0)
                .now();
        sessionLives();
        assertThat(contexts()).containsExactly("message 2");
        assertThat(node.outcomes.get(0).settled()).isTrue();
        assertThat(node.outcomes.get(0).state()).contains(DeliveryState.Accepted.INSTANCE);
    }

    @ParameterizedTest(name = "{0} to {1}: {2} settled")
    @CsvSource({
        "0, 4, 5",
        "1, 3, 3",
        "4, 4, 1",
        "3, 100, 2",
        "5, 100, 0",
        "0, 2147483647, 5",
        "4294967295, 1, 2",
        "4294967290, 4294967295, 0",
        "2147483653, 4, 5",
        "4294967200, 100, 5"
    })
    void shouldSettleThoseInTheRangeWhenADispositionNamesARange(long first, long last, int settled) throws Exception {
        fiveSent();
        disposition(true, first, last, true);
        sessionLives();
        assertThat(node.outcomes).hasSize(settled);
        assertThat(contexts()).isSorted();
    }

    // AMQP 1.0 §2.8.9: delivery-numbers are serial numbers, so that a range can't run backwards.
    @Test
    void shouldEndTheSessionWhenARangeRunsBackwards() throws Exception {
        fiveSent();
        peer.expectEnd().withError("amqp:invalid-field", text());
        disposition(true, 4, 1, true);
        sync();
    }

    // AMQP 1.0 §2.6.12: what is settled is forgotten.
    @Test
    void shouldPassOverDeliveriesWhenTheyAreSettledAlready() throws Exception {
        fiveSent();
        disposition(true, 0, 2, true);
        disposition(true, 0, 4, true);
        disposition(true, 0, 4, true);
        sessionLives();
        assertThat(contexts()).containsExactly("message 0", "message 1", "message 2", "message 3", "message 4");
    }

    @Test
    void shouldPassOverADispositionWhenItsDeliveriesAreUnknown() throws Exception {
        consumer();
        disposition(true, 0, 1000, true);
        disposition(false, 0, 1000, true);
        sessionLives();
        assertThat(node.outcomes).isEmpty();
    }

    // AMQP 1.0 §2.7.6: "all links MUST have the directionality indicated by the specified role".
    @Test
    void shouldPassOverADispositionWhenItsRoleIsOfTheOtherDirection() throws Exception {
        fiveSent();
        disposition(false, 0, 4, true);
        sessionLives();
        assertThat(node.outcomes).isEmpty();
    }

    // AMQP 1.0 §2.6.12, exactly once: the receiver says a terminal state, the sender settles and says so.
    @Test
    void shouldSettleAsSenderWhenThePeerLeavesThatToIt() throws Exception {
        fiveSent();
        disposition(true, 0, 1, false);
        await().until(() -> node.outcomes.size() == 2);
        assertThat(node.outcomes).noneMatch(EchoNode.Outcome::settled);
        peer.expectDisposition()
                .withRole(false)
                .withFirst(0)
                .withLast(1)
                .withSettled(true)
                .withState(Accepted.getInstance());
        node.run(() -> node.outcomes.forEach(
                outcome -> outcome.delivery().settle(outcome.state().orElseThrow())));
        sync();
        disposition(true, 0, 1, true);
        sessionLives();
        assertThat(node.outcomes).hasSize(2);
    }

    @Test
    void shouldTellTheStateWhenThePeerSettlesWithoutOne() throws Exception {
        fiveSent();
        peer.remoteDisposition()
                .withRole(true)
                .withFirst(0)
                .withSettled(true)
                .onChannel(0)
                .now();
        sessionLives();
        assertThat(node.outcomes).singleElement().satisfies(outcome -> {
            assertThat(outcome.settled()).isTrue();
            assertThat(outcome.state()).isEmpty();
        });
    }

    static List<DeliveryState> states() {
        return List.of(
                DeliveryState.Accepted.INSTANCE,
                DeliveryState.Released.INSTANCE,
                new DeliveryState.Rejected(Optional.empty()),
                new DeliveryState.Rejected(Optional.of(AmqpError.of("amqp:internal-error", "no"))),
                new DeliveryState.Modified(true, false, Map.of()),
                new DeliveryState.Modified(false, true, Map.of("x-opt-colour", "blue")),
                new DeliveryState.Received(3, 4711));
    }

    // AMQP 1.0 §3.4: each state goes to the peer and comes back as it was.
    @ParameterizedTest
    @MethodSource("states")
    void shouldSayTheStateWhenTheApplicationSettles(DeliveryState state) throws Exception {
        producer(behaviour -> behaviour.outcome = Optional.of(state));
        List<Object> said = new ArrayList<>();
        peer.expectDisposition()
                .withFirst(0)
                .withSettled(true)
                .withState(anything())
                .withCapture(disposition -> said.add(disposition.getState()));
        transfer(0).now();
        sync();

        peer.expectAttach().ofSender().withName("out").withHandle(1);
        attachReceiver("out", 1);
        flow(0).withHandle(1).withDeliveryCount(0).withLinkCredit(1).now();
        peer.expectTransfer().withHandle(1).withDeliveryId(0);
        node.sendWhenCredit("out", 1);
        sync();
        peer.remoteDisposition()
                .withRole(true)
                .withFirst(0)
                .withSettled(true)
                .withState((org.apache.qpid.protonj2.test.driver.codec.transport.DeliveryState) said.get(0))
                .onChannel(0)
                .now();
        await().until(() -> node.outcomes.size() == 1);
        assertThat(node.outcomes.get(0).state()).contains(state);
    }

    // AMQP 1.0 §2.7.6: one frame for consecutive deliveries of the same state.
    @Test
    void shouldSayARangeWhenConsecutiveDeliveriesGetTheSameState() throws Exception {
        tenReceived();
        peer.expectDisposition()
                .withRole(true)
                .withFirst(0)
                .withLast(9)
                .withSettled(true)
                .withState(Accepted.getInstance());
        node.run(() -> node.deliveries.forEach(delivery -> delivery.settle(DeliveryState.Accepted.INSTANCE)));
        sync();
    }

    @Test
    void shouldSaySeveralRangesWhenStatesAlternate() throws Exception {
        tenReceived();
        peer.expectDisposition().withFirst(0).withLast(3).withState(Accepted.getInstance());
        peer.expectDisposition().withFirst(4).withLast(5).withState(Released.getInstance());
        peer.expectDisposition().withFirst(6).withLast(9).withState(Accepted.getInstance());
        node.run(() -> {
            for (int i = 0; i < 10; i++) {
                boolean released = i == 4 || i == 5;
                node.deliveries
                        .get(i)
                        .settle(released ? DeliveryState.Released.INSTANCE : DeliveryState.Accepted.INSTANCE);
            }
        });
        sync();
    }

    @Test
    void shouldSaySeveralRangesWhenThereAreGaps() throws Exception {
        tenReceived();
        peer.expectDisposition().withFirst(0).withLast(1);
        peer.expectDisposition().withFirst(5).withLast(nullValue());
        peer.expectDisposition().withFirst(7).withLast(9);
        node.run(() -> {
            for (int i : new int[] {0, 1, 5, 7, 8, 9}) {
                node.deliveries.get(i).settle(DeliveryState.Accepted.INSTANCE);
            }
        });
        sync();
    }

    @Test
    void shouldNotSpanDeliveriesWhenTheyComeOutOfOrder() throws Exception {
        tenReceived();
        peer.expectDisposition().withFirst(2).withLast(nullValue());
        peer.expectDisposition().withFirst(1).withLast(nullValue());
        peer.expectDisposition().withFirst(0).withLast(nullValue());
        node.run(() -> {
            for (int i : new int[] {2, 1, 0}) {
                node.deliveries.get(i).settle(DeliveryState.Accepted.INSTANCE);
            }
        });
        sync();
    }

    // AMQP 1.0 §2.8.9: a range goes over the edge of the serial numbers.
    @Test
    void shouldSayOneRangeWhenDeliveryIdsWrapAround() throws Exception {
        producer(behaviour -> behaviour.outcome = Optional.empty());
        for (int id : new int[] {-2, -1, 0, 1}) {
            peer.remoteTransfer()
                    .withHandle(0)
                    .withDeliveryId(id & 0xffff_ffffL)
                    .withDeliveryTag(new byte[] {(byte) id})
                    .withMessageFormat(0)
                    .withPayload(new byte[1])
                    .onChannel(0)
                    .now();
        }
        await().until(() -> node.deliveries.size() == 4);
        peer.expectDisposition().withFirst(0xffff_fffeL).withLast(1);
        node.run(() -> node.deliveries.forEach(delivery -> delivery.settle(DeliveryState.Accepted.INSTANCE)));
        sync();
    }

    private void tenReceived() throws Exception {
        producer(behaviour -> behaviour.outcome = Optional.empty());
        for (int i = 0; i < 10; i++) {
            transfer(i).now();
        }
        await().until(() -> node.deliveries.size() == 10);
    }

    // AMQP 1.0 §2.8.3, second: "The Receiver will only settle after sending the disposition to the Sender and receiving
    // a
    // disposition indicating settlement of the delivery from the sender."
    @Test
    void shouldSettleAfterThePeerWhenTheReceiverSettlesSecond() throws Exception {
        receiverSecond(2);
        peer.expectDisposition().withFirst(0).withSettled(false).withState(Accepted.getInstance());
        transfer(0).now();
        sync();
        // Not settled, hence no credit.
        sessionLives();
        peer.expectFlow().withHandle(0).withLinkCredit(2);
        disposition(false, 0, 0, true);
        sync();
        peer.expectDisposition().withFirst(1).withSettled(false);
        transfer(1).now();
        sync();
    }

    @Test
    void shouldGiveCreditWhenThePeerHasSettledAndTheReceiverSettlesSecond() throws Exception {
        receiverSecond(1);
        for (int i = 0; i < 3; i++) {
            peer.expectDisposition().withFirst(i).withSettled(false);
            transfer(i).now();
            sync();
            peer.expectFlow().withHandle(0).withDeliveryCount(i + 1).withLinkCredit(1);
            disposition(false, i, i, true);
            sync();
        }
    }

    private void receiverSecond(int window) throws Exception {
        begin(behaviour -> behaviour.window = window);
        peer.expectAttach().withReceiverSettlesSecond();
        peer.expectFlow();
        peer.remoteAttach()
                .ofSender()
                .withName("in")
                .withHandle(0)
                .withInitialDeliveryCount(0)
                .withReceivervSettlesSecond()
                .onChannel(0)
                .now();
        sync();
    }

    // AMQP 1.0 §2.6.12: the sender may settle on its own, and then hears of no outcome.
    @Test
    void shouldNotSayTheOutcomeWhenThePeerHasSettledMeanwhile() throws Exception {
        producer(behaviour -> {
            behaviour.outcome = Optional.empty();
            behaviour.window = 1;
        });
        transfer(0).now();
        disposition(false, 0, 0, true);
        await().until(() -> node.deliveries.size() == 1
                && node.call(() -> node.deliveries.get(0).remotelySettled()));
        peer.expectFlow().withHandle(0).withLinkCredit(1);
        node.run(() -> node.deliveries.get(0).settle(DeliveryState.Accepted.INSTANCE));
        sync();
        sessionLives();
    }

    // AMQP 1.0 §2.7.6: "As long as the links have not been closed or detached with an error then the deliveries are
    // still
    // live and the updated state MUST be applied."
    @Test
    void shouldApplyADispositionWhenItsLinkWasDetached() throws Exception {
        fiveSent();
        peer.expectDetach();
        peer.remoteDetach().withHandle(0).withClosed(false).onChannel(0).now();
        sync();
        disposition(true, 0, 2, true);
        sessionLives();
        assertThat(node.outcomes).hasSize(3);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldPassOverADispositionWhenItsLinkWasClosedOrFailed(boolean closed) throws Exception {
        fiveSent();
        peer.expectDetach();
        if (closed) {
            peer.remoteDetach().withHandle(0).withClosed(true).onChannel(0).now();
        } else {
            peer.remoteDetach()
                    .withHandle(0)
                    .withErrorCondition("amqp:internal-error", "oops")
                    .onChannel(0)
                    .now();
        }
        sync();
        disposition(true, 0, 2, true);
        sessionLives();
        assertThat(node.outcomes).isEmpty();
    }

    @Test
    void shouldSayTheOutcomeWhenTheLinkWasDetachedMeanwhile() throws Exception {
        producer(behaviour -> behaviour.outcome = Optional.empty());
        transfer(0).now();
        peer.expectDetach();
        peer.remoteDetach().withHandle(0).withClosed(false).onChannel(0).now();
        sync();
        peer.expectDisposition().withFirst(0).withSettled(true);
        node.run(() -> node.deliveries.get(0).settle(DeliveryState.Accepted.INSTANCE));
        sync();
    }

    @Test
    void shouldSayNothingWhenTheLinkWasClosedMeanwhile() throws Exception {
        producer(behaviour -> behaviour.outcome = Optional.empty());
        transfer(0).now();
        peer.expectDetach();
        peer.remoteDetach().withHandle(0).withClosed(true).onChannel(0).now();
        sync();
        node.run(() -> node.deliveries.get(0).settle(DeliveryState.Accepted.INSTANCE));
        sessionLives();
    }

    @Test
    void shouldSayNothingWhenTheSessionHasEndedMeanwhile() throws Exception {
        producer(behaviour -> behaviour.outcome = Optional.empty());
        transfer(0).now();
        await().until(() -> node.deliveries.size() == 1);
        peer.expectEnd();
        peer.remoteEnd().onChannel(0).now();
        sync();
        node.run(() -> node.deliveries.get(0).settle(DeliveryState.Accepted.INSTANCE));
        connectionLives();
    }

    // What has an outcome is said before the link goes.
    @Test
    void shouldSayTheOutcomeBeforeTheDetachWhenBothHappenAtOnce() throws Exception {
        producer(behaviour -> behaviour.outcome = Optional.empty());
        transfer(0).now();
        await().until(() -> node.deliveries.size() == 1);
        peer.expectDisposition().withFirst(0).withSettled(true);
        peer.expectDetach().withClosed(true);
        node.run(() -> {
            node.deliveries.get(0).settle(DeliveryState.Accepted.INSTANCE);
            node.receivers.get(0).detach(true, Optional.empty());
        });
        sync();
    }

    @Test
    void shouldSayTheOutcomeBeforeTheEndWhenBothHappenAtOnce() throws Exception {
        producer(behaviour -> behaviour.outcome = Optional.empty());
        transfer(0).now();
        await().until(() -> node.deliveries.size() == 1);
        peer.expectDisposition().withFirst(0).withSettled(true);
        peer.expectEnd();
        node.run(() -> {
            node.deliveries.get(0).settle(DeliveryState.Accepted.INSTANCE);
            node.receivers.get(0).session().end(Optional.empty());
        });
        sync();
    }

    // AMQP 1.0 §4.4.1: the transaction travels in the transfer's state, and the outcome in the disposition's.
    @Test
    void shouldCarryTransactionsWhenStatesAreTransactional() throws Exception {
        byte[] id = {7, 8};
        producer(behaviour -> behaviour.outcome =
                Optional.of(new DeliveryState.Transactional(id, Optional.of(DeliveryState.Accepted.INSTANCE))));
        peer.expectDisposition()
                .withFirst(0)
                .withSettled(true)
                .withState()
                .transactional()
                .withTxnId(id)
                .withAccepted();
        transfer(0).withState().transactional().withTxnId(new Binary(id)).and().now();
        sync();
        assertThat(node.deliveries.get(0).remoteState())
                .get()
                .isInstanceOfSatisfying(DeliveryState.Transactional.class, state -> {
                    assertThat(state.transactionId()).containsExactly(id);
                    assertThat(state.outcome()).isEmpty();
                });
    }

    // AMQP 1.0 §2.7.1, max-frame-size: what a person may read is cut, the state itself is not.
    @Test
    void shouldShortenARejectionWhenItDoesNotFitIntoThePeersFrame() throws Exception {
        headers(behaviour -> behaviour.outcome = Optional.of(new DeliveryState.Rejected(
                Optional.of(AmqpError.of(ErrorCondition.NOT_ALLOWED, "no".repeat(10_000))))));
        peer.expectOpen();
        peer.remoteOpen().withContainerId("peer").withMaxFrameSize(512).now();
        peer.expectBegin();
        peer.remoteBegin()
                .withNextOutgoingId(0)
                .withIncomingWindow(100)
                .withOutgoingWindow(100)
                .onChannel(0)
                .now();
        peer.expectAttach();
        peer.expectFlow();
        attachSender("in", 0);
        sync();
        peer.expectDisposition()
                .withFirst(0)
                .withSettled(true)
                .withState()
                .rejected("amqp:not-allowed", "no".repeat(50));
        transfer(0).now();
        sync();
    }
}

package io.sterna.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.amqp.message.OutgoingMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A receiver that passes on what somebody else grants and decides: credit and states as they are, and no others. */
class GrantedCreditTest {
    private static final ConnectionSettings SETTINGS =
            new ConnectionSettings("granting", 4_096, 10, 10, 100, 0, 1_000_000, 1_000_000);

    private final List<IncomingDelivery> came = new ArrayList<>();
    private final List<IncomingDelivery> settledBySender = new ArrayList<>();
    private final List<DeliveryState> heard = new ArrayList<>();
    private int givenBack;
    private boolean lost;
    private ReceiverLink receiver;
    private SenderLink sender;
    private EnginePair pair;

    /** The server receives. */
    private final class Server implements ConnectionHandler, ReceiverHandler {
        @Override
        public void onOpen(Connection connection) {
            connection.open(OpenTerms.PLAIN);
        }

        @Override
        public void onAttach(SenderLink link) {
            throw new AssertionError("nobody wants to receive");
        }

        @Override
        public void onAttach(ReceiverLink link) {
            receiver = link;
            link.accept(LinkTerms.asAsked(link.remote()), this);
        }

        @Override
        public void onDelivery(IncomingDelivery delivery) {
            came.add(delivery);
        }

        @Override
        public void onSettled(IncomingDelivery delivery) {
            settledBySender.add(delivery);
        }

        @Override
        public void onDrained() {
            givenBack++;
        }

        @Override
        public void onDetached(boolean closed, Optional<AmqpError> error) {
            lost = true;
        }

        @Override
        public void onLost(boolean inOrder) {
            lost = true;
        }

        @Override
        public void onClosed(Connection connection, Optional<AmqpError> error) {
            lost = true;
        }
    }

    /** The client sends, as its credit allows. */
    private final class Client implements ConnectionHandler, SenderHandler {
        @Override
        public void onOpen(Connection connection) {
            sender = connection
                    .begin()
                    .attachSender(
                            "link",
                            LinkTerms.of(
                                    Terminus.Source.at("here"),
                                    Terminus.Target.at("there"),
                                    SettleMode.Sender.MIXED,
                                    SettleMode.Receiver.SECOND),
                            this);
        }

        @Override
        public void onAttach(SenderLink link) {
            throw new AssertionError("the server attaches nothing");
        }

        @Override
        public void onAttach(ReceiverLink link) {
            throw new AssertionError("the server attaches nothing");
        }

        @Override
        public void onCredit() {
            // The test sends, and answers drains.
        }

        @Override
        public void onDisposition(OutgoingDelivery delivery, Optional<DeliveryState> state, boolean settled) {
            heard.add(state.orElseThrow());
            if (!settled && state.get() instanceof DeliveryState.Outcome) {
                delivery.settle(state.get());
            }
        }

        @Override
        public void onDetached(boolean closed, Optional<AmqpError> error) {
            lost = true;
        }

        @Override
        public void onLost(boolean inOrder) {
            lost = true;
        }

        @Override
        public void onClosed(Connection connection, Optional<AmqpError> error) {
            lost = true;
        }
    }

    @BeforeEach
    void attach() {
        attach(1);
    }

    private void attach(long seed) {
        pair = new EnginePair(new Random(seed), SETTINGS, new Client(), SETTINGS, new Server());
        pair.quiesce();
        assertThat(sender.attached()).isTrue();
    }

    private void send(int count) {
        for (int n = 0; n < count; n++) {
            byte[] tag = {(byte) sender.sent()};
            sender.send(tag, 0, OutgoingMessage.untouched(new byte[10]), false, tag);
        }
    }

    @Test
    void shouldGiveNoOtherCreditThanWasGranted() {
        receiver.grant(3, false);
        pair.quiesce();
        assertThat(sender.credit()).isEqualTo(3);

        send(2);
        pair.quiesce();
        came.forEach(delivery -> delivery.passOn("elsewhere"));
        came.forEach(delivery -> delivery.tell(DeliveryState.Accepted.INSTANCE, true));
        pair.quiesce();

        assertThat(sender.credit()).isEqualTo(1);
        assertThat(receiver.credit()).isEqualTo(1);
        receiver.grant(10, false);
        pair.quiesce();
        assertThat(sender.credit()).isEqualTo(10);
    }

    @Test
    void shouldTakeWhatWasUnderWayWhenCreditWasTakenBack() {
        int underWay = 0;
        for (int seed = 0; seed < 50; seed++) {
            attach(seed);
            came.clear();
            receiver.grant(5, false);
            pair.quiesce();
            send(3);
            while (pair.client.hasOutput()) {
                pair.step();
            }
            underWay += 3 - came.size();

            receiver.grant(0, false);
            pair.quiesce();

            assertThat(came).hasSize(3);
            assertThat(sender.credit()).isZero();
            assertThat(lost).isFalse();
            receiver.grant(2, false);
            pair.quiesce();
            assertThat(sender.credit()).isEqualTo(2);
        }
        assertThat(underWay).isPositive();
    }

    @Test
    void shouldHearOfCreditThatTheSenderGivesBack() {
        receiver.grant(5, true);
        pair.quiesce();
        assertThat(sender.drain()).isTrue();
        send(2);

        sender.drained();
        pair.quiesce();

        assertThat(came).hasSize(2);
        assertThat(givenBack).isEqualTo(1);
        assertThat(receiver.credit()).isZero();
        receiver.grant(1, false);
        pair.quiesce();
        assertThat(sender.credit()).isEqualTo(1);
        assertThat(sender.drain()).isFalse();
    }

    @Test
    void shouldTakeWhatWasUnderWayHoweverOftenMuchCreditWasTakenBack() {
        int underWay = 0;
        for (int seed = 0; seed < 50; seed++) {
            attach(seed);
            came.clear();
            receiver.grant(Integer.MAX_VALUE, false);
            pair.quiesce();
            send(1);
            while (pair.client.hasOutput()) {
                pair.step();
            }
            underWay += 1 - came.size();
            for (int n = 0; n < 3; n++) {
                receiver.grant(0, false);
                receiver.grant(Integer.MAX_VALUE, false);
            }
            receiver.grant(0, false);
            pair.quiesce();

            assertThat(came).hasSize(1);
            assertThat(lost).isFalse();
        }
        assertThat(underWay).isPositive();
    }

    @Test
    void shouldGoOnCountingAsTheSenderWhenCreditIsTakenBackThatItGivesBack() {
        receiver.grant(5, true);
        pair.quiesce();
        sender.drained();

        receiver.grant(0, false);
        pair.quiesce();

        receiver.grant(2, false);
        pair.quiesce();
        assertThat(sender.credit()).isEqualTo(2);
        send(2);
        pair.quiesce();
        assertThat(came).hasSize(2);
        assertThat(lost).isFalse();
    }

    /** AMQP 1.0 §2.7.5: an aborted delivery has used credit. */
    @Test
    void shouldHearOfCreditThatWasUsedForADeliveryThatIsAborted() {
        receiver.grant(2, false);
        pair.quiesce();
        sender.resumeAborted(new byte[] {1}, "aborted");
        pair.quiesce();

        assertThat(came).isEmpty();
        assertThat(givenBack).isEqualTo(1);
        assertThat(receiver.credit()).isEqualTo(1);
        receiver.grant(2, false);
        pair.quiesce();
        assertThat(sender.credit()).isEqualTo(2);
    }

    @Test
    void shouldHearOfADrainThatEndsWithADeliveryThatIsAbortedWhenItIsOver() {
        receiver.grant(2, true);
        pair.quiesce();
        sender.resumeAborted(new byte[] {1}, "aborted");
        pair.quiesce();
        assertThat(givenBack).isZero();

        sender.resumeAborted(new byte[] {2}, "aborted");
        pair.quiesce();

        assertThat(givenBack).isEqualTo(1);
        assertThat(receiver.credit()).isZero();
    }

    @Test
    void shouldHearAtTheEndOfADrainOfADeliveryThatWasAbortedDuringIt() {
        receiver.grant(2, true);
        pair.quiesce();
        sender.resumeAborted(new byte[] {1}, "aborted");
        send(1);
        pair.quiesce();

        assertThat(came).hasSize(1);
        assertThat(givenBack).isEqualTo(1);
        assertThat(receiver.credit()).isZero();
    }

    @Test
    void shouldHearOnceOfADrainOfWhichTheFirstAnswerCrossesMoreCredit() {
        receiver.grant(5, true);
        pair.quiesce();
        receiver.grant(8, true);
        sender.drained();
        pair.quiesce();
        assertThat(givenBack).isZero();

        sender.drained();
        pair.quiesce();

        assertThat(givenBack).isEqualTo(1);
        assertThat(receiver.credit()).isZero();
        assertThat(sender.credit()).isZero();
    }

    /** AMQP 1.0 §2.6.12: with receiver-settle-mode second the sender settles first. */
    @Test
    void shouldTellStatesAsTheyAreAndHearThatTheSenderHasSettled() {
        receiver.grant(1, false);
        pair.quiesce();
        send(1);
        pair.quiesce();
        IncomingDelivery delivery = came.get(0);
        assertThat(delivery.passOn("elsewhere")).hasSize(10);
        assertThat(delivery.payload()).isEmpty();

        delivery.tell(new DeliveryState.Received(0, 5), false);
        pair.quiesce();
        assertThat(settledBySender).isEmpty();
        delivery.tell(DeliveryState.Released.INSTANCE, false);
        pair.quiesce();

        assertThat(heard).containsExactly(new DeliveryState.Received(0, 5), DeliveryState.Released.INSTANCE);
        assertThat(settledBySender).containsExactly(delivery);
        assertThat(delivery.context()).isEqualTo("elsewhere");
        assertThat(receiver.unsettled()).isEmpty();
    }
}

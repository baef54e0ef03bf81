package io.sterna.broker.interop;

import static io.sterna.broker.interop.ProtonClient.byHand;
import static io.sterna.broker.interop.ProtonClient.receive;
import static io.sterna.broker.interop.ProtonClient.sendNumbered;
import static io.sterna.broker.interop.ProtonClient.uniqueAddress;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sterna.broker.testing.BrokerExtension;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.qpid.protonj2.client.Connection;
import org.apache.qpid.protonj2.client.Delivery;
import org.apache.qpid.protonj2.client.DeliveryMode;
import org.apache.qpid.protonj2.client.DeliveryState;
import org.apache.qpid.protonj2.client.Message;
import org.apache.qpid.protonj2.client.Receiver;
import org.apache.qpid.protonj2.client.ReceiverOptions;
import org.apache.qpid.protonj2.client.Sender;
import org.apache.qpid.protonj2.client.SenderOptions;
import org.apache.qpid.protonj2.client.Tracker;
import org.apache.qpid.protonj2.client.exceptions.ClientException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The outcomes of AMQP 1.0 §3.4, and who settles when (§2.6.12). */
@Timeout(60)
class ProtonOutcomeTest {
    @RegisterExtension
    static final BrokerExtension BROKER = BrokerExtension.withSettings();

    @RegisterExtension
    final ProtonClient client = new ProtonClient(BROKER);

    private Connection connection;
    private String address;

    @BeforeEach
    void connect() throws ClientException {
        connection = client.connect();
        address = uniqueAddress();
    }

    private Receiver receiver() throws ClientException {
        return connection.openReceiver(address, byHand());
    }

    private void assertEmpty() throws ClientException {
        try (Receiver receiver = receiver()) {
            assertDrainsEmpty(receiver);
        }
    }

    /** Nothing is there for this receiver: its credit is drained without a delivery. */
    private static void assertDrainsEmpty(Receiver receiver) throws ClientException {
        receiver.addCredit(1);
        ProtonCreditTest.drain(receiver);
        assertThat(receiver.tryReceive()).isNull();
    }

    /** §2.6.12: the receiver gives its outcome unsettled, the broker settles, and only then the receiver forgets. */
    @Test
    void shouldSettleWhenReceiverAcceptsWithoutSettling() throws ClientException {
        sendNumbered(connection, address, 1);
        try (Receiver receiver = receiver()) {
            receiver.addCredit(1);
            Delivery delivery = receive(receiver);
            delivery.disposition(DeliveryState.accepted(), false);

            await().until(delivery::remoteSettled);
            delivery.settle();
        }

        assertEmpty();
    }

    /** A state that is no outcome yet leaves the delivery with the receiver. */
    @Test
    void shouldReturnMessageWhenReceiverGoesAwayWithoutOutcome() throws ClientException {
        sendNumbered(connection, address, 2);
        try (Receiver receiver = receiver()) {
            receiver.addCredit(2);
            receive(receiver).accept();
            receive(receiver);
        }

        Receiver receiver = receiver();
        receiver.addCredit(1);
        assertThat(receive(receiver).accept().message().body()).isEqualTo("1");
        assertDrainsEmpty(receiver);
    }

    /** §3.4.4: released is not counted. */
    @Test
    void shouldDeliverAgainUncountedWhenReleased() throws ClientException {
        sendNumbered(connection, address, 2);
        Receiver receiver = receiver();
        receiver.addCredit(1);
        receive(receiver).release();
        receiver.addCredit(2);

        Delivery again = receive(receiver);

        assertThat(again.message().body()).isEqualTo("0");
        assertThat(again.message().deliveryCount()).isZero();
        assertThat(receive(receiver).message().body()).isEqualTo("1");
    }

    /** §3.2.1: first-acquirer is false once another link has had the message. */
    @Test
    void shouldClearFirstAcquirerWhenMessageWasAcquiredBefore() throws ClientException {
        try (Sender sender = connection.openSender(address)) {
            sender.send(Message.create("x").firstAcquirer(true)).awaitAccepted();
        }
        Receiver receiver = receiver();
        receiver.addCredit(1);
        receive(receiver).release();
        receiver.addCredit(1);

        assertThat(receive(receiver).message().firstAcquirer()).isFalse();
    }

    /** §3.4.5: delivery-failed counts. */
    @Test
    void shouldCountDeliveryWhenModifiedWithDeliveryFailed() throws ClientException {
        sendNumbered(connection, address, 1);
        Receiver receiver = receiver();
        for (int failures = 0; failures < 4; failures++) {
            receiver.addCredit(1);
            Delivery delivery = receive(receiver);
            assertThat(delivery.message().deliveryCount()).isEqualTo(failures);
            delivery.modified(true, false);
        }
        receiver.addCredit(1);
        Delivery last = receive(receiver);
        assertThat(last.message().deliveryCount()).isEqualTo(4);
        assertThat(last.message().durable()).isTrue();
        last.modified(false, false);
        receiver.addCredit(1);
        assertThat(receive(receiver).message().deliveryCount()).isEqualTo(4);
    }

    /** §3.4.5: undeliverable-here must not go to the same link again; another link gets it. */
    @Test
    void shouldDeliverElsewhereWhenModifiedAsUndeliverableHere() throws ClientException {
        sendNumbered(connection, address, 2);
        Receiver here = receiver();
        here.addCredit(1);
        receive(here).modified(true, true);
        here.addCredit(2);
        assertThat(receive(here).message().body()).isEqualTo("1");
        ProtonCreditTest.drain(here);
        assertThat(here.tryReceive()).isNull();

        Receiver elsewhere = receiver();
        elsewhere.addCredit(1);
        Delivery delivery = receive(elsewhere);
        assertThat(delivery.message().body()).isEqualTo("0");
        assertThat(delivery.message().deliveryCount()).isOne();
    }

    /** §3.4.5: message-annotations of the outcome are merged into the message's. */
    @Test
    void shouldMergeAnnotationsWhenModifiedBringsSome() throws ClientException {
        try (Sender sender = connection.openSender(address)) {
            sender.send(Message.create("x").annotation("x-opt-old", 1).annotation("x-opt-changed", 1))
                    .awaitAccepted();
        }
        Receiver receiver = receiver();
        receiver.addCredit(1);
        receive(receiver)
                .disposition(DeliveryState.modified(true, false, Map.of("x-opt-changed", 2, "x-opt-new", "why")), true);
        receiver.addCredit(1);

        Message<?> message = receive(receiver).message();

        assertThat(message.annotation("x-opt-old")).isEqualTo(1);
        assertThat(message.annotation("x-opt-changed")).isEqualTo(2);
        assertThat(message.annotation("x-opt-new")).isEqualTo("why");
    }

    /** §3.4.3: a rejected message does not come back to the queue. */
    @Test
    void shouldNotDeliverAgainWhenRejected() throws ClientException {
        sendNumbered(connection, address, 2);
        Receiver receiver = receiver();
        receiver.addCredit(1);
        receive(receiver).reject("app:bad", "cannot be read");
        receiver.addCredit(1);

        assertThat(receive(receiver).accept().message().body()).isEqualTo("1");
        assertDrainsEmpty(receiver);
    }

    /** Dead letters wait below the queue, with the reason as annotations. */
    @Test
    void shouldMoveToDeadLetterQueueWhenRejected() throws ClientException {
        sendNumbered(connection, address, 1);
        Receiver receiver = receiver();
        receiver.addCredit(1);
        receive(receiver).reject("app:bad", "cannot be read");

        Receiver deadLetters = connection.openReceiver(address + "/$deadletterqueue", byHand());
        deadLetters.addCredit(1);
        Delivery dead = receive(deadLetters);

        assertThat(dead.message().body()).isEqualTo("0");
        assertThat(dead.message().durable()).isTrue();
        assertThat(dead.message().annotation("x-opt-deadletter-reason")).isEqualTo("app:bad");
        assertThat(dead.message().annotation("x-opt-deadletter-description")).isEqualTo("cannot be read");
        assertThat(dead.message().annotation("x-opt-deadletter-source")).isEqualTo(address);
        dead.accept();
    }

    /** §3.5.3: what has no outcome goes back; a receiver that is closed in order has not failed. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldReturnUncountedWhenLinkIsClosedInOrderWithUnsettledDeliveries(boolean deliveryFailed)
            throws ClientException {
        sendNumbered(connection, address, 1);
        ReceiverOptions options = byHand();
        options.sourceOptions()
                .defaultOutcome(deliveryFailed ? DeliveryState.modified(true, false) : DeliveryState.released());
        try (Receiver receiver = connection.openReceiver(address, options)) {
            receiver.addCredit(1);
            receive(receiver);
        }

        Receiver receiver = receiver();
        receiver.addCredit(1);
        assertThat(receive(receiver).message().deliveryCount()).isZero();
    }

    /** Settled sending (§2.6.12, at most once): the broker takes it without an answer. */
    @Test
    void shouldTakeMessageWhenItWasSentSettled() throws ClientException {
        try (Sender sender =
                connection.openSender(address, new SenderOptions().deliveryMode(DeliveryMode.AT_MOST_ONCE))) {
            Tracker tracker = sender.send(Message.create("settled"));
            assertThat(tracker.settled()).isTrue();
        }

        Receiver receiver = receiver();
        receiver.addCredit(1);
        assertThat(receive(receiver).accept().message().body()).isEqualTo("settled");
    }

    /** Settled delivery: the message is gone once it is sent. */
    @Test
    void shouldSendSettledWhenReceiverAsksForIt() throws ClientException {
        sendNumbered(connection, address, 1);
        try (Receiver receiver = connection.openReceiver(address, byHand().deliveryMode(DeliveryMode.AT_MOST_ONCE))) {
            receiver.addCredit(1);
            assertThat(receive(receiver).remoteSettled()).isTrue();
        }

        assertEmpty();
    }

    /** The broker's own outcome is accepted and settled (§3.4.2), for each of many in flight. */
    @Test
    void shouldAcceptAndSettleEachWhenManyAreInFlight() throws Exception {
        try (Sender sender = connection.openSender(address)) {
            Tracker[] trackers = new Tracker[1_000];
            for (int n = 0; n < trackers.length; n++) {
                trackers[n] = sender.send(Message.create(Integer.toString(n)).durable(n % 2 == 0));
            }
            for (Tracker tracker : trackers) {
                tracker.settlementFuture().get(ProtonClient.PATIENCE_SECONDS, TimeUnit.SECONDS);
                assertThat(tracker.remoteState().isAccepted()).isTrue();
                assertThat(tracker.remoteSettled()).isTrue();
            }
        }
        try (Receiver receiver = connection.openReceiver(address)) {
            for (int n = 0; n < 1_000; n++) {
                assertThat(receive(receiver).message().body()).isEqualTo(Integer.toString(n));
            }
        }
    }
}

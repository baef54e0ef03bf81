package io.sterna.broker.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.amqp.codec.DecodeException;
import io.sterna.amqp.message.MessageSections;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.UnsignedLong;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Modified;
import org.apache.qpid.proton.amqp.messaging.Received;
import org.apache.qpid.proton.amqp.messaging.Rejected;
import org.apache.qpid.proton.amqp.messaging.Released;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.TerminusExpiryPolicy;
import org.apache.qpid.proton.amqp.transaction.TransactionalState;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Close;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.apache.qpid.proton.amqp.transport.End;
import org.apache.qpid.proton.amqp.transport.ErrorCondition;
import org.apache.qpid.proton.amqp.transport.ReceiverSettleMode;
import org.apache.qpid.proton.amqp.transport.SenderSettleMode;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of deliveries (AMQP 1.0 §3.4), also when link, connection or power are lost. */
class OutcomeTest {
    private static final String DEAD_LETTERS = "/$deadletterqueue";
    private static final ErrorCondition BROKEN = new ErrorCondition(Symbol.valueOf("app:broken"), "out of order");

    private final Simulation broker = new Simulation(3);
    private String address;
    private Peer peer;

    @BeforeEach
    void connect() {
        address = broker.addressOn(0, "q");
        peer = broker.connect(1);
        peer.send(address, 9);
        broker.settle();
    }

    private void publish(int from, int to) {
        for (int number = from; number <= to; number++) {
            peer.transfer(9, number, TestMessages.durable(number));
        }
        broker.settle();
    }

    private Peer consume(String from) {
        return consume(Peer.receiver("consumer", 0, Peer.source(from)));
    }

    private Peer consume(Attach attach) {
        Peer consumer = broker.connect(1);
        consumer.say(attach);
        consumer.flow(0, 0, 100, false);
        broker.settle();
        return consumer;
    }

    private static Modified modified(boolean failed, boolean elsewhere, Map<?, ?> annotations) {
        Modified modified = new Modified();
        modified.setDeliveryFailed(failed);
        modified.setUndeliverableHere(elsewhere);
        modified.setMessageAnnotations(annotations.isEmpty() ? null : annotations);
        return modified;
    }

    private static Rejected rejected() {
        ErrorCondition error = new ErrorCondition(Symbol.valueOf("app:bad"), "cannot be read");
        Rejected rejected = new Rejected();
        rejected.setError(error);
        return rejected;
    }

    private static MessageSections sections(byte[] message) {
        try {
            return MessageSections.scan(message);
        } catch (DecodeException e) {
            throw new AssertionError(e);
        }
    }

    private static String text(byte[] message) {
        return new String(message, StandardCharsets.ISO_8859_1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldMoveToTheDeadLettersOnceWhenRejected(boolean crash) {
        publish(0, 1);
        Peer consumer = consume(address);
        consumer.dispose(0, 0, true, rejected());
        consumer.dispose(1, 1, true, Accepted.getInstance());
        broker.settle();
        if (crash) {
            broker.crashAndRestart();
        }

        Peer deadLetters = consume(address + DEAD_LETTERS);

        assertThat(deadLetters.numbers()).containsExactly(0);
        byte[] message = deadLetters.messages().get(0);
        assertThat(text(message))
                .contains("x-opt-deadletter-reason", "app:bad")
                .contains("x-opt-deadletter-description", "cannot be read")
                .contains("x-opt-deadletter-source", address);
        assertThat(sections(message).deliveryCount()).isEqualTo(1);
        assertThat(sections(message).durable()).isTrue();
        assertThat(consume(address).numbers()).isEmpty();
    }

    /** The move is one record: at any instant the message is in one of the two queues. */
    @Test
    void shouldHaveTheMessageInOneQueueWhenTheMoveIsCutShort() {
        publish(0, 0);
        Peer consumer = consume(address);
        broker.store().holdBack();
        consumer.dispose(0, 0, true, rejected());
        broker.settle();
        broker.crashAndRestart();

        assertThat(consume(address).numbers()).containsExactly(0);
        assertThat(consume(address + DEAD_LETTERS).numbers()).isEmpty();
    }

    @Test
    void shouldKeepADeadLetterWhenItIsRejectedAgain() {
        publish(0, 0);
        consume(address).dispose(0, 0, true, rejected());
        broker.settle();
        Peer first = consume(address + DEAD_LETTERS);
        first.dispose(0, 0, true, rejected());
        broker.settle();
        assertThat(first.numbers()).containsExactly(0);

        Source source = Peer.source(address + DEAD_LETTERS);
        source.setDefaultOutcome(rejected());
        Peer second = consume(Peer.receiver("consumer", 0, source));
        second.cut();
        broker.settle();

        assertThat(consume(address + DEAD_LETTERS).numbers()).containsExactly(0);
    }

    @Test
    void shouldKeepCountAndAnnotationsOverARestartWhenModified() {
        publish(0, 0);
        Peer consumer = consume(address);
        consumer.dispose(0, 0, true, modified(true, false, Map.of(Symbol.valueOf("x-opt-why"), "busy")));
        broker.settle();
        consumer.dispose(1, 1, true, modified(true, false, Map.of(Symbol.valueOf("x-opt-who"), "me")));
        broker.settle();
        broker.crashAndRestart();

        byte[] message = consume(address).messages().get(0);

        assertThat(sections(message).deliveryCount()).isEqualTo(2);
        assertThat(text(message)).contains("x-opt-why", "busy", "x-opt-who", "me");
    }

    @Test
    void shouldDeliverElsewhereWhenUndeliverableHere() {
        publish(0, 0);
        Peer here = consume(address);
        here.dispose(0, 0, true, modified(false, true, Map.of()));
        broker.settle();
        assertThat(here.numbers()).containsExactly(0);

        assertThat(consume(address).numbers()).containsExactly(0);
    }

    /** An annotation that no message can carry is the consumer's error, not the queue's. */
    @Test
    void shouldDetachWhenTheAnnotationsOfModifiedAreNotWellFormed() {
        publish(0, 0);
        Object deep = 1;
        for (int depth = 0; depth < 200; depth++) {
            deep = List.of(deep);
        }
        Peer consumer = consume(address);
        consumer.dispose(0, 0, true, modified(false, false, Map.of(Symbol.valueOf("x-opt-deep"), deep)));
        broker.settle();

        assertThat(broker.partitions().problem()).isEmpty();
        assertThat(consume(address).numbers()).containsExactly(0);
    }

    /** §3.5.3: the default outcome. An orderly goodbye is no failed attempt: docs/decisions/0005. */
    @ParameterizedTest
    @CsvSource({
        "detach, 0",
        "close link, 0",
        "end session, 0",
        "close connection, 0",
        "detach with an error, 1",
        "end with an error, 1",
        "close with an error, 1",
        "cut, 1"
    })
    void shouldCountAFailedAttemptOnlyWhenTheConsumerIsLost(String how, int failedAttempts) {
        publish(0, 2);
        Source source = Peer.source(address);
        source.setDefaultOutcome(modified(true, false, Map.of()));
        source.setExpiryPolicy(TerminusExpiryPolicy.LINK_DETACH); // So that a detach ends it, and nothing is resumed.
        Peer consumer = consume(Peer.receiver("consumer", 0, source));
        consumer.dispose(1, 1, true, Accepted.getInstance());
        switch (how) {
            case "detach" -> consumer.detach(0, false);
            case "close link" -> consumer.detach(0, true);
            case "end session" -> consumer.say(new End());
            case "close connection" -> consumer.close();
            case "detach with an error" -> {
                Detach detach = new Detach();
                detach.setHandle(UnsignedInteger.ZERO);
                detach.setError(BROKEN);
                consumer.say(detach);
            }
            case "end with an error" -> {
                End end = new End();
                end.setError(BROKEN);
                consumer.say(end);
            }
            case "close with an error" -> {
                Close close = new Close();
                close.setError(BROKEN);
                consumer.say(close);
            }
            default -> consumer.cut();
        }
        broker.settle();

        Peer next = consume(address);

        assertThat(next.numbers()).containsExactly(0, 2);
        assertThat(next.messages()).allMatch(message -> sections(message).deliveryCount() == failedAttempts);
    }

    @Test
    void shouldReturnUncountedWhenThereIsNoDefaultOutcome() {
        publish(0, 0);
        consume(address).cut();
        broker.settle();

        assertThat(sections(consume(address).messages().get(0)).deliveryCount()).isZero();
    }

    /** Whoever attaches after the detach was answered finds everything in its place. */
    @Test
    void shouldHaveReturnedEverythingWhenADetachIsAnswered() {
        for (int seed = 0; seed < 200; seed++) {
            Simulation other = new Simulation(seed);
            String queue = other.addressOn(0, "q");
            Peer client = other.connect(1);
            client.send(queue, 9);
            other.settle();
            client.receive(queue, 0);
            client.flow(0, 0, 2, false);
            for (int number = 0; number < 6; number++) {
                client.transfer(9, number, TestMessages.durable(number));
            }
            other.settle();
            client.detach(0, true);
            while (client.heard(Detach.class).isEmpty()) {
                assertThat(other.step()).isTrue();
            }
            Peer next = other.connect(0);
            next.receive(queue, 0);
            next.flow(0, 0, 10, false);
            other.settle();

            assertThat(next.numbers()).as("seed %d", seed).containsExactly(0, 1, 2, 3, 4, 5);
        }
    }

    /** §3.4.1: received is not the end, unless the receiver has settled. */
    @Test
    void shouldKeepTheDeliveryWhenAStateIsNoOutcome() {
        publish(0, 0);
        Received received = new Received();
        received.setSectionNumber(UnsignedInteger.ZERO);
        received.setSectionOffset(UnsignedLong.ZERO);
        Peer consumer = consume(address);
        consumer.dispose(0, 0, false, received);
        broker.settle();
        assertThat(broker.partitions().totals().unsettled()).isEqualTo(1);

        consumer.flow(0, 1, 0, false);
        consumer.dispose(0, 0, true, received);
        broker.settle();

        assertThat(broker.partitions().totals().unsettled()).isZero();
        assertThat(consume(address).numbers()).containsExactly(0);
    }

    @Test
    void shouldDetachWhenADispositionNamesATransaction() {
        publish(0, 0);
        TransactionalState state = new TransactionalState();
        state.setTxnId(new Binary(new byte[] {1}));
        state.setOutcome(Accepted.getInstance());
        Peer consumer = consume(address);
        consumer.dispose(0, 0, false, state);
        broker.settle();

        assertThat(consumer.last(Detach.class).getError().getCondition().toString())
                .isEqualTo("amqp:transaction:unknown-id");
        assertThat(consume(address).numbers()).containsExactly(0);
    }

    /** §2.6.12: we settle only what can't be lost any more. */
    @ParameterizedTest
    @ValueSource(strings = {"accepted", "rejected", "modified", "released"})
    void shouldSettleOnlyOnceTheOutcomeIsDurableWhenTheReceiverSettlesSecond(String name) {
        DeliveryState outcome =
                switch (name) {
                    case "accepted" -> Accepted.getInstance();
                    case "rejected" -> rejected();
                    case "modified" -> modified(true, true, Map.of());
                    default -> Released.getInstance();
                };
        publish(0, 0);
        Attach attach = Peer.receiver("consumer", 0, Peer.source(address));
        attach.setRcvSettleMode(ReceiverSettleMode.SECOND);
        Peer consumer = consume(attach);
        consumer.flow(0, 1, 0, false);
        broker.settle();
        broker.store().holdBack();
        consumer.dispose(0, 0, false, outcome);
        broker.settle();
        // Released changes nothing that is stored.
        assertThat(consumer.heard(Disposition.class)).hasSize(name.equals("released") ? 1 : 0);

        broker.store().release();
        broker.settle();

        assertThat(consumer.last(Disposition.class).getSettled()).isTrue();
        assertThat(consumer.last(Disposition.class).getState().getClass()).isEqualTo(outcome.getClass());
    }

    /** A client that was answered may forget what it has acknowledged: it does not come back, whatever happens to us. */
    @Test
    void shouldAnswerDetachEndAndCloseWhenWhatWasSettledIsDurable() {
        Detach detach = new Detach();
        detach.setHandle(UnsignedInteger.ZERO);
        detach.setClosed(true);
        for (Object goodbye : List.of(detach, new End(), new Close())) {
            publish(0, 0);
            Peer consumer = consume(address);
            broker.store().holdBack();
            consumer.dispose(0, 0, true, Accepted.getInstance());
            consumer.say(goodbye);
            broker.settle();
            assertThat(consumer.heard(goodbye.getClass())).isEmpty();

            broker.store().release();
            broker.settle();

            assertThat(consumer.heard(goodbye.getClass())).hasSize(1);
        }
    }

    /** Settled sending loses what was written, not what never left. */
    @Test
    void shouldLoseNothingThatWasNotSentWhenASettledReceiverTakesItsCreditBack() {
        for (int seed = 0; seed < 200; seed++) {
            Simulation other = new Simulation(seed);
            String queue = other.addressOn(0, "q");
            Peer producer = other.connect(0);
            producer.send(queue, 9);
            Attach attach = Peer.receiver("consumer", 0, Peer.source(queue));
            attach.setSndSettleMode(SenderSettleMode.SETTLED);
            Peer consumer = other.connect(1);
            consumer.say(attach);
            consumer.flow(0, 0, 10, false);
            other.settle();
            for (int number = 0; number < 10; number++) {
                producer.transfer(9, number, TestMessages.volatileOne(number));
            }
            consumer.flow(0, 0, 0, false);
            other.settle();
            consumer.flow(0, consumer.numbers().size(), 10, false);
            other.settle();

            assertThat(consumer.numbers()).as("seed %d", seed).hasSize(10).doesNotHaveDuplicates();
        }
    }
}

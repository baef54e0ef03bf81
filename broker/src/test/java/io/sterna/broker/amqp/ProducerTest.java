package io.sterna.broker.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.messaging.Rejected;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.apache.qpid.proton.amqp.transport.ErrorCondition;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a producer hears of its messages, and when. */
class ProducerTest {
    private final Simulation broker = new Simulation(1, "queues.auto-create=q.#", "amqp.max-message-size=2 KiB");
    private String address;
    private Peer peer;

    @BeforeEach
    void connect() {
        address = broker.addressOn(0, "q.");
        peer = broker.connect(1);
        peer.send(address, 0);
        broker.settle();
    }

    private Peer consume(String from) {
        return broker.consumer(0, from, 1_000);
    }

    private ErrorCondition rejection() {
        return ((Rejected) peer.last(Disposition.class).getState()).getError();
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1})
    void shouldAcceptOnlyWhenTheMessageIsDurable(int loop) {
        peer = broker.connect(loop);
        peer.send(address, 0);
        broker.settle();
        broker.store().holdBack();
        peer.transfer(0, 0, TestMessages.durable(7));
        broker.settle();
        assertThat(peer.accepted()).isEmpty();

        broker.store().release();
        broker.settle();

        assertThat(peer.accepted()).containsExactly(0);
    }

    @Test
    void shouldKeepTheOrderWhenDurableAndVolatileMessagesMix() {
        broker.store().holdBack();
        peer.transfer(0, 0, TestMessages.durable(0));
        peer.transfer(0, 1, TestMessages.volatileOne(1));
        peer.transfer(0, 2, TestMessages.durable(2));
        peer.transfer(0, 3, TestMessages.volatileOne(3));
        broker.settle();
        Peer consumer = consume(address);
        assertThat(peer.accepted()).isEmpty();
        assertThat(consumer.numbers()).isEmpty();

        broker.store().release();
        broker.settle();

        assertThat(peer.accepted()).containsExactly(0, 1, 2, 3);
        assertThat(consumer.numbers()).containsExactly(0, 1, 2, 3);
    }

    @Test
    void shouldKeepTheOrderWhenTheFirstMessageOfAnAnonymousProducerCreatesTheQueue() {
        peer.say(Peer.sender("anonymous", 1, ""));
        broker.settle();
        String created = broker.addressOn(0, "q.new");
        for (int number = 0; number < 10; number++) {
            peer.say(Peer.transfer(1, number, false), TestMessages.message(number, number % 3 == 0, created, 0));
        }
        broker.settle();

        assertThat(consume(created).numbers()).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    }

    @Test
    void shouldAcceptNothingWhenTheStoreHasFailed() {
        broker.store().holdBack();
        peer.transfer(0, 0, TestMessages.durable(0));
        broker.settle();

        broker.store().fail("disk full");
        peer.transfer(0, 1, TestMessages.durable(1));
        peer.transfer(0, 2, TestMessages.volatileOne(2));
        broker.settle();

        assertThat(peer.accepted()).isEmpty();
        assertThat(broker.partitions().problem()).contains("the store has failed: disk full");
    }

    /** AMQP 1.0 §2.8.11: the broker does not look into other formats, and keeps them as they are. */
    @Test
    void shouldKeepTheBytesWhenTheMessageFormatIsNotZero() {
        Transfer transfer = Peer.transfer(0, 0, false);
        transfer.setMessageFormat(UnsignedInteger.valueOf(0x80001234));
        byte[] message = {1, 2, 3, 4, 0, 0, 0, 9};
        peer.say(transfer, message);
        broker.settle();
        broker.crashAndRestart();

        Peer consumer = consume(address);

        assertThat(consumer.messages()).containsExactly(message);
        assertThat(consumer.last(Transfer.class).getMessageFormat()).isEqualTo(UnsignedInteger.valueOf(0x80001234));
    }

    @Test
    void shouldRejectWhenTheMessageIsMalformed() {
        peer.transfer(0, 0, new byte[] {0x00, 0x53, 0x70, (byte) 0xc0, 0x7f});
        broker.settle();

        assertThat(rejection().getCondition().toString()).isEqualTo("amqp:decode-error");
        assertThat(peer.heard(Detach.class)).isEmpty();
    }

    /** §2.7.3: max-message-size. */
    @Test
    void shouldDetachWhenTheMessageIsLargerThanAnnounced() {
        peer.transfer(0, 0, TestMessages.message(0, true, "", 2_100));
        broker.settle();

        assertThat(peer.last(Attach.class).getMaxMessageSize().longValue()).isEqualTo(2048);
        assertThat(peer.last(Detach.class).getError().getCondition().toString())
                .isEqualTo("amqp:link:message-size-exceeded");
    }

    /** §2.6.13: there is nothing that could be resumed. */
    @Test
    void shouldPassOverADeliveryThatIsResumed() {
        Transfer transfer = Peer.transfer(0, 0, false);
        transfer.setResume(true);
        peer.say(transfer, TestMessages.durable(0));
        peer.transfer(0, 1, TestMessages.durable(1));
        broker.settle();

        assertThat(peer.accepted()).containsExactly(1);
        assertThat(consume(address).numbers()).containsExactly(1);
    }

    @Test
    void shouldRouteByToWhenTheTargetIsAnonymous() {
        peer.say(Peer.sender("anonymous", 1, ""));
        broker.settle();
        String other = broker.addressOn(1, "q.other");
        peer.say(Peer.transfer(1, 0, false), TestMessages.message(1, true, address, 0));
        peer.say(Peer.transfer(1, 1, false), TestMessages.message(2, true, other, 0));
        broker.settle();

        assertThat(peer.accepted()).containsExactlyInAnyOrder(0, 1);
        assertThat(consume(address).numbers()).containsExactly(1);
        assertThat(consume(other).numbers()).containsExactly(2);
    }

    @Test
    void shouldRejectWhenAnAnonymousMessageNamesNoTarget() {
        peer.say(Peer.sender("anonymous", 1, ""));
        broker.settle();
        peer.transfer(1, 0, TestMessages.durable(0));
        broker.settle();

        assertThat(rejection().getCondition().toString()).isEqualTo("amqp:invalid-field");
        assertThat(rejection().getDescription()).contains("'to'");
    }

    @ParameterizedTest
    @ValueSource(strings = {"elsewhere", "$other", "q/$deadletterqueue/$deadletterqueue"})
    void shouldRejectWhenAnAnonymousMessageCannotBeRouted(String to) {
        peer.say(Peer.sender("anonymous", 1, ""));
        broker.settle();
        peer.say(Peer.transfer(1, 0, false), TestMessages.message(0, true, to, 0));
        broker.settle();

        assertThat(rejection().getCondition().toString()).isEqualTo("amqp:not-found");
        assertThat(rejection().getDescription()).contains(to);
        assertThat(peer.heard(Detach.class)).isEmpty();
    }

    /**
     * Anonymous Terminus 1.0 §2.2.2: who has settled, or knows no rejected, hears of it by a detach, whose error has the
     * delivery-tag in its info.
     */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldDetachWhenNobodyWouldHearOfTheRejection(boolean settled) {
        Attach attach = Peer.sender("anonymous", 1, "");
        if (!settled) {
            Source source = new Source();
            source.setOutcomes(Symbol.valueOf("amqp:accepted:list"));
            attach.setSource(source);
        }
        peer.say(attach);
        broker.settle();
        peer.say(Peer.transfer(1, 0, settled), TestMessages.message(0, true, "elsewhere", 0));
        broker.settle();

        ErrorCondition error = peer.last(Detach.class).getError();
        assertThat(error.getCondition().toString()).isEqualTo("amqp:not-found");
        assertThat(error.getInfo().get(Symbol.valueOf("delivery-tag")))
                .isEqualTo(Peer.transfer(1, 0, settled).getDeliveryTag());
        assertThat(peer.last(Detach.class).getClosed()).isTrue();
    }

    @Test
    void shouldStoreWhatWasOnItsWayWhenTheProducerIsLost() {
        broker.store().holdBack();
        peer.transfer(0, 0, TestMessages.durable(5));
        peer.cut();
        broker.settle();
        broker.store().release();
        broker.settle();

        assertThat(consume(address).numbers()).containsExactly(5);
        assertThat(broker.partitions().problem()).isEmpty();
    }

    @Test
    void shouldTakeManySmallMessagesOrFewLargeOnesAtATime() {
        assertThat(peer.last(Flow.class).getLinkCredit().intValue()).isEqualTo(2);
        peer.transfer(0, 0, TestMessages.durable(0));
        broker.settle();

        assertThat(peer.last(Flow.class).getLinkCredit().intValue()).isGreaterThan(1_000);

        ProducerWindow window = new ProducerWindow();
        assertThat(window.onMessage(100)).isTrue();
        assertThat(window.onMessage(20 << 20)).isTrue();
        assertThat(window.deliveries()).isEqualTo(2);
        List.of(1, 2, 3, 4).forEach(unused -> window.onMessage(256 << 10));
        assertThat(window.deliveries()).isEqualTo(2);
    }
}

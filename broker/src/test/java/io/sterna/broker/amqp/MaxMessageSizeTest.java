package io.sterna.broker.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.function.Consumer;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedLong;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.junit.jupiter.api.Test;

/**
 * What a receiver says of the messages that it takes (AMQP 1.0 §2.7.3, max-message-size): a larger one would end its link
 * again and again, so that it is not sent, uses no credit, and stays for others.
 */
class MaxMessageSizeTest {
    private static final int MAX_BYTES = 500;

    private final Simulation broker = new Simulation(1);
    private final String queue = broker.addressOn(0, "q");
    private final Peer producer = broker.connect(1);
    private final Peer consumer = broker.connect(1);
    private int published;

    private void publish(byte[] message) {
        if (published == 0) {
            producer.send(queue, 0);
            broker.settle();
        }
        producer.transfer(0, published++, message);
        broker.settle();
    }

    private void publishSmall(int number) {
        publish(TestMessages.durable(number));
    }

    private void publishLarge(int number) {
        publish(TestMessages.message(number, true, "", 2 * MAX_BYTES));
    }

    private void receive(Peer peer, Consumer<Attach> change) {
        Attach attach = Peer.receiver("limited", 0, Peer.source(queue));
        attach.setMaxMessageSize(UnsignedLong.valueOf(MAX_BYTES));
        change.accept(attach);
        peer.say(attach);
        broker.settle();
    }

    @Test
    void shouldLeaveAMessageToOthersWhenItIsLargerThanTheReceiverTakes() {
        publishSmall(0);
        publishLarge(1);
        publishSmall(2);
        receive(consumer, attach -> {});
        consumer.flow(0, 0, 10, false);
        broker.settle();
        assertThat(consumer.numbers()).containsExactly(0, 2);

        Peer other = broker.connect(0);
        other.receive(queue, 0);
        other.flow(0, 0, 10, false);
        broker.settle();
        assertThat(other.numbers()).containsExactly(1);
    }

    @Test
    void shouldUseTheLastCreditForAnotherWhenTheFirstMessageIsTooLarge() {
        publishLarge(0);
        publishLarge(1);
        publishSmall(2);
        publishSmall(3);
        receive(consumer, attach -> {});
        consumer.flow(0, 0, 1, false);
        broker.settle();
        assertThat(consumer.numbers()).containsExactly(2);

        consumer.dispose(0, 0, true, Accepted.getInstance());
        consumer.flow(0, 1, 1, false);
        broker.settle();
        assertThat(consumer.numbers()).containsExactly(2, 3);
    }

    @Test
    void shouldAnswerADrainWhenAllThatThereIsIsTooLarge() {
        publishLarge(0);
        publishLarge(1);
        receive(consumer, attach -> {});
        consumer.flow(0, 0, 3, true);
        broker.settle();
        Flow answer = consumer.last(Flow.class);
        assertThat(answer.getLinkCredit().intValue()).isZero();
        assertThat(answer.getDeliveryCount().intValue()).isEqualTo(3);

        publishSmall(2);
        consumer.flow(0, 3, 1, false);
        broker.settle();
        assertThat(consumer.numbers()).containsExactly(2);
    }

    @Test
    void shouldSendAMessageThatIsAsLargeAsTheReceiverTakes() {
        byte[] message = TestMessages.message(0, true, "", MAX_BYTES);
        publish(message);
        receive(consumer, attach -> attach.setMaxMessageSize(UnsignedLong.valueOf(message.length)));
        consumer.flow(0, 0, 1, false);
        broker.settle();
        assertThat(consumer.numbers()).containsExactly(0);
    }

    @Test
    void shouldSendEveryMessageWhenZeroIsSaid() {
        publishLarge(0);
        receive(consumer, attach -> attach.setMaxMessageSize(UnsignedLong.ZERO));
        consumer.flow(0, 0, 1, false);
        broker.settle();
        assertThat(consumer.numbers()).containsExactly(0);
    }

    @Test
    void shouldPassOverALargeMessageWhenTheReceiverBrowses() {
        publishLarge(0);
        publishSmall(1);
        receive(consumer, attach -> ((Source) attach.getSource()).setDistributionMode(Symbol.valueOf("copy")));
        consumer.flow(0, 0, 5, true);
        broker.settle();
        assertThat(consumer.numbers()).containsExactly(1);
        assertThat(consumer.last(Flow.class).getLinkCredit().intValue()).isZero();
    }

    @Test
    void shouldKeepTheMessageUncountedWhenItWasTooLargeForAReceiver() {
        publishLarge(0);
        receive(consumer, attach -> {});
        consumer.flow(0, 0, 1, false);
        broker.settle();
        consumer.close();
        broker.settle();

        Peer other = broker.connect(0);
        other.receive(queue, 0);
        other.flow(0, 0, 1, false);
        broker.settle();
        assertThat(other.messages()).containsExactly(TestMessages.message(0, true, "", 2 * MAX_BYTES));
    }
}

package io.sterna.broker.jms;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.broker.testing.BrokerExtension;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Delivery delay and time to live, Jakarta Messaging 3.1 §7.8 and §7.9. */
@Timeout(120)
class JmsTimeTest {
    private static final long DELAY_MILLIS = 1_500;

    @RegisterExtension
    static final BrokerExtension BROKER = BrokerExtension.shared();

    @RegisterExtension
    final Jms jms = new Jms(BROKER);

    private static void send(Session session, MessageProducer producer, String text) throws JMSException {
        producer.send(session.createTextMessage(text));
    }

    /** §7.9: not delivered until the delivery delay has passed; §3.4.13: JMSDeliveryTime. */
    @ParameterizedTest
    @ValueSource(ints = {DeliveryMode.PERSISTENT, DeliveryMode.NON_PERSISTENT})
    void shouldNotDeliverBeforeTheDelayHasPassed(int deliveryMode) throws JMSException {
        Session session = jms.session(Session.AUTO_ACKNOWLEDGE);
        Queue queue = Jms.uniqueQueue(session);
        MessageConsumer consumer = session.createConsumer(queue);
        MessageProducer producer = session.createProducer(queue);
        producer.setDeliveryMode(deliveryMode);
        producer.setDeliveryDelay(DELAY_MILLIS);
        TextMessage message = session.createTextMessage("late");
        producer.send(message);

        Jms.assertNothing(consumer);
        Message received = Jms.receive(consumer);

        assertThat(System.currentTimeMillis()).isGreaterThanOrEqualTo(message.getJMSDeliveryTime());
        assertThat(received.getJMSDeliveryTime()).isEqualTo(message.getJMSDeliveryTime());
        assertThat(received.getJMSRedelivered()).isFalse();
    }

    /** §7.9: messages without a delay are not held up by those with one. */
    @Test
    void shouldOvertakeDelayedMessagesWhenSentWithoutDelay() throws JMSException {
        Session session = jms.session(Session.AUTO_ACKNOWLEDGE);
        Queue queue = Jms.uniqueQueue(session);
        MessageProducer producer = session.createProducer(queue);
        producer.setDeliveryDelay(DELAY_MILLIS);
        send(session, producer, "late");
        producer.setDeliveryDelay(0);
        send(session, producer, "now");

        assertThat(Jms.receiveTexts(session.createConsumer(queue), 2)).containsExactly("now", "late");
    }

    /** §6.2.9.2: among messages of the same delivery time the order of sending holds. */
    @Test
    void shouldKeepTheOrderOfDelayedMessages() throws JMSException {
        Session session = jms.session(Session.AUTO_ACKNOWLEDGE);
        Queue queue = Jms.uniqueQueue(session);
        MessageProducer producer = session.createProducer(queue);
        producer.setDeliveryDelay(DELAY_MILLIS);
        for (int number = 0; number < 20; number++) {
            send(session, producer, Integer.toString(number));
        }

        List<String> texts = Jms.receiveTexts(session.createConsumer(queue), 20);

        assertThat(texts).extracting(Integer::valueOf).isSorted().hasSize(20);
    }

    /** §7.9: on a topic, too, and for subscriptions that are there when the message is sent. */
    @Test
    void shouldDelayMessagesOfATopic() throws JMSException {
        Session session = jms.session(Session.AUTO_ACKNOWLEDGE);
        Topic topic = Jms.uniqueTopic(session);
        MessageConsumer consumer = session.createConsumer(topic);
        MessageProducer producer = session.createProducer(topic);
        producer.setDeliveryDelay(DELAY_MILLIS);
        send(session, producer, "late");

        Jms.assertNothing(consumer);
        assertThat(Jms.receiveText(consumer)).isEqualTo("late");
    }

    /** §7.8: clients should not receive messages that have expired. */
    @ParameterizedTest
    @ValueSource(strings = {"jms.localMessageExpiry=true", "jms.localMessageExpiry=false"})
    void shouldNotDeliverWhenExpired(String option) throws JMSException {
        Session session = jms.session(Session.AUTO_ACKNOWLEDGE, option);
        Queue queue = Jms.uniqueQueue(session);
        MessageProducer producer = session.createProducer(queue);
        producer.setTimeToLive(1);
        send(session, producer, "gone");
        producer.setTimeToLive(600_000);
        send(session, producer, "there");

        MessageConsumer consumer = session.createConsumer(queue);

        assertThat(Jms.receiveText(consumer)).isEqualTo("there");
        Jms.assertNothing(consumer);
    }

    /** §7.8: zero is for ever. */
    @Test
    void shouldDeliverWhenTheTimeToLiveIsZero() throws JMSException {
        Session session = jms.session(Session.AUTO_ACKNOWLEDGE);
        Queue queue = Jms.uniqueQueue(session);
        MessageProducer producer = session.createProducer(queue);
        producer.setTimeToLive(0);
        send(session, producer, "there");

        Message received = Jms.receive(session.createConsumer(queue));

        assertThat(received.getJMSExpiration()).isZero();
    }

    /** §3.4.9 with §3.4.13: the expiration is counted from the sending, not from the delivery time. */
    @Test
    void shouldExpireBeforeTheDeliveryTime() throws JMSException {
        Session session = jms.session(Session.AUTO_ACKNOWLEDGE, "jms.localMessageExpiry=false");
        Queue queue = Jms.uniqueQueue(session);
        MessageProducer producer = session.createProducer(queue);
        producer.setTimeToLive(100);
        producer.setDeliveryDelay(DELAY_MILLIS);
        send(session, producer, "never");
        producer.setTimeToLive(0);
        send(session, producer, "late");

        MessageConsumer consumer = session.createConsumer(queue);

        assertThat(Jms.receiveText(consumer)).isEqualTo("late");
        Jms.assertNothing(consumer);
    }
}

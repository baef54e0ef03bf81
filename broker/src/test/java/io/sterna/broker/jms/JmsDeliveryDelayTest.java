package io.sterna.broker.jms;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.broker.testing.BrokerExtension;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Delivery delay (Jakarta Messaging 3.1 §7.9 and §3.4.13). */
@Timeout(60)
class JmsDeliveryDelayTest {
    @RegisterExtension
    static final BrokerExtension BROKER = BrokerExtension.shared();

    @RegisterExtension
    final Jms jms = new Jms(BROKER);

    private Session session;
    private Queue queue;
    private MessageProducer producer;
    private MessageConsumer consumer;

    @BeforeEach
    void openSession() throws JMSException {
        session = jms.session(Session.AUTO_ACKNOWLEDGE);
        queue = Jms.uniqueQueue(session);
        producer = session.createProducer(queue);
        consumer = session.createConsumer(queue);
    }

    /** §7.9: a message with a delay arrives when its time has come, not before. */
    @Test
    void shouldDeliverDelayedMessageWhenItsTimeHasCome() throws JMSException {
        producer.setDeliveryDelay(1_000);
        Message delayed = session.createTextMessage("delayed");
        producer.send(delayed);
        producer.setDeliveryDelay(0);
        producer.send(session.createTextMessage("at once"));

        assertThat(Jms.receiveText(consumer)).isEqualTo("at once");
        Message received = Jms.receive(consumer);

        assertThat(((TextMessage) received).getText()).isEqualTo("delayed");
        assertThat(System.currentTimeMillis()).isGreaterThanOrEqualTo(delayed.getJMSDeliveryTime());
        assertThat(received.getJMSDeliveryTime()).isEqualTo(delayed.getJMSDeliveryTime());
        assertThat(delayed.getJMSDeliveryTime()).isEqualTo(delayed.getJMSTimestamp() + 1_000);
    }

    /** §7.9, with a topic: who is subscribed when it is sent gets it when its time has come. */
    @Test
    void shouldDeliverDelayedMessageToSubscription() throws JMSException {
        Topic topic = Jms.uniqueTopic(session);
        MessageConsumer subscriber = session.createConsumer(topic);
        MessageProducer publisher = session.createProducer(topic);
        publisher.setDeliveryDelay(500);
        Message delayed = session.createTextMessage("delayed");

        publisher.send(delayed);

        assertThat(Jms.receiveText(subscriber)).isEqualTo("delayed");
        assertThat(System.currentTimeMillis()).isGreaterThanOrEqualTo(delayed.getJMSDeliveryTime());
    }

    /** §7.9: in a transaction the delay counts from the send; nothing comes before the commit. */
    @Test
    void shouldDeliverDelayedMessageWhenItsTransactionIsCommitted() throws JMSException {
        Session transacted = jms.session(Session.SESSION_TRANSACTED);
        MessageProducer delaying = transacted.createProducer(queue);
        delaying.setDeliveryDelay(200);
        delaying.send(transacted.createTextMessage("delayed"));
        Jms.assertNothing(consumer);

        transacted.commit();

        assertThat(Jms.receiveText(consumer)).isEqualTo("delayed");
    }

    /** §7.8 with §7.9: a message that expires before its delivery time never comes. */
    @Test
    void shouldNotDeliverWhenItExpiresBeforeItsTime() throws JMSException {
        producer.setDeliveryDelay(300);
        producer.setTimeToLive(100);
        try {
            producer.send(session.createTextMessage("never"));
        } catch (JMSException refused) {
            assertThat(refused).hasMessageMatching("(?s).+");
        }
        producer.setTimeToLive(0);
        producer.send(session.createTextMessage("comes"));

        assertThat(Jms.receiveText(consumer)).isEqualTo("comes");
    }

    /** §7.9 in the simplified API. */
    @Test
    void shouldDelayDeliveryWithContext() throws JMSException {
        JMSContext context = jms.context(JMSContext.AUTO_ACKNOWLEDGE);
        context.createProducer().setDeliveryDelay(300).send(queue, "delayed");

        Message received = Jms.receive(consumer);

        assertThat(received.getJMSDeliveryTime()).isLessThanOrEqualTo(System.currentTimeMillis());
    }
}

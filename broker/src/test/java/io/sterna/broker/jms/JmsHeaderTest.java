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
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The message headers (Jakarta Messaging 3.1 §3.4) reach the consumer as the producer's provider set them. */
@Timeout(60)
class JmsHeaderTest {
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

    private Message passed(Message sent) throws JMSException {
        producer.send(sent);
        return Jms.receive(consumer);
    }

    /** §3.4.11: destination, delivery mode, message id, timestamp, expiration and priority are set by send. */
    @Test
    void shouldCarryHeadersOfSendWhenNothingWasChosen() throws JMSException {
        Message sent = session.createTextMessage("x");

        Message received = passed(sent);

        assertThat(received.getJMSDestination()).isEqualTo(queue);
        assertThat(received.getJMSMessageID()).startsWith("ID:").isEqualTo(sent.getJMSMessageID());
        assertThat(received.getJMSTimestamp()).isPositive().isEqualTo(sent.getJMSTimestamp());
        assertThat(received.getJMSDeliveryMode()).isEqualTo(DeliveryMode.PERSISTENT);
        assertThat(received.getJMSPriority()).isEqualTo(Message.DEFAULT_PRIORITY);
        assertThat(received.getJMSExpiration()).isZero();
        assertThat(received.getJMSRedelivered()).isFalse();
        assertThat(received.getJMSCorrelationID()).isNull();
        assertThat(received.getJMSReplyTo()).isNull();
        assertThat(received.getJMSType()).isNull();
        assertThat(received.getIntProperty("JMSXDeliveryCount")).isOne();
    }

    /** §3.4.10: ten priorities, carried as the producer gave them. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5, 6, 7, 8, 9})
    void shouldCarryPriorityWhenProducerChoseIt(int priority) throws JMSException {
        producer.setPriority(priority);

        assertThat(passed(session.createMessage()).getJMSPriority()).isEqualTo(priority);
    }

    /** §3.4.2 and §3.4.9. */
    @Test
    void shouldCarryDeliveryModeAndExpirationWhenProducerChoseThem() throws JMSException {
        producer.setDeliveryMode(DeliveryMode.NON_PERSISTENT);
        producer.setTimeToLive(3_600_000);
        Message sent = session.createMessage();

        Message received = passed(sent);

        assertThat(received.getJMSDeliveryMode()).isEqualTo(DeliveryMode.NON_PERSISTENT);
        assertThat(received.getJMSExpiration())
                .isEqualTo(sent.getJMSTimestamp() + 3_600_000)
                .isEqualTo(sent.getJMSExpiration());
    }

    /** §3.4.13: without a delay the delivery time is that of sending. */
    @Test
    void shouldCarryDeliveryTimeWhenThereIsNoDelay() throws JMSException {
        Message sent = session.createMessage();

        assertThat(passed(sent).getJMSDeliveryTime()).isEqualTo(sent.getJMSTimestamp());
    }

    /** §3.4.5: a message id of a provider, an application's own string, or bytes. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "order 17",
                "ID:host-1-2-3",
                "ID:AMQP_ULONG:18446744073709551615",
                "ID:AMQP_UUID:6e2c3c1e-4c0c-4a53-93d6-111111111111",
                "ID:AMQP_BINARY:00FF10",
                "ключ"
            })
    void shouldCarryCorrelationIdWhenItHasAnyForm(String correlationId) throws JMSException {
        Message sent = session.createMessage();
        sent.setJMSCorrelationID(correlationId);

        assertThat(passed(sent).getJMSCorrelationID()).isEqualTo(correlationId);
    }

    @Test
    void shouldCarryCorrelationIdWhenItIsBytes() throws JMSException {
        Message sent = session.createMessage();
        sent.setJMSCorrelationIDAsBytes(new byte[] {0, -1, 42});

        assertThat(passed(sent).getJMSCorrelationIDAsBytes()).containsExactly(0, -1, 42);
    }

    /** §3.4.6 and §3.4.8. */
    @Test
    void shouldCarryReplyToAndTypeWhenTheyWereSet() throws JMSException {
        Queue replyTo = Jms.uniqueQueue(session);
        Message sent = session.createMessage();
        sent.setJMSReplyTo(replyTo);
        sent.setJMSType("Bestätigung");

        Message received = passed(sent);

        assertThat(received.getJMSReplyTo()).isInstanceOf(Queue.class).isEqualTo(replyTo);
        assertThat(received.getJMSType()).isEqualTo("Bestätigung");
    }

    @Test
    void shouldCarryReplyToWhenItIsATopic() throws JMSException {
        Message sent = session.createMessage();
        sent.setJMSReplyTo(session.createTopic("answers"));

        assertThat(passed(sent).getJMSReplyTo()).isEqualTo(session.createTopic("answers"));
    }

    /** §3.4.3 and §3.4.4: a producer may leave out the id and the timestamp. */
    @Test
    void shouldArriveWithoutIdAndTimestampWhenProducerDisabledThem() throws JMSException {
        producer.setDisableMessageID(true);
        producer.setDisableMessageTimestamp(true);

        Message received = passed(session.createMessage());

        assertThat(received.getJMSMessageID()).isNull();
        assertThat(received.getJMSTimestamp()).isZero();
    }

    /** Two messages of one producer never share an id (§3.4.3). */
    @Test
    void shouldCarryDistinctIdsWhenOneMessageIsSentTwice() throws JMSException {
        Message sent = session.createMessage();
        String first = passed(sent).getJMSMessageID();

        assertThat(passed(sent).getJMSMessageID()).isNotEqualTo(first);
    }

    /** §3.4.1: a received message forwarded elsewhere takes its new destination. */
    @Test
    void shouldCarryNewDestinationWhenReceivedMessageIsForwarded() throws JMSException {
        Queue other = Jms.uniqueQueue(session);
        Message received = passed(session.createTextMessage("forward"));
        try (MessageProducer forward = session.createProducer(other);
                MessageConsumer last = session.createConsumer(other)) {
            forward.send(received);

            assertThat(Jms.receive(last).getJMSDestination()).isEqualTo(other);
        }
    }
}

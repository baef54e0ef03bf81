package io.sterna.broker.jms;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sterna.broker.testing.BrokerExtension;
import jakarta.jms.Connection;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.Topic;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What Qpid JMS makes of refusals that no other class here has: {@code docs/refusals.md} lists all of them. Each says why,
 * and leaves the session as it was.
 */
@Tag("sterna")
@Timeout(60)
class JmsRefusalTest {
    @RegisterExtension
    static final BrokerExtension BROKER = BrokerExtension.withSettings();

    @RegisterExtension
    final Jms jms = new Jms(BROKER);

    // amqp:not-found
    @ParameterizedTest
    @ValueSource(strings = {"$system", "a/$deadletterqueue/$deadletterqueue"})
    void shouldThrowInvalidDestinationWhenTheAddressCannotBe(String address) throws JMSException {
        Session session = jms.session(Session.AUTO_ACKNOWLEDGE);
        Message message = session.createMessage();
        MessageProducer anonymous = session.createProducer(null);

        assertThatThrownBy(() -> session.createConsumer(session.createQueue(address)))
                .isInstanceOf(InvalidDestinationException.class)
                .hasMessageContaining("no node can have the address");
        assertThatThrownBy(() -> session.createProducer(session.createQueue(address)))
                .isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> anonymous.send(session.createQueue(address), message))
                .isInstanceOf(InvalidDestinationException.class);
        assertStillWorks(session);
    }

    // amqp:invalid-field
    @ParameterizedTest
    @ValueSource(strings = {"?consumer-priority=high", "?consumer.exclusive=yes"})
    void shouldThrowWhenAnOptionOfTheConsumerIsOfNoUse(String option) throws JMSException {
        Session session = jms.session(Session.AUTO_ACKNOWLEDGE);
        String name = Jms.uniqueQueue(session).getQueueName();

        assertThatThrownBy(() -> session.createConsumer(session.createQueue(name + option)))
                .isInstanceOf(JMSException.class)
                .hasMessageContaining("of a consumer is");
        assertStillWorks(session);
    }

    // amqp:invalid-field
    @Test
    void shouldThrowWhenTheNameOfASubscriptionIsTooLong() throws JMSException {
        Connection connection = jms.connectAs(Jms.uniqueName("client"));
        Session session = connection.createSession();
        Topic topic = Jms.uniqueTopic(session);

        assertThatThrownBy(() -> session.createDurableConsumer(topic, "s".repeat(1024)))
                .isInstanceOf(JMSException.class)
                .hasMessageContaining("too long together");
        assertStillWorks(session);
    }

    // amqp:not-found: what the client checks by itself, the broker checks too
    @Test
    void shouldThrowInvalidDestinationWhenATemporaryTopicIsSubscribedToForGood() throws JMSException {
        Connection connection = jms.connectAs(Jms.uniqueName("client"));
        Session session = connection.createSession();
        Topic byName = session.createTopic(session.createTemporaryTopic().getTopicName());

        assertThatThrownBy(() -> session.createDurableConsumer(byName, "s"))
                .isInstanceOf(InvalidDestinationException.class)
                .hasMessageContaining("temporary topic");
        assertStillWorks(session);
    }

    // amqp:resource-deleted
    @Test
    void shouldThrowWhenTheQueueOfAProducerIsDeleted() throws JMSException {
        Session owner = jms.session(Session.AUTO_ACKNOWLEDGE);
        TemporaryQueue queue = owner.createTemporaryQueue();
        Session other = jms.session(Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer = other.createProducer(queue);
        Message message = other.createMessage();
        queue.delete();

        assertThatThrownBy(() -> producer.send(message)).isInstanceOf(JMSException.class);
        assertStillWorks(other);
    }

    private static void assertStillWorks(Session session) throws JMSException {
        Queue queue = Jms.uniqueQueue(session);
        session.createProducer(queue).send(session.createMessage());
        Jms.receive(session.createConsumer(queue));
    }
}

package io.sterna.broker.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sterna.broker.testing.BrokerExtension;
import jakarta.jms.Connection;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.QueueConnection;
import jakarta.jms.QueueRequestor;
import jakarta.jms.QueueSession;
import jakarta.jms.Session;
import jakarta.jms.TemporaryQueue;
import jakarta.jms.TemporaryTopic;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import jakarta.jms.TopicConnection;
import jakarta.jms.TopicRequestor;
import jakarta.jms.TopicSession;
import java.util.Locale;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Queues and topics that live with their connection (Jakarta Messaging 3.1 §4.1.5, §4.2.7, §6.2.2). */
@Timeout(60)
class JmsTemporaryDestinationTest {
    @RegisterExtension
    static final BrokerExtension BROKER = BrokerExtension.shared();

    @RegisterExtension
    final Jms jms = new Jms(BROKER);

    /** §4.1.5: a unique queue, made for a connection. */
    @Test
    void shouldDeliverWhenAnyoneSendsToATemporaryQueue() throws JMSException {
        Session own = jms.session(Session.AUTO_ACKNOWLEDGE);
        TemporaryQueue queue = own.createTemporaryQueue();
        TemporaryQueue other = own.createTemporaryQueue();
        assertThat(queue.getQueueName()).isNotEqualTo(other.getQueueName());
        MessageConsumer consumer = own.createConsumer(queue);
        Session foreign = jms.session(Session.AUTO_ACKNOWLEDGE);

        Jms.sendNumbered(foreign, queue, 3);
        foreign.createProducer(null).send(queue, foreign.createTextMessage("anonymous"));

        assertThat(Jms.receiveNumbers(consumer, 3)).containsExactly(0, 1, 2);
        Message last = Jms.receive(consumer);
        assertThat(last.getBody(String.class)).isEqualTo("anonymous");
        assertThat(last.getJMSDestination()).isEqualTo(queue);
    }

    /** §4.2.7: a unique topic, made for a connection. */
    @Test
    void shouldDeliverToEverySubscriberWhenSomebodyPublishesToATemporaryTopic() throws JMSException {
        Session own = jms.session(Session.AUTO_ACKNOWLEDGE);
        TemporaryTopic topic = own.createTemporaryTopic();
        MessageConsumer one = own.createConsumer(topic);
        MessageConsumer two = own.createConsumer(topic);

        Jms.sendNumbered(jms.session(Session.AUTO_ACKNOWLEDGE), topic, 3);

        assertThat(Jms.receiveNumbers(one, 3)).containsExactly(0, 1, 2);
        assertThat(Jms.receiveNumbers(two, 3)).containsExactly(0, 1, 2);
    }

    /** §2.16: the usual form of request and reply. */
    @Test
    void shouldAnswerWhenReplyToIsATemporaryQueue() throws JMSException {
        Session serving = jms.session(Session.AUTO_ACKNOWLEDGE);
        Queue requests = Jms.uniqueQueue(serving);
        answerInUpperCase(serving, serving.createConsumer(requests));
        QueueConnection connection = jms.factory().createQueueConnection();
        jms.keep(connection);
        connection.start();
        QueueSession session = connection.createQueueSession(false, Session.AUTO_ACKNOWLEDGE);
        QueueRequestor requestor = new QueueRequestor(session, requests);

        for (String word : new String[] {"one", "two", "three"}) {
            TextMessage answer = (TextMessage) requestor.request(session.createTextMessage(word));
            assertThat(answer.getText()).isEqualTo(word.toUpperCase(Locale.ROOT));
            assertThat(answer.getJMSDestination()).isInstanceOf(TemporaryQueue.class);
        }
        requestor.close();
    }

    /** §4.2.10: the same with topics. */
    @Test
    void shouldAnswerWhenReplyToIsATemporaryTopic() throws JMSException {
        Session serving = jms.session(Session.AUTO_ACKNOWLEDGE);
        Topic requests = Jms.uniqueTopic(serving);
        answerInUpperCase(serving, serving.createConsumer(requests));
        TopicConnection connection = jms.factory().createTopicConnection();
        jms.keep(connection);
        connection.start();
        TopicSession session = connection.createTopicSession(false, Session.AUTO_ACKNOWLEDGE);
        TopicRequestor requestor = new TopicRequestor(session, requests);

        TextMessage answer = (TextMessage) requestor.request(session.createTextMessage("one"));

        assertThat(answer.getText()).isEqualTo("ONE");
        requestor.close();
    }

    private static void answerInUpperCase(Session session, MessageConsumer requests) throws JMSException {
        MessageProducer answering = session.createProducer(null);
        requests.setMessageListener(request -> {
            try {
                TextMessage answer = session.createTextMessage(
                        ((TextMessage) request).getText().toUpperCase(Locale.ROOT));
                answering.send(request.getJMSReplyTo(), answer);
            } catch (JMSException e) {
                throw new AssertionError(e);
            }
        });
    }

    /** §6.2.2: only sessions of the connection that made it receive from it. */
    @Test
    void shouldThrowWhenAnotherConnectionReceivesFromATemporaryQueue() throws JMSException {
        TemporaryQueue queue = jms.session(Session.AUTO_ACKNOWLEDGE).createTemporaryQueue();
        Session foreign = jms.session(Session.AUTO_ACKNOWLEDGE);

        assertThatThrownBy(() -> foreign.createConsumer(queue)).isInstanceOf(InvalidDestinationException.class);
        // What the client checks by itself, the broker checks too: amqp:resource-locked.
        Queue byName = foreign.createQueue(queue.getQueueName());
        assertThatThrownBy(() -> foreign.createConsumer(byName))
                .isInstanceOf(JMSException.class)
                .hasMessageContaining("amqp:resource-locked");
    }

    /** TemporaryQueue.delete: "If there are existing receivers still using it, a JMSException will be thrown". */
    @Test
    void shouldThrowWhenATemporaryQueueInUseIsDeleted() throws JMSException {
        Session session = jms.session(Session.AUTO_ACKNOWLEDGE);
        TemporaryQueue queue = session.createTemporaryQueue();
        MessageConsumer consumer = session.createConsumer(queue);

        assertThatThrownBy(queue::delete).isInstanceOf(JMSException.class);

        consumer.close();
        queue.delete();
    }

    /** §10.3: a temporary queue that was deleted is nowhere, and does not come back as an ordinary one: amqp:not-found. */
    @Test
    void shouldThrowInvalidDestinationWhenTheTemporaryQueueIsDeleted() throws JMSException {
        Session own = jms.session(Session.AUTO_ACKNOWLEDGE);
        TemporaryQueue queue = own.createTemporaryQueue();
        Session foreign = jms.session(Session.AUTO_ACKNOWLEDGE);
        Queue byName = foreign.createQueue(queue.getQueueName());
        MessageProducer before = foreign.createProducer(byName);
        MessageProducer anonymous = foreign.createProducer(null);
        before.send(foreign.createMessage());
        queue.delete();

        assertThatThrownBy(() -> before.send(foreign.createMessage())).isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> anonymous.send(byName, foreign.createMessage()))
                .isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> foreign.createProducer(byName)).isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> foreign.createConsumer(byName)).isInstanceOf(InvalidDestinationException.class);
    }

    /** §6.2.2: its life is that of its connection. */
    @Test
    void shouldBeGoneWhenItsConnectionIsClosed() throws JMSException {
        Connection connection = jms.connect();
        Session own = connection.createSession(Session.AUTO_ACKNOWLEDGE);
        TemporaryQueue queue = own.createTemporaryQueue();
        TemporaryTopic topic = own.createTemporaryTopic();
        Session foreign = jms.session(Session.AUTO_ACKNOWLEDGE);
        Queue queueByName = foreign.createQueue(queue.getQueueName());
        Topic topicByName = foreign.createTopic(topic.getTopicName());
        foreign.createProducer(queueByName).close();
        foreign.createProducer(topicByName).close();
        connection.close();

        Awaitility.await().untilAsserted(() -> {
            assertThatThrownBy(() -> foreign.createProducer(queueByName))
                    .isInstanceOf(InvalidDestinationException.class);
            assertThatThrownBy(() -> foreign.createProducer(topicByName))
                    .isInstanceOf(InvalidDestinationException.class);
        });
    }

    /** §4.2.7: a temporary topic has no durable subscriptions. */
    @Test
    void shouldThrowInvalidDestinationWhenADurableSubscriptionIsToATemporaryTopic() throws JMSException {
        Session session = jms.connectAs("client-temporary").createSession(Session.AUTO_ACKNOWLEDGE);
        TemporaryTopic topic = session.createTemporaryTopic();

        assertThatThrownBy(() -> session.createDurableConsumer(topic, "orders"))
                .isInstanceOf(InvalidDestinationException.class);
    }
}

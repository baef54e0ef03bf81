package io.sterna.broker.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sterna.broker.testing.BrokerExtension;
import jakarta.jms.Connection;
import jakarta.jms.ConnectionConsumer;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.Queue;
import jakarta.jms.QueueConnection;
import jakarta.jms.QueueReceiver;
import jakarta.jms.QueueSender;
import jakarta.jms.QueueSession;
import jakarta.jms.ServerSession;
import jakarta.jms.ServerSessionPool;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import jakarta.jms.TopicConnection;
import jakarta.jms.TopicPublisher;
import jakarta.jms.TopicSession;
import jakarta.jms.TopicSubscriber;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** The legacy domain-specific interfaces (Jakarta Messaging 3.1 §2.9 and §9.2). */
@Timeout(60)
class JmsLegacyApiTest {
    @RegisterExtension
    static final BrokerExtension BROKER = BrokerExtension.shared();

    @RegisterExtension
    final Jms jms = new Jms(BROKER);

    private QueueConnection queueConnection;
    private TopicConnection topicConnection;
    private QueueSession queueSession;
    private TopicSession topicSession;
    private Queue queue;
    private Topic topic;

    @BeforeEach
    void openSessions() throws JMSException {
        queueConnection = jms.factory().createQueueConnection();
        jms.keep(queueConnection).start();
        topicConnection =
                jms.factory("jms.clientID=" + Jms.uniqueName("client")).createTopicConnection();
        jms.keep(topicConnection).start();
        queueSession = queueConnection.createQueueSession(false, Session.AUTO_ACKNOWLEDGE);
        topicSession = topicConnection.createTopicSession(false, Session.AUTO_ACKNOWLEDGE);
        queue = Jms.uniqueQueue(queueSession);
        topic = Jms.uniqueTopic(topicSession);
    }

    @Test
    void shouldPassMessagesFromSenderToReceiver() throws JMSException {
        QueueSender sender = queueSession.createSender(queue);
        QueueReceiver receiver = queueSession.createReceiver(queue);

        sender.send(queueSession.createTextMessage("x"));

        assertThat(Jms.receiveText(receiver)).isEqualTo("x");
        assertThat(sender.getQueue()).isEqualTo(queue);
        assertThat(receiver.getQueue()).isEqualTo(queue);
    }

    @Test
    void shouldSendToQueueNamedWithEachMessage() throws JMSException {
        queueSession.createSender(null).send(queue, queueSession.createTextMessage("x"));

        assertThat(Jms.receiveText(queueSession.createReceiver(queue))).isEqualTo("x");
    }

    @Test
    void shouldSelectWithReceiver() throws JMSException {
        Jms.sendNumbered(queueSession, queue, 3);

        assertThat(Jms.receiveNumbers(queueSession.createReceiver(queue, "n = 1"), 1))
                .containsExactly(1);
    }

    @Test
    void shouldPassMessagesFromPublisherToSubscriber() throws JMSException {
        TopicSubscriber subscriber = topicSession.createSubscriber(topic);
        TopicPublisher publisher = topicSession.createPublisher(topic);

        publisher.publish(topicSession.createTextMessage("x"));

        assertThat(Jms.receiveText(subscriber)).isEqualTo("x");
        assertThat(publisher.getTopic()).isEqualTo(topic);
        assertThat(subscriber.getTopic()).isEqualTo(topic);
        assertThat(subscriber.getNoLocal()).isFalse();
    }

    @Test
    void shouldPublishToTopicNamedWithEachMessage() throws JMSException {
        TopicSubscriber subscriber = topicSession.createSubscriber(topic);

        topicSession.createPublisher(null).publish(topic, topicSession.createTextMessage("x"));

        assertThat(Jms.receiveText(subscriber)).isEqualTo("x");
    }

    @Test
    void shouldHeedSelectorAndNoLocalOfSubscriber() throws JMSException {
        TopicSubscriber subscriber = topicSession.createSubscriber(topic, "n = 1", true);
        assertThat(subscriber.getNoLocal()).isTrue();

        Jms.sendNumbered(topicSession, topic, 3);
        Jms.sendNumbered(jms.session(Session.AUTO_ACKNOWLEDGE), topic, 3);

        assertThat(Jms.receiveNumbers(subscriber, 1)).containsExactly(1);
        Jms.assertNothing(subscriber);
    }

    @Test
    void shouldKeepMessagesOfDurableSubscriber() throws JMSException {
        topicSession.createDurableSubscriber(topic, "s").close();
        topicSession.createPublisher(topic).publish(topicSession.createTextMessage("kept"));

        TopicSubscriber subscriber = topicSession.createDurableSubscriber(topic, "s");

        assertThat(Jms.receiveText(subscriber)).isEqualTo("kept");
        subscriber.close();
        topicSession.unsubscribe("s");
    }

    /** §9.2 and §10.3: methods of the other domain throw an IllegalStateException. */
    @Test
    void shouldRefuseMethodsOfTheOtherDomain() {
        assertThatThrownBy(() -> queueSession.createTopic("t")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> queueSession.createTemporaryTopic()).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> queueSession.createDurableSubscriber(topic, "s"))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> queueSession.createDurableConsumer(topic, "s"))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> queueSession.createSharedConsumer(topic, "s"))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> queueSession.createSharedDurableConsumer(topic, "s"))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> queueSession.unsubscribe("s")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> topicSession.createQueue("q")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> topicSession.createTemporaryQueue()).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> topicSession.createBrowser(queue)).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> queueConnection.createDurableConnectionConsumer(topic, "s", null, null, 1))
                .isInstanceOf(IllegalStateException.class);
    }

    /** §11.2.1, §11.2.4 and §11.2.5: a ConnectionConsumer hands messages to the sessions of a pool, and starts them. */
    @Test
    void shouldFeedConnectionConsumer() throws JMSException {
        Connection connection = jms.connect();
        List<Integer> heard = new CopyOnWriteArrayList<>();
        ConnectionConsumer consumer = connection.createConnectionConsumer(queue, "n >= 5", pool(connection, heard), 5);

        Jms.sendNumbered(queueSession, queue, 20);

        await().atMost(Jms.PATIENCE).until(() -> heard.size() == 15);
        assertThat(heard)
                .containsExactlyInAnyOrderElementsOf(
                        IntStream.range(5, 20).boxed().toList());
        assertThat(consumer.getServerSessionPool()).isNotNull();
        consumer.close();
        assertThat(Jms.receiveNumbers(queueSession.createReceiver(queue), 5)).containsExactly(0, 1, 2, 3, 4);
    }

    /** §11.2, for a durable subscription. */
    @Test
    void shouldFeedDurableConnectionConsumer() throws JMSException {
        Connection connection = jms.connectAs(Jms.uniqueName("client"));
        List<Integer> heard = new CopyOnWriteArrayList<>();
        ConnectionConsumer consumer =
                connection.createDurableConnectionConsumer(topic, "s", null, pool(connection, heard), 5);
        Jms.sendNumbered(topicSession, topic, 10);
        await().atMost(Jms.PATIENCE).until(() -> heard.size() == 10);
        consumer.close();
        Jms.sendNumbered(topicSession, topic, 3);

        assertThat(Jms.receiveNumbers(connection.createSession().createDurableConsumer(topic, "s"), 3))
                .containsExactly(0, 1, 2);
    }

    private static ServerSessionPool pool(Connection connection, List<Integer> heard) throws JMSException {
        Session session = connection.createSession();
        session.setMessageListener(message -> {
            try {
                heard.add(message.getIntProperty("n"));
            } catch (JMSException e) {
                throw new AssertionError(e);
            }
        });
        ServerSession serverSession = new ServerSession() {
            @Override
            public Session getSession() {
                return session;
            }

            @Override
            public void start() {
                session.run();
            }
        };
        return () -> serverSession;
    }
}

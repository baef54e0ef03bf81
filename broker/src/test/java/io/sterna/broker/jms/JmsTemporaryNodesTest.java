package io.sterna.broker.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sterna.broker.testing.BrokerExtension;
import jakarta.jms.Connection;
import jakarta.jms.Destination;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
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
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Temporary queues and topics (Jakarta Messaging 3.1 §4.1.5, §4.2.7 and §6.2.2). */
@Timeout(60)
class JmsTemporaryNodesTest {
    @RegisterExtension
    static final BrokerExtension BROKER = BrokerExtension.shared();

    @RegisterExtension
    final Jms jms = new Jms(BROKER);

    private Connection connection;
    private Session session;

    @BeforeEach
    void openSession() throws JMSException {
        connection = jms.connect();
        session = connection.createSession(Session.AUTO_ACKNOWLEDGE);
    }

    /** §6.2.2: "a unique object created for the duration of a connection". */
    @Test
    void shouldCreateDistinctOnesEachTime() throws JMSException {
        assertThat(session.createTemporaryQueue().getQueueName())
                .isNotEqualTo(session.createTemporaryQueue().getQueueName());
        assertThat(session.createTemporaryTopic().getTopicName())
                .isNotEqualTo(session.createTemporaryTopic().getTopicName());
    }

    @Test
    void shouldPassMessagesThroughTemporaryQueue() throws JMSException {
        TemporaryQueue queue = session.createTemporaryQueue();

        Jms.sendNumbered(session, queue, 10);

        assertThat(Jms.receiveNumbers(session.createConsumer(queue), 10))
                .isEqualTo(IntStream.range(0, 10).boxed().toList());
    }

    @Test
    void shouldPassMessagesThroughTemporaryTopic() throws JMSException {
        TemporaryTopic topic = session.createTemporaryTopic();
        MessageConsumer first = session.createConsumer(topic);
        MessageConsumer second = connection.createSession().createConsumer(topic);

        Jms.send(session, topic, "to both");

        assertThat(Jms.receiveText(first)).isEqualTo("to both");
        assertThat(Jms.receiveText(second)).isEqualTo("to both");
    }

    /** §6.2.2: "only sessions of the connection that created it can create consumers for it" (MessageConsumer). */
    @Test
    void shouldRefuseConsumerOfAnotherConnection() throws JMSException {
        TemporaryQueue queue = session.createTemporaryQueue();
        TemporaryTopic topic = session.createTemporaryTopic();
        Session other = jms.session(Session.AUTO_ACKNOWLEDGE);

        assertThatThrownBy(() -> other.createConsumer(queue)).isInstanceOf(InvalidDestinationException.class);
        assertThatThrownBy(() -> other.createConsumer(topic)).isInstanceOf(InvalidDestinationException.class);
    }

    /** §6.2.2: as a JMSReplyTo, anybody may send to it. */
    @Test
    void shouldTakeMessagesOfAnotherConnectionWhenItIsReplyTo() throws JMSException {
        Queue requests = Jms.uniqueQueue(session);
        TemporaryQueue answers = session.createTemporaryQueue();
        MessageConsumer answered = session.createConsumer(answers);
        TextMessage request = session.createTextMessage("question");
        request.setJMSReplyTo(answers);
        session.createProducer(requests).send(request);

        Session serving = jms.session(Session.AUTO_ACKNOWLEDGE);
        Message received = Jms.receive(serving.createConsumer(requests));
        assertThat(received.getJMSReplyTo()).isInstanceOf(TemporaryQueue.class).isEqualTo(answers);
        Jms.send(serving, received.getJMSReplyTo(), "answer");

        assertThat(Jms.receiveText(answered)).isEqualTo("answer");
    }

    @Test
    void shouldTakeMessagesOfAnotherConnectionWhenTemporaryTopicIsReplyTo() throws JMSException {
        Queue requests = Jms.uniqueQueue(session);
        TemporaryTopic answers = session.createTemporaryTopic();
        MessageConsumer answered = session.createConsumer(answers);
        TextMessage request = session.createTextMessage("question");
        request.setJMSReplyTo(answers);
        session.createProducer(requests).send(request);

        Session serving = jms.session(Session.AUTO_ACKNOWLEDGE);
        Message received = Jms.receive(serving.createConsumer(requests));
        assertThat(received.getJMSReplyTo()).isInstanceOf(TemporaryTopic.class);
        Jms.send(serving, received.getJMSReplyTo(), "answer");

        assertThat(Jms.receiveText(answered)).isEqualTo("answer");
    }

    /** TemporaryQueue.delete: "If there are existing receivers still using it, a JMSException will be thrown." */
    @Test
    void shouldRefuseDeletionWhileConsumerUsesIt() throws JMSException {
        TemporaryQueue queue = session.createTemporaryQueue();
        TemporaryTopic topic = session.createTemporaryTopic();
        MessageConsumer ofQueue = session.createConsumer(queue);
        MessageConsumer ofTopic = session.createConsumer(topic);

        assertThatThrownBy(queue::delete).isInstanceOf(JMSException.class);
        assertThatThrownBy(topic::delete).isInstanceOf(JMSException.class);

        ofQueue.close();
        ofTopic.close();
        queue.delete();
        topic.delete();
    }

    @Test
    void shouldRefuseUseWhenDeleted() throws JMSException {
        TemporaryQueue queue = session.createTemporaryQueue();
        queue.delete();

        assertThatThrownBy(() -> session.createConsumer(queue)).isInstanceOf(JMSException.class);
        assertThatThrownBy(() -> Jms.send(session, queue, "nobody")).isInstanceOf(JMSException.class);
    }

    /** §6.2.2: it goes with its connection; whoever sends to it then is told. */
    @Test
    void shouldBeGoneWhenItsConnectionIsClosed() throws JMSException {
        Connection shortLived = jms.connect();
        TemporaryQueue queue = shortLived.createSession().createTemporaryQueue();
        Session other = jms.session(Session.AUTO_ACKNOWLEDGE);
        Jms.send(other, queue, "in time");

        shortLived.close();

        assertThatThrownBy(() -> Jms.send(other, queue, "too late")).isInstanceOf(JMSException.class);
    }

    /** §6.2.2: its lifetime is the connection's, not the session's. */
    @Test
    void shouldStayWhenSessionThatCreatedItIsClosed() throws JMSException {
        TemporaryQueue queue = session.createTemporaryQueue();
        session.close();
        Session next = connection.createSession(Session.AUTO_ACKNOWLEDGE);

        Jms.send(next, queue, "still there");

        assertThat(Jms.receiveText(next.createConsumer(queue))).isEqualTo("still there");
    }

    @Test
    void shouldWorkWithContext() {
        JMSContext context = jms.context(JMSContext.AUTO_ACKNOWLEDGE);
        TemporaryQueue queue = context.createTemporaryQueue();
        TemporaryTopic topic = context.createTemporaryTopic();
        JMSConsumer ofQueue = context.createConsumer(queue);
        JMSConsumer ofTopic = context.createConsumer(topic);

        context.createProducer().send(queue, "queue").send(topic, "topic");

        assertThat(ofQueue.receiveBody(String.class, Jms.PATIENCE.toMillis())).isEqualTo("queue");
        assertThat(ofTopic.receiveBody(String.class, Jms.PATIENCE.toMillis())).isEqualTo("topic");
    }

    /** Session.createDurableConsumer takes "the non-temporary Topic to subscribe to": a subscription would outlive it. */
    @Test
    void shouldRefuseDurableSubscriptionOfTemporaryTopic() throws JMSException {
        Session own = jms.connectAs(Jms.uniqueName("client")).createSession();
        TemporaryTopic topic = own.createTemporaryTopic();

        assertThatThrownBy(() -> own.createDurableConsumer(topic, "s")).isInstanceOf(InvalidDestinationException.class);
    }

    /** §4.1.7: QueueRequestor does request and reply on a temporary queue. */
    @Test
    void shouldAnswerQueueRequestor() throws Exception {
        QueueConnection requesting = jms.factory().createQueueConnection();
        jms.keep(requesting).start();
        QueueSession requests = requesting.createQueueSession(false, Session.AUTO_ACKNOWLEDGE);
        Queue queue = Jms.uniqueQueue(requests);
        echo(queue);

        QueueRequestor requestor = new QueueRequestor(requests, queue);

        assertThat(((TextMessage) requestor.request(requests.createTextMessage("one"))).getText())
                .isEqualTo("one");
        assertThat(((TextMessage) requestor.request(requests.createTextMessage("two"))).getText())
                .isEqualTo("two");
        requestor.close();
    }

    /** §4.2.10: TopicRequestor does the same with topics. */
    @Test
    void shouldAnswerTopicRequestor() throws Exception {
        TopicConnection requesting = jms.factory().createTopicConnection();
        jms.keep(requesting).start();
        TopicSession requests = requesting.createTopicSession(false, Session.AUTO_ACKNOWLEDGE);
        Topic topic = Jms.uniqueTopic(requests);
        echo(topic);

        TopicRequestor requestor = new TopicRequestor(requests, topic);

        assertThat(((TextMessage) requestor.request(requests.createTextMessage("one"))).getText())
                .isEqualTo("one");
        requestor.close();
    }

    private void echo(Destination destination) throws JMSException {
        Session echoing = jms.session(Session.AUTO_ACKNOWLEDGE);
        MessageProducer answers = echoing.createProducer(null);
        echoing.createConsumer(destination).setMessageListener(request -> {
            try {
                answers.send(request.getJMSReplyTo(), request);
            } catch (JMSException e) {
                throw new AssertionError(e);
            }
        });
    }
}

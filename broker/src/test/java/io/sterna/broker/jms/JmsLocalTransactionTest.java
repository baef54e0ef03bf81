package io.sterna.broker.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;
import static org.hamcrest.Matchers.equalTo;

import io.sterna.broker.testing.BrokerExtension;
import jakarta.jms.BytesMessage;
import jakarta.jms.CompletionListener;
import jakarta.jms.Connection;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.QueueConnection;
import jakarta.jms.QueueSession;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import jakarta.jms.TopicConnection;
import jakarta.jms.TopicSession;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Local transactions (Jakarta Messaging 3.1 §6.2.7). */
@Timeout(60)
class JmsLocalTransactionTest {
    @RegisterExtension
    static final BrokerExtension BROKER = BrokerExtension.shared();

    @RegisterExtension
    final Jms jms = new Jms(BROKER);

    private Session observer;
    private Session transacted;
    private Queue queue;

    @BeforeEach
    void openSessions() throws JMSException {
        observer = jms.session(Session.AUTO_ACKNOWLEDGE);
        transacted = jms.session(Session.SESSION_TRANSACTED);
        queue = Jms.uniqueQueue(observer);
    }

    private static List<Integer> range(int from, int to) {
        return IntStream.range(from, to).boxed().toList();
    }

    /** "When a transaction commits, its atomic unit of input is acknowledged and its associated atomic unit of output is sent." */
    @Test
    void shouldSendOnlyWhenCommitted() throws JMSException {
        MessageConsumer consumer = observer.createConsumer(queue);
        Jms.sendNumbered(transacted, queue, 10);
        Jms.assertNothing(consumer);

        transacted.commit();

        assertThat(Jms.receiveNumbers(consumer, 10)).isEqualTo(range(0, 10));
    }

    /** "If a transaction rollback is done, its produced messages are destroyed and its consumed messages are … recovered." */
    @Test
    void shouldSendNothingWhenRolledBack() throws JMSException {
        Jms.sendNumbered(transacted, queue, 10);

        transacted.rollback();

        Jms.send(transacted, queue, "later");
        transacted.commit();
        MessageConsumer consumer = observer.createConsumer(queue);
        assertThat(Jms.receiveText(consumer)).isEqualTo("later");
        Jms.assertNothing(consumer);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1000})
    void shouldReceiveAgainInOrderWhenRolledBack(int prefetch) throws JMSException {
        Session session = jms.session(Session.SESSION_TRANSACTED, "jms.prefetchPolicy.all=" + prefetch);
        Jms.sendNumbered(observer, queue, 10);
        MessageConsumer consumer = session.createConsumer(queue);
        assertThat(Jms.receiveNumbers(consumer, 5)).isEqualTo(range(0, 5));

        session.rollback();

        Message first = Jms.receive(consumer);
        assertThat(first.getIntProperty("n")).isZero();
        assertThat(first.getJMSRedelivered()).isTrue();
        assertThat(first.getIntProperty("JMSXDeliveryCount")).isEqualTo(2);
        assertThat(Jms.receiveNumbers(consumer, 9)).isEqualTo(range(1, 10));
        session.commit();
        Jms.assertNothing(observer.createConsumer(queue));
    }

    @Test
    void shouldAcknowledgeWhenCommitted() throws JMSException {
        Jms.sendNumbered(observer, queue, 10);
        MessageConsumer consumer = transacted.createConsumer(queue);
        assertThat(Jms.receiveNumbers(consumer, 6)).isEqualTo(range(0, 6));
        transacted.commit();
        transacted.close();

        assertThat(Jms.receiveNumbers(observer.createConsumer(queue), 4)).isEqualTo(range(6, 10));
    }

    /** Consumed and produced messages are one unit. */
    @Test
    void shouldMoveMessagesAsOneUnit() throws JMSException {
        Queue target = Jms.uniqueQueue(observer);
        Jms.sendNumbered(observer, queue, 10);
        MessageConsumer consumer = transacted.createConsumer(queue);
        MessageProducer producer = transacted.createProducer(target);
        MessageConsumer observed = observer.createConsumer(target);

        for (int i = 0; i < 5; i++) {
            producer.send(Jms.receive(consumer));
        }
        Jms.assertNothing(observed);
        transacted.rollback();
        Jms.assertNothing(observed);
        for (int i = 0; i < 5; i++) {
            producer.send(Jms.receive(consumer));
        }
        transacted.commit();

        assertThat(Jms.receiveNumbers(observed, 5)).isEqualTo(range(0, 5));
        Jms.assertNothing(observed);
        transacted.close();
        assertThat(Jms.receiveNumbers(observer.createConsumer(queue), 5)).isEqualTo(range(5, 10));
    }

    /** "The completion of a session's current transaction automatically begins the next transaction." */
    @Test
    void shouldBeginNextTransactionWhenOneEnds() throws JMSException {
        MessageConsumer consumer = observer.createConsumer(queue);
        MessageProducer producer = transacted.createProducer(queue);
        for (int n = 0; n < 20; n++) {
            Message message = transacted.createMessage();
            message.setIntProperty("n", n);
            producer.send(message);
            if (n % 2 == 0) {
                transacted.commit();
            } else {
                transacted.rollback();
            }
        }

        assertThat(Jms.receiveNumbers(consumer, 10))
                .isEqualTo(range(0, 20).stream().filter(n -> n % 2 == 0).toList());
        Jms.assertNothing(consumer);
    }

    /** Many queues and topics in one transaction. */
    @Test
    void shouldCommitToManyDestinationsAtOnce() throws JMSException {
        Topic topic = Jms.uniqueTopic(observer);
        MessageConsumer subscriber = observer.createConsumer(topic);
        List<Queue> queues = new ArrayList<>();
        for (int i = 0; i < 10; i++) {
            queues.add(Jms.uniqueQueue(observer));
            Jms.send(transacted, queues.get(i), "to " + i);
        }
        Jms.send(transacted, topic, "to all");
        Jms.assertNothing(subscriber);

        transacted.commit();

        assertThat(Jms.receiveText(subscriber)).isEqualTo("to all");
        for (int i = 0; i < 10; i++) {
            assertThat(Jms.receiveText(observer.createConsumer(queues.get(i)))).isEqualTo("to " + i);
        }
    }

    /** §6.2.15: "Closing a transacted session must roll back its transaction in progress." */
    @Test
    void shouldRollBackWhenSessionIsClosed() throws JMSException {
        Jms.send(observer, queue, "old");
        assertThat(Jms.receiveText(transacted.createConsumer(queue))).isEqualTo("old");
        Jms.send(transacted, queue, "new");

        transacted.close();

        MessageConsumer consumer = observer.createConsumer(queue);
        Message again = Jms.receive(consumer);
        assertThat(((TextMessage) again).getText()).isEqualTo("old");
        assertThat(again.getJMSRedelivered()).isTrue();
        Jms.assertNothing(consumer);
    }

    /** §6.1.8: "closing a connection must roll back the transactions in progress on its transacted sessions". */
    @Test
    void shouldRollBackWhenConnectionIsClosed() throws JMSException {
        Connection connection = jms.connect();
        Session session = connection.createSession(Session.SESSION_TRANSACTED);
        Jms.send(observer, queue, "old");
        assertThat(Jms.receiveText(session.createConsumer(queue))).isEqualTo("old");
        Jms.send(session, queue, "new");

        connection.close();

        MessageConsumer consumer = observer.createConsumer(queue);
        assertThat(Jms.receiveText(consumer)).isEqualTo("old");
        Jms.assertNothing(consumer);
    }

    /** §8.8: closing a consumer in a transaction leaves what it has consumed in the transaction. */
    @Test
    void shouldKeepConsumedMessagesInTransactionWhenConsumerIsClosed() throws JMSException {
        Jms.sendNumbered(observer, queue, 4);
        MessageConsumer consumer = transacted.createConsumer(queue);
        assertThat(Jms.receiveNumbers(consumer, 2)).containsExactly(0, 1);
        consumer.close();
        assertThat(Jms.receiveNumbers(transacted.createConsumer(queue), 1)).containsExactly(2);

        transacted.commit();
        transacted.close();

        assertThat(Jms.receiveNumbers(observer.createConsumer(queue), 1)).containsExactly(3);
    }

    @Test
    void shouldReturnMessagesOfClosedConsumerWhenRolledBack() throws JMSException {
        Jms.sendNumbered(observer, queue, 4);
        MessageConsumer consumer = transacted.createConsumer(queue);
        assertThat(Jms.receiveNumbers(consumer, 2)).containsExactly(0, 1);
        consumer.close();

        transacted.rollback();

        assertThat(Jms.receiveNumbers(transacted.createConsumer(queue), 4)).containsExactly(0, 1, 2, 3);
        transacted.commit();
    }

    /** Two transacted sessions of one connection know nothing of each other. */
    @Test
    void shouldKeepTransactionsOfSessionsApart() throws JMSException {
        Connection connection = jms.connect();
        Session first = connection.createSession(Session.SESSION_TRANSACTED);
        Session second = connection.createSession(Session.SESSION_TRANSACTED);
        Jms.send(first, queue, "first");
        Jms.send(second, queue, "second");

        first.rollback();
        second.commit();

        MessageConsumer consumer = observer.createConsumer(queue);
        assertThat(Jms.receiveText(consumer)).isEqualTo("second");
        Jms.assertNothing(consumer);
    }

    /** An empty transaction ends as well. */
    @Test
    void shouldCommitAndRollBackWhenNothingWasDone() throws JMSException {
        transacted.commit();
        transacted.rollback();
        transacted.commit();

        assertThat(transacted.getTransacted()).isTrue();
        assertThat(transacted.getAcknowledgeMode()).isEqualTo(Session.SESSION_TRANSACTED);
    }

    /** §10.3, Session.commit and rollback: "IllegalStateException - if the method is not called by a transacted session". */
    @Test
    void shouldRefuseCommitWhenSessionIsNotTransacted() {
        assertThatThrownBy(observer::commit).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(observer::rollback).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(transacted::recover).isInstanceOf(IllegalStateException.class);
    }

    /** Connection.createSession(boolean, int): the mode is ignored when it is transacted. */
    @Test
    void shouldBeTransactedWhateverTheMode() throws JMSException {
        Session another = jms.connect().createSession(true, Session.CLIENT_ACKNOWLEDGE);

        assertThat(another.getTransacted()).isTrue();
        assertThat(another.getAcknowledgeMode()).isEqualTo(Session.SESSION_TRANSACTED);
    }

    /** A listener that commits what it received and sent. */
    @Test
    void shouldCommitInListener() throws JMSException {
        Queue answers = Jms.uniqueQueue(observer);
        MessageProducer producer = transacted.createProducer(answers);
        transacted.createConsumer(queue).setMessageListener(message -> {
            try {
                producer.send(message);
                transacted.commit();
            } catch (JMSException e) {
                throw new AssertionError(e);
            }
        });

        Jms.sendNumbered(observer, queue, 20);

        assertThat(Jms.receiveNumbers(observer.createConsumer(answers), 20)).isEqualTo(range(0, 20));
    }

    /** §7.3.4 has them called before commit returns, but Qpid JMS leaves them to a thread that its commit does not wait for. */
    @Test
    void shouldCallCompletionListenersOfTransactedSends() throws JMSException {
        AtomicInteger completed = new AtomicInteger();
        MessageProducer producer = transacted.createProducer(queue);
        for (int n = 0; n < 50; n++) {
            Message message = transacted.createMessage();
            message.setIntProperty("n", n);
            producer.send(message, new CompletionListener() {
                @Override
                public void onCompletion(Message sent) {
                    completed.incrementAndGet();
                }

                @Override
                public void onException(Message sent, Exception exception) {
                    throw new AssertionError(exception);
                }
            });
        }

        transacted.commit();

        await().atMost(Jms.PATIENCE).untilAtomic(completed, equalTo(50));
        assertThat(Jms.receiveNumbers(observer.createConsumer(queue), 50)).isEqualTo(range(0, 50));
    }

    /** Larger than a frame, more than a window. */
    @Test
    void shouldCommitManyMessages() throws JMSException {
        MessageProducer producer = transacted.createProducer(queue);
        for (int n = 0; n < 2_000; n++) {
            BytesMessage message = transacted.createBytesMessage();
            message.setIntProperty("n", n);
            message.writeBytes(new byte[1_000]);
            producer.send(message);
        }
        transacted.commit();

        MessageConsumer consumer = transacted.createConsumer(queue);
        assertThat(Jms.receiveNumbers(consumer, 2_000)).isEqualTo(range(0, 2_000));
        transacted.commit();
        transacted.close();
        Jms.assertNothing(observer.createConsumer(queue));
    }

    /** A durable subscription's messages in a transaction. */
    @Test
    void shouldRedeliverToDurableSubscriptionWhenRolledBack() throws JMSException {
        Topic topic = Jms.uniqueTopic(observer);
        Session session = jms.connectAs(Jms.uniqueName("client")).createSession(Session.SESSION_TRANSACTED);
        MessageConsumer consumer = session.createDurableConsumer(topic, "s");
        Jms.send(observer, topic, "again");
        assertThat(Jms.receiveText(consumer)).isEqualTo("again");

        session.rollback();

        assertThat(Jms.receiveText(consumer)).isEqualTo("again");
        session.commit();
        Jms.assertNothing(consumer);
    }

    @Test
    void shouldWorkWithContext() {
        JMSContext context = jms.context(JMSContext.SESSION_TRANSACTED);
        JMSConsumer consumer = context.createConsumer(queue);
        assertThat(context.getTransacted()).isTrue();
        context.createProducer().send(queue, "rolled back");
        context.rollback();
        context.createProducer().send(queue, "committed");
        context.commit();

        assertThat(consumer.receiveBody(String.class, Jms.PATIENCE.toMillis())).isEqualTo("committed");
        context.rollback();
        assertThat(consumer.receiveBody(String.class, Jms.PATIENCE.toMillis())).isEqualTo("committed");
        context.commit();
        assertThat(consumer.receiveNoWait()).isNull();
    }

    /** §2.9: the legacy sessions. */
    @Test
    void shouldCommitInLegacySessions() throws JMSException {
        QueueConnection queueConnection = jms.factory().createQueueConnection();
        jms.keep(queueConnection).start();
        TopicConnection topicConnection = jms.factory().createTopicConnection();
        jms.keep(topicConnection).start();
        Topic topic = Jms.uniqueTopic(observer);
        QueueSession transactedQueues = queueConnection.createQueueSession(true, Session.SESSION_TRANSACTED);
        TopicSession transactedTopics = topicConnection.createTopicSession(true, Session.SESSION_TRANSACTED);
        MessageConsumer subscriber = observer.createConsumer(topic);
        transactedQueues.createSender(queue).send(transactedQueues.createTextMessage("queue"));
        transactedTopics.createPublisher(topic).publish(transactedTopics.createTextMessage("topic"));

        transactedQueues.commit();
        transactedTopics.commit();

        assertThat(Jms.receiveText(observer.createConsumer(queue))).isEqualTo("queue");
        assertThat(Jms.receiveText(subscriber)).isEqualTo("topic");
    }
}

package io.sterna.broker.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sterna.broker.testing.BrokerExtension;
import jakarta.jms.Connection;
import jakarta.jms.IllegalStateException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Message acknowledgment (Jakarta Messaging 3.1 §6.2.10), and what comes back to the queue when it did not happen:
 * with JMSRedelivered (§3.4.7) and JMSXDeliveryCount (§3.5.11), at its old place in the order.
 */
@Timeout(60)
class JmsAcknowledgeTest {
    /** Qpid JMS's own mode: each message is acknowledged alone. */
    private static final int INDIVIDUAL_ACKNOWLEDGE = 101;

    @RegisterExtension
    static final BrokerExtension BROKER = BrokerExtension.shared();

    @RegisterExtension
    final Jms jms = new Jms(BROKER);

    private Session other;
    private Queue queue;

    @BeforeEach
    void openSession() throws JMSException {
        other = jms.session(Session.AUTO_ACKNOWLEDGE);
        queue = Jms.uniqueQueue(other);
    }

    /** What another session finds in the queue, from first to last. */
    private List<Message> left(int count) throws JMSException {
        List<Message> messages = new ArrayList<>();
        try (MessageConsumer consumer = other.createConsumer(queue)) {
            for (int i = 0; i < count; i++) {
                messages.add(Jms.receive(consumer));
            }
            assertThat(consumer.receiveNoWait()).isNull();
        }
        return messages;
    }

    private static void assertMessage(Message message, int number, int deliveryCount) throws JMSException {
        assertThat(message.getIntProperty("n")).isEqualTo(number);
        assertThat(message.getIntProperty("JMSXDeliveryCount"))
                .as("JMSXDeliveryCount of message %s", number)
                .isEqualTo(deliveryCount);
        assertThat(message.getJMSRedelivered())
                .as("JMSRedelivered of message %s", number)
                .isEqualTo(deliveryCount > 1);
    }

    private static List<Integer> numbers(int from, int to) {
        return IntStream.range(from, to).boxed().toList();
    }

    @ParameterizedTest
    @ValueSource(ints = {Session.AUTO_ACKNOWLEDGE, Session.DUPS_OK_ACKNOWLEDGE})
    void shouldLeaveNothingWhenSessionAcknowledgesByItself(int mode) throws JMSException {
        Connection connection = jms.connect();
        Session session = connection.createSession(mode);
        Jms.sendNumbered(session, queue, 50);
        assertThat(Jms.receiveNumbers(session.createConsumer(queue), 50)).isEqualTo(numbers(0, 50));
        connection.close();

        assertThat(left(0)).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(ints = {Session.AUTO_ACKNOWLEDGE, Session.DUPS_OK_ACKNOWLEDGE})
    void shouldLeaveTheRestWhenConnectionIsClosedAfterSomeWereReceived(int mode) throws JMSException {
        Connection connection = jms.connect("jms.prefetchPolicy.all=5");
        Session session = connection.createSession(mode);
        Jms.sendNumbered(session, queue, 20);
        Jms.receiveNumbers(session.createConsumer(queue), 8);
        connection.close();

        assertThat(Jms.receiveNumbers(other.createConsumer(queue), 12)).isEqualTo(numbers(8, 20));
    }

    /** A message of client acknowledge acknowledges all that its session has consumed. */
    @Test
    void shouldAcknowledgeAllConsumedWhenOneMessageIsAcknowledged() throws JMSException {
        Connection connection = jms.connect("jms.prefetchPolicy.all=0");
        Session session = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
        Jms.sendNumbered(session, queue, 10);
        MessageConsumer consumer = session.createConsumer(queue);
        Jms.receiveNumbers(consumer, 5);
        Jms.receive(consumer).acknowledge();
        connection.close();

        List<Message> left = left(4);

        for (int i = 0; i < 4; i++) {
            assertMessage(left.get(i), 6 + i, 1);
        }
    }

    @Test
    void shouldReturnConsumedMessagesInOrderWhenSessionIsClosedWithoutAcknowledge() throws JMSException {
        Session session = jms.session(Session.CLIENT_ACKNOWLEDGE, "jms.prefetchPolicy.all=0");
        Jms.sendNumbered(session, queue, 10);
        Jms.receiveNumbers(session.createConsumer(queue), 4);
        session.close();

        List<Message> left = left(10);

        for (int i = 0; i < 10; i++) {
            assertMessage(left.get(i), i, i < 4 ? 2 : 1);
        }
    }

    @Test
    void shouldReturnConsumedMessagesInOrderWhenConnectionIsClosedWithoutAcknowledge() throws JMSException {
        Connection connection = jms.connect("jms.prefetchPolicy.all=0");
        Session session = connection.createSession(Session.CLIENT_ACKNOWLEDGE);
        Jms.sendNumbered(session, queue, 10);
        Jms.receiveNumbers(session.createConsumer(queue), 4);
        connection.close();

        List<Message> left = left(10);

        for (int i = 0; i < 10; i++) {
            assertMessage(left.get(i), i, i < 4 ? 2 : 1);
        }
    }

    /**
     * What was only prefetched was never handed to the application: no failed delivery. The client closes the link
     * first, and releases those messages when the broker has answered; a session or connection it closes without that.
     */
    @ParameterizedTest
    @ValueSource(strings = {"consumer", "session", "connection"})
    void shouldNotCountPrefetchedMessagesWhenClosed(String what) throws JMSException {
        Connection connection = jms.connect("jms.prefetchPolicy.all=100");
        Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE);
        Jms.sendNumbered(session, queue, 10);
        MessageConsumer consumer = session.createConsumer(queue);
        Jms.receiveNumbers(consumer, 3);
        switch (what) {
            case "consumer" -> consumer.close();
            case "session" -> session.close();
            default -> connection.close();
        }

        List<Message> left = left(7);

        for (int i = 0; i < 7; i++) {
            assertMessage(left.get(i), 3 + i, 1);
        }
    }

    /** Recover restarts the session with its first unacknowledged message (§6.2.10). */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 1000})
    void shouldDeliverUnacknowledgedAgainInOrderWhenSessionRecovers(int prefetch) throws JMSException {
        Session session = jms.session(Session.CLIENT_ACKNOWLEDGE, "jms.prefetchPolicy.all=" + prefetch);
        Jms.sendNumbered(session, queue, 6);
        MessageConsumer consumer = session.createConsumer(queue);
        Jms.receive(consumer).acknowledge();
        assertThat(Jms.receiveNumbers(consumer, 3)).isEqualTo(numbers(1, 4));

        session.recover();

        for (int i = 1; i < 6; i++) {
            assertMessage(Jms.receive(consumer), i, i < 4 ? 2 : 1);
        }
        session.recover();
        for (int i = 1; i < 6; i++) {
            Message message = Jms.receive(consumer);
            assertMessage(message, i, i < 4 ? 3 : 2);
            message.acknowledge();
        }
        session.close();
        assertThat(left(0)).isEmpty();
    }

    @Test
    void shouldCountEachFailedDeliveryWhenRecoverIsRepeated() throws JMSException {
        Session session = jms.session(Session.CLIENT_ACKNOWLEDGE);
        Jms.sendNumbered(session, queue, 1);
        MessageConsumer consumer = session.createConsumer(queue);
        for (int delivery = 1; delivery <= 5; delivery++) {
            assertMessage(Jms.receive(consumer), 0, delivery);
            session.recover();
        }
    }

    /** A listener that throws has not consumed its message under auto acknowledge; the client releases it. */
    @Test
    void shouldDeliverAgainWhenListenerThrows() throws Exception {
        Session session = jms.session(Session.AUTO_ACKNOWLEDGE);
        Jms.sendNumbered(session, queue, 1);
        BlockingQueue<Message> delivered = new LinkedBlockingQueue<>();
        AtomicInteger calls = new AtomicInteger();
        session.createConsumer(queue).setMessageListener(message -> {
            delivered.add(message);
            if (calls.incrementAndGet() == 1) {
                throw new UnsupportedOperationException("on purpose");
            }
        });

        Message first = delivered.poll(20, TimeUnit.SECONDS);
        Message second = delivered.poll(20, TimeUnit.SECONDS);
        assertThat(first).isNotNull();
        assertThat(second).isNotNull();
        assertThat(second.getJMSMessageID()).isEqualTo(first.getJMSMessageID());
        session.close();
        assertThat(left(0)).isEmpty();
    }

    @Test
    void shouldReturnOnlyTheOthersWhenSomeWereAcknowledgedOneByOne() throws JMSException {
        Session session = jms.session(INDIVIDUAL_ACKNOWLEDGE, "jms.prefetchPolicy.all=0");
        Jms.sendNumbered(session, queue, 6);
        MessageConsumer consumer = session.createConsumer(queue);
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < 6; i++) {
            messages.add(Jms.receive(consumer));
        }
        messages.get(4).acknowledge();
        messages.get(1).acknowledge();
        session.close();

        assertThat(Jms.receiveNumbers(other.createConsumer(queue), 4)).containsExactly(0, 2, 3, 5);
    }

    /** Two consumers of one session: one acknowledgement is for the messages of both (§6.2.10). */
    @Test
    void shouldAcknowledgeForAllConsumersWhenSessionHasSeveral() throws JMSException {
        Session session = jms.session(Session.CLIENT_ACKNOWLEDGE, "jms.prefetchPolicy.all=0");
        Queue second = Jms.uniqueQueue(session);
        Jms.sendNumbered(session, queue, 2);
        Jms.sendNumbered(session, second, 1);
        MessageConsumer consumer = session.createConsumer(queue);
        Jms.receive(consumer);
        Jms.receive(session.createConsumer(second)).acknowledge();
        session.close();

        assertMessage(left(1).get(0), 1, 1);
        assertThat(other.createConsumer(second).receiveNoWait()).isNull();
    }

    /** Messages returned while others follow go before those that were never delivered. */
    @Test
    void shouldPutReturnedMessagesBeforeNewOnesWhenBothAreInTheQueue() throws JMSException {
        Session session = jms.session(Session.CLIENT_ACKNOWLEDGE, "jms.prefetchPolicy.all=3");
        Jms.sendNumbered(session, queue, 3);
        Jms.receiveNumbers(session.createConsumer(queue), 3);
        Message late = other.createMessage();
        late.setIntProperty("n", 3);
        other.createProducer(queue).send(late);
        session.close();

        assertThat(Jms.receiveNumbers(other.createConsumer(queue), 4)).isEqualTo(numbers(0, 4));
    }

    @Test
    void shouldRefuseAcknowledgeWhenSessionIsClosed() throws JMSException {
        Session session = jms.session(Session.CLIENT_ACKNOWLEDGE, "jms.prefetchPolicy.all=0");
        Jms.sendNumbered(session, queue, 1);
        Message message = Jms.receive(session.createConsumer(queue));
        session.close();

        assertThatThrownBy(message::acknowledge).isInstanceOf(IllegalStateException.class);
        assertMessage(left(1).get(0), 0, 2);
    }

    /** §3.6: "All Jakarta Messaging messages support the acknowledge method". */
    @Test
    void shouldAcknowledgeWithAMessageOfAnyType() throws JMSException {
        List<Message> all = List.of(
                other.createMessage(),
                other.createTextMessage("text"),
                other.createBytesMessage(),
                other.createMapMessage(),
                other.createStreamMessage(),
                other.createObjectMessage("object"));
        Session session = jms.session(Session.CLIENT_ACKNOWLEDGE);
        MessageConsumer consumer = session.createConsumer(queue);
        for (Message message : all) {
            other.createProducer(queue).send(message);
            Jms.receive(consumer).acknowledge();
        }
        session.close();

        assertThat(left(0)).isEmpty();
    }

    /** §3.6: "If a client uses automatic acknowledgment, calls to acknowledge are ignored." */
    @ParameterizedTest
    @ValueSource(ints = {Session.AUTO_ACKNOWLEDGE, Session.DUPS_OK_ACKNOWLEDGE})
    void shouldIgnoreAcknowledgeWhenSessionAcknowledgesByItself(int mode) throws JMSException {
        Connection connection = jms.connect();
        Session session = connection.createSession(mode);
        Jms.sendNumbered(session, queue, 3);
        MessageConsumer consumer = session.createConsumer(queue);
        Message first = Jms.receive(consumer);
        first.acknowledge();
        assertMessage(Jms.receive(consumer), 1, 1);
        first.acknowledge();
        connection.close();

        assertMessage(left(1).get(0), 2, 1);
    }

    /** §3.6, where one would notice: what a listener has not consumed is not acknowledged because it says so. */
    @Test
    void shouldIgnoreAcknowledgeWhenAListenerThrowsAfterIt() throws Exception {
        Session session = jms.session(Session.AUTO_ACKNOWLEDGE);
        Jms.sendNumbered(session, queue, 1);
        BlockingQueue<Message> delivered = new LinkedBlockingQueue<>();
        session.createConsumer(queue).setMessageListener(message -> {
            delivered.add(message);
            try {
                message.acknowledge();
            } catch (JMSException e) {
                throw new AssertionError(e);
            }
            if (delivered.size() == 1) {
                throw new UnsupportedOperationException("on purpose");
            }
        });

        await().atMost(Jms.PATIENCE).until(() -> delivered.size() == 2);
        session.close();
        assertThat(left(0)).isEmpty();
    }
}

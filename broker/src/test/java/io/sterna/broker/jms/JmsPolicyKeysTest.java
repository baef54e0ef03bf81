package io.sterna.broker.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sterna.broker.testing.BrokerExtension;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.ResourceAllocationException;
import jakarta.jms.Session;
import java.util.UUID;
import org.apache.qpid.jms.message.JmsMessageSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Each key of a policy that {@link JmsPolicyTest} leaves, as an application notices it. */
@Tag("sterna")
@Timeout(120)
class JmsPolicyKeysTest {
    private static final String DEAD_LETTERS = "/$deadletterqueue";

    @RegisterExtension
    static final BrokerExtension BROKER = BrokerExtension.withSettings(
            "queues.auto-create=keys.#",
            "topics.auto-create=topics.#",
            "queues.policies=["
                    + "{match=\"keys.bytes.*\", max-bytes=4 KiB, overflow=reject},"
                    + "{match=\"keys.oldest.*\", max-length=2, overflow=drop-oldest},"
                    + "{match=\"keys.letters.*\", max-length=2, overflow=dead-letter},"
                    + "{match=\"keys.preset.*\", default-ttl=300 ms},"
                    + "{match=\"keys.lower.*\", max-ttl=300 ms, expired=drop},"
                    + "{match=\"keys.raised.*\", min-ttl=1 h},"
                    + "{match=\"keys.mortal.*\", default-ttl=2 h},"
                    + "{match=\"keys.bounded.*\", max-ttl=30 m},"
                    + "{match=\"keys.grown.*\", redelivery-delay=200 ms, redelivery-back-off=3},"
                    + "{match=\"keys.declined.*\", undeliverable=dead-letter},"
                    + "{match=\"keys.lost.*\", max-deliveries=1, dead-letter=false},"
                    + "{match=\"keys.deleted.*\", auto-delete=200 ms},"
                    + "{match=\"topics.full.*\", max-length=1, overflow=reject}]");

    @RegisterExtension
    final Jms jms = new Jms(BROKER);

    private static Queue queue(Session session, String kind) throws JMSException {
        return session.createQueue("keys." + kind + "." + UUID.randomUUID());
    }

    private static MessageConsumer deadLetters(Session session, Queue queue) throws JMSException {
        return session.createConsumer(session.createQueue(queue.getQueueName() + DEAD_LETTERS));
    }

    private static void fail(Message message, int how) throws JMSException {
        message.setIntProperty(JmsMessageSupport.JMS_AMQP_ACK_TYPE, how);
        message.acknowledge();
    }

    @Test
    void shouldThrowResourceAllocationWhenTheBytesAreTooMany() throws JMSException {
        Session session = jms.session(Session.AUTO_ACKNOWLEDGE);
        Queue queue = queue(session, "bytes");
        Jms.send(session, queue, "x".repeat(3_000));

        assertThatThrownBy(() -> Jms.send(session, queue, "x".repeat(3_000)))
                .isInstanceOf(ResourceAllocationException.class)
                .hasMessageContaining("amqp:resource-limit-exceeded");
        assertThat(Jms.receiveText(session.createConsumer(queue))).hasSize(3_000);
    }

    /** A publish that one subscription has no room for is refused for all of them. */
    @Test
    void shouldThrowResourceAllocationWhenASubscriptionIsFull() throws JMSException {
        Session session = jms.session(Session.AUTO_ACKNOWLEDGE);
        var topic = session.createTopic("topics.full." + UUID.randomUUID());
        session.createSharedDurableConsumer(topic, Jms.uniqueName("full")).close();
        Jms.send(session, topic, "fits");

        assertThatThrownBy(() -> Jms.send(session, topic, "too much"))
                .isInstanceOf(ResourceAllocationException.class)
                .hasMessageContaining("amqp:resource-limit-exceeded");
    }

    @ParameterizedTest
    @CsvSource({"oldest, false", "letters, true"})
    void shouldMakeRoomForTheLatest(String kind, boolean kept) throws JMSException {
        Session session = jms.session(Session.AUTO_ACKNOWLEDGE);
        Queue queue = queue(session, kind);
        Jms.sendNumbered(session, queue, 4);

        assertThat(Jms.receiveNumbers(session.createConsumer(queue), 2)).containsExactly(2, 3);
        MessageConsumer letters = deadLetters(session, queue);
        if (kept) {
            Message letter = Jms.receive(letters);
            assertThat(letter.getIntProperty("n")).isZero();
            assertThat(Jms.receive(letters).getIntProperty("n")).isEqualTo(1);
        }
        Jms.assertNothing(letters);
    }

    @ParameterizedTest
    @CsvSource({"preset, 0, true", "lower, 3600000, false"})
    void shouldExpireWhenThePolicySaysSo(String kind, long timeToLive, boolean kept) throws JMSException {
        Session session = jms.session(Session.AUTO_ACKNOWLEDGE, "jms.localMessageExpiry=false");
        Queue queue = queue(session, kind);
        MessageProducer producer = session.createProducer(queue);
        producer.setTimeToLive(timeToLive);
        producer.send(session.createTextMessage("late"));
        MessageConsumer letters = deadLetters(session, queue);

        await().atMost(Jms.PATIENCE)
                .until(() -> !session.createBrowser(queue).getEnumeration().hasMoreElements());
        if (kept) {
            assertThat(Jms.receiveText(letters)).isEqualTo("late");
        } else {
            Jms.assertNothing(letters);
        }
    }

    @Test
    void shouldLetAMessageLiveAsLongAsThePolicyDemands() throws JMSException {
        Session session = jms.session(Session.AUTO_ACKNOWLEDGE, "jms.localMessageExpiry=false");
        Queue queue = queue(session, "raised");
        MessageProducer producer = session.createProducer(queue);
        producer.setTimeToLive(50);
        producer.send(session.createTextMessage("lives"));
        Jms.assertNothing(deadLetters(session, queue));

        assertThat(Jms.receiveText(session.createConsumer(queue))).isEqualTo("lives");
    }

    @Test
    void shouldWaitLongerAfterEachFailedDelivery() throws JMSException {
        Session session = jms.session(Session.CLIENT_ACKNOWLEDGE);
        Queue queue = queue(session, "grown");
        Jms.send(session, queue, "again");
        MessageConsumer consumer = session.createConsumer(queue);
        long[] failedNanos = new long[3];
        for (int attempt = 0; attempt < 3; attempt++) {
            Message message = Jms.receive(consumer);
            if (attempt > 0) {
                long leastMillis = attempt == 1 ? 200 : 600;
                assertThat(System.nanoTime() - failedNanos[attempt - 1])
                        .isGreaterThanOrEqualTo(leastMillis * 1_000_000);
            }
            failedNanos[attempt] = System.nanoTime();
            fail(message, JmsMessageSupport.MODIFIED_FAILED);
        }
    }

    @Test
    void shouldMoveToTheDeadLettersWhatEveryConsumerDeclines() throws JMSException {
        Session session = jms.session(Session.CLIENT_ACKNOWLEDGE);
        Queue queue = queue(session, "declined");
        Jms.send(session, queue, "unwanted");
        fail(Jms.receive(session.createConsumer(queue)), JmsMessageSupport.MODIFIED_FAILED_UNDELIVERABLE);

        assertThat(Jms.receiveText(deadLetters(session, queue))).isEqualTo("unwanted");
    }

    @Test
    void shouldDropWhatFailedOnlyWhereThePolicySaysSo() throws JMSException {
        Session session = jms.session(Session.CLIENT_ACKNOWLEDGE);
        Queue queue = queue(session, "lost");
        Jms.send(session, queue, "poison");
        MessageConsumer consumer = session.createConsumer(queue);
        fail(Jms.receive(consumer), JmsMessageSupport.MODIFIED_FAILED);

        Jms.assertNothing(consumer);
        Jms.assertNothing(deadLetters(session, queue));
    }

    @Test
    void shouldDeleteAQueueThatNobodyUses() throws JMSException {
        Session session = jms.session(Session.AUTO_ACKNOWLEDGE);
        Queue queue = queue(session, "deleted");
        MessageConsumer consumer = session.createConsumer(queue);
        assertThat(statusOf(session, queue)).isEqualTo(200);
        consumer.close();

        await().atMost(Jms.PATIENCE)
                .untilAsserted(() -> assertThat(statusOf(session, queue)).isEqualTo(404));
    }

    /** What management says of a queue, in answer to a request with a temporary queue for its reply. */
    private static int statusOf(Session session, Queue queue) throws JMSException {
        Queue replyTo = session.createTemporaryQueue();
        try (MessageConsumer replies = session.createConsumer(replyTo);
                MessageProducer requests = session.createProducer(session.createQueue("$management"))) {
            Message request = session.createMessage();
            request.setStringProperty("operation", "READ");
            request.setStringProperty("type", "sterna.queue");
            request.setStringProperty("name", queue.getQueueName());
            request.setJMSReplyTo(replyTo);
            requests.send(request);
            Message reply = Jms.receive(replies);
            assertThat(reply.getJMSCorrelationID()).isEqualTo(request.getJMSMessageID());
            return reply.getIntProperty("statusCode");
        }
    }

    @Test
    void shouldThrowInvalidDestinationWhereNothingIsCreatedByItself() throws JMSException {
        Session session = jms.session(Session.AUTO_ACKNOWLEDGE);

        assertThatThrownBy(() -> session.createConsumer(session.createQueue("nowhere.to.be.found")))
                .isInstanceOf(InvalidDestinationException.class)
                .hasMessageContaining("amqp:not-found");
        assertThatThrownBy(() -> session.createProducer(session.createTopic("nowhere.to.be.found")))
                .isInstanceOf(InvalidDestinationException.class)
                .hasMessageContaining("amqp:not-found");
    }

    /**
     * §3.4.12: where an administrator has given a message a time to live, JMSExpiration tells it. One that a producer gave
     * is in the bare message, which nobody changes on the way (AMQP 1.0 §3.2).
     */
    @ParameterizedTest
    @CsvSource({"mortal, 7200000", "bounded, 1800000"})
    void shouldSayInTheMessageWhenItExpiresByThePolicy(String kind, long givenMillis) throws JMSException {
        Session session = jms.session(Session.AUTO_ACKNOWLEDGE);
        Queue queue = queue(session, kind);
        Message sent = session.createMessage();
        long before = System.currentTimeMillis();
        session.createProducer(queue).send(sent);
        Message received = Jms.receive(session.createConsumer(queue));

        assertThat(received.getJMSExpiration())
                .isBetween(before + givenMillis, System.currentTimeMillis() + givenMillis);
    }
}

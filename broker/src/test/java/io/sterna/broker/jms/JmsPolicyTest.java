package io.sterna.broker.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sterna.broker.testing.BrokerExtension;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.ResourceAllocationException;
import jakarta.jms.Session;
import jakarta.jms.TransactionRolledBackException;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.qpid.jms.message.JmsMessageSupport;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What an application notices of the policies of its queues. */
@Tag("sterna")
@Timeout(120)
class JmsPolicyTest {
    private static final String DEAD_LETTERS = "/$deadletterqueue";

    @RegisterExtension
    static final BrokerExtension BROKER = BrokerExtension.withSettings("queues.policies=["
            + "{match=\"reject.*\", max-length=3, overflow=reject},"
            + "{match=\"block.*\", max-length=8, overflow=block},"
            + "{match=\"ring.*\", ring=3},"
            + "{match=\"last.*\", last-value-key=symbol},"
            + "{match=\"retry.*\", max-deliveries=3, redelivery-delay=200 ms},"
            + "{match=\"lock.*\", lock-duration=1 s},"
            + "{match=\"dedup.*\", dedup-window=1 h}]");

    @RegisterExtension
    final Jms jms = new Jms(BROKER);

    private static Queue queue(Session session, String kind) throws JMSException {
        return session.createQueue(kind + "." + UUID.randomUUID());
    }

    private static Queue deadLetters(Session session, Queue queue) throws JMSException {
        return session.createQueue(queue.getQueueName() + DEAD_LETTERS);
    }

    /** amqp:resource-limit-exceeded is the client's ResourceAllocationException (Jakarta Messaging 3.1 §10.3). */
    @Test
    void shouldThrowResourceAllocationWhenTheQueueIsFull() throws JMSException {
        Session session = jms.session(Session.AUTO_ACKNOWLEDGE);
        Queue queue = queue(session, "reject");
        Jms.sendNumbered(session, queue, 3);
        MessageProducer producer = session.createProducer(queue);
        Message oneTooMany = session.createTextMessage("x");

        assertThatThrownBy(() -> producer.send(oneTooMany)).isInstanceOf(ResourceAllocationException.class);

        Jms.receive(session.createConsumer(queue));
        await().atMost(Jms.PATIENCE).ignoreExceptions().untilAsserted(() -> producer.send(oneTooMany));
    }

    @Test
    void shouldHoldTheProducerBackUntilThereIsRoom() throws Exception {
        Session session = jms.session(Session.AUTO_ACKNOWLEDGE);
        Queue queue = queue(session, "block");
        CompletableFuture<Void> sending = CompletableFuture.runAsync(() -> {
            try {
                Jms.sendNumbered(jms.session(Session.AUTO_ACKNOWLEDGE), queue, 30);
            } catch (JMSException e) {
                throw new IllegalStateException(e);
            }
        });
        assertThatThrownBy(() -> sending.get(1, TimeUnit.SECONDS)).isInstanceOf(TimeoutException.class);

        assertThat(Jms.receiveNumbers(session.createConsumer(queue), 30)).isSorted();
        awaitDone(sending);
    }

    private static void awaitDone(CompletableFuture<Void> sending)
            throws InterruptedException, ExecutionException, TimeoutException {
        sending.get(Jms.PATIENCE.toMillis(), TimeUnit.MILLISECONDS);
    }

    @Test
    void shouldKeepTheLatestMessagesInARing() throws JMSException {
        Session session = jms.session(Session.AUTO_ACKNOWLEDGE);
        Queue queue = queue(session, "ring");
        Jms.sendNumbered(session, queue, 10);

        assertThat(Jms.receiveNumbers(session.createConsumer(queue), 3)).containsExactly(7, 8, 9);
    }

    @Test
    void shouldKeepTheLatestMessageOfEachValue() throws JMSException {
        Session session = jms.session(Session.AUTO_ACKNOWLEDGE);
        Queue queue = queue(session, "last");
        MessageProducer producer = session.createProducer(queue);
        for (String symbol : new String[] {"A", "B", "A", "C", "B"}) {
            Message message = session.createTextMessage(symbol);
            message.setStringProperty("symbol", symbol);
            producer.send(message);
        }

        MessageConsumer consumer = session.createConsumer(queue);

        assertThat(Jms.receiveTexts(consumer, 3)).containsExactly("A", "C", "B");
        Jms.assertNothing(consumer);
    }

    /** Jakarta Messaging 3.1 §3.5.11: JMSXDeliveryCount rises; §3.5.10: JMS_AMQP_ACK_TYPE is a property of the provider. */
    @Test
    void shouldMoveToTheDeadLettersWhenItFailsAsOftenAsAllowed() throws JMSException {
        Session session = jms.session(Session.CLIENT_ACKNOWLEDGE);
        Queue queue = queue(session, "retry");
        Jms.send(session, queue, "poison");
        MessageConsumer consumer = session.createConsumer(queue);
        for (int attempt = 1; attempt <= 3; attempt++) {
            Message message = Jms.receive(consumer);
            assertThat(message.getIntProperty("JMSXDeliveryCount")).isEqualTo(attempt);
            message.setIntProperty(JmsMessageSupport.JMS_AMQP_ACK_TYPE, JmsMessageSupport.MODIFIED_FAILED);
            message.acknowledge();
        }

        assertThat(Jms.receiveText(session.createConsumer(deadLetters(session, queue))))
                .isEqualTo("poison");
        Jms.assertNothing(consumer);
    }

    /** Nothing is dropped without a policy that says so: what has expired is kept. */
    @Test
    void shouldKeepExpiredMessagesAsDeadLetters() throws JMSException {
        Session session = jms.session(Session.AUTO_ACKNOWLEDGE, "jms.localMessageExpiry=false");
        Queue queue = Jms.uniqueQueue(session);
        MessageProducer producer = session.createProducer(queue);
        producer.setTimeToLive(1);
        producer.send(session.createTextMessage("late"));

        assertThat(Jms.receiveText(session.createConsumer(deadLetters(session, queue))))
                .isEqualTo("late");
    }

    @Test
    void shouldDeliverToAnotherConsumerWhenTheLockIsOver() throws JMSException {
        Session slow = jms.session(Session.CLIENT_ACKNOWLEDGE);
        Queue queue = queue(slow, "lock");
        Jms.send(slow, queue, "once");
        Message held = Jms.receive(slow.createConsumer(queue));
        Session session = jms.session(Session.AUTO_ACKNOWLEDGE);
        MessageConsumer consumer = session.createConsumer(queue);

        assertThat(Jms.receiveText(consumer)).isEqualTo("once");
        held.acknowledge();
        Jms.assertNothing(consumer);
    }

    /** §6.2.7: what a transaction has consumed was delivered to somebody else meanwhile, so nothing of it happens. */
    @Test
    void shouldThrowTransactionRolledBackWhenALockWasOverBeforeTheCommit() throws JMSException {
        Session transacted = jms.session(Session.SESSION_TRANSACTED, "jms.prefetchPolicy.all=0");
        Queue queue = queue(transacted, "lock");
        Queue results = Jms.uniqueQueue(transacted);
        Session session = jms.session(Session.AUTO_ACKNOWLEDGE);
        Jms.send(session, queue, "once");
        Jms.receive(transacted.createConsumer(queue));
        Jms.send(transacted, results, "result");
        assertThat(Jms.receiveText(session.createConsumer(queue))).isEqualTo("once");

        assertThatThrownBy(transacted::commit)
                .isInstanceOf(TransactionRolledBackException.class)
                .hasMessageContaining("lock-duration");
        Jms.assertNothing(session.createConsumer(results));
    }

    @Test
    void shouldTakeEachMessageWhenIdsDiffer() throws JMSException {
        Session session = jms.session(Session.AUTO_ACKNOWLEDGE);
        Queue queue = queue(session, "dedup");
        Jms.sendNumbered(session, queue, 3);
        MessageConsumer consumer = session.createConsumer(queue);

        assertThat(Jms.receiveNumbers(consumer, 3)).containsExactly(0, 1, 2);
        Jms.assertNothing(consumer);
    }
}

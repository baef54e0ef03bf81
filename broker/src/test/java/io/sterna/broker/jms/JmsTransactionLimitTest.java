package io.sterna.broker.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sterna.broker.testing.BrokerExtension;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSProducer;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TransactionRolledBackException;
import jakarta.jms.TransactionRolledBackRuntimeException;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What the limits of transactions are for JMS clients (Jakarta Messaging 3.1 §6.2.7 and §10.3 for the exceptions). */
@Tag("sterna")
@Timeout(60)
class JmsTransactionLimitTest {
    @RegisterExtension
    static final BrokerExtension BROKER = BrokerExtension.withSettings(
            "transactions.timeout=300 ms",
            "transactions.max-operations=10",
            "transactions.max-open=3",
            "queues.auto-create=open.*");

    @RegisterExtension
    final Jms jms = new Jms(BROKER);

    private Session other;
    private Session transacted;
    private Queue queue;

    @BeforeEach
    void openSessions() throws JMSException {
        other = jms.session(Session.AUTO_ACKNOWLEDGE);
        transacted = jms.session(Session.SESSION_TRANSACTED);
        queue = other.createQueue("open." + java.util.UUID.randomUUID());
    }

    @Test
    void shouldThrowTransactionRolledBackWhenThereAreTooManyOperations() throws JMSException {
        Jms.sendNumbered(transacted, queue, 11);

        assertThatThrownBy(transacted::commit)
                .isInstanceOf(TransactionRolledBackException.class)
                .hasMessageContaining("transactions.max-operations");
        try (MessageConsumer consumer = other.createConsumer(queue)) {
            assertThat(consumer.receiveNoWait()).isNull();
        }
    }

    /** §10.3: TransactionRolledBackRuntimeException "must be thrown when a call to JMSContext.commit() results in a rollback". */
    @Test
    void shouldThrowTransactionRolledBackWhenItIsACommitOfAContext() throws JMSException {
        JMSContext context = jms.context(JMSContext.SESSION_TRANSACTED);
        JMSProducer producer = context.createProducer();
        for (int n = 0; n < 11; n++) {
            producer.send(queue, "x");
        }

        assertThatThrownBy(context::commit)
                .isInstanceOf(TransactionRolledBackRuntimeException.class)
                .hasMessageContaining("transactions.max-operations");
        try (MessageConsumer consumer = other.createConsumer(queue)) {
            assertThat(consumer.receiveNoWait()).isNull();
        }
    }

    @Test
    void shouldThrowTransactionRolledBackWhenTheTimeIsOver() throws JMSException {
        Jms.sendNumbered(other, queue, 1);
        // Without prefetch, so that what is given back goes to the other one.
        Session pulling = jms.session(Session.SESSION_TRANSACTED, "jms.prefetchPolicy.all=0");
        try (MessageConsumer consumer = pulling.createConsumer(queue)) {
            Jms.receive(consumer);
            try (MessageConsumer second = other.createConsumer(queue)) {
                // It is given back when the time is over.
                await().atMost(Jms.PATIENCE).until(() -> second.receiveNoWait() != null);
            }
            assertThatThrownBy(pulling::commit)
                    .isInstanceOf(TransactionRolledBackException.class)
                    .hasMessageContaining("transactions.timeout");
            Jms.sendNumbered(other, queue, 1);
            Jms.receive(consumer);
            pulling.commit();
        }
    }

    @Test
    void shouldThrowWhenAConnectionHasTooManyTransactions() throws JMSException {
        var connection = jms.connect();
        for (int i = 0; i < 3; i++) {
            connection.createSession(Session.SESSION_TRANSACTED);
        }

        assertThatThrownBy(() -> connection.createSession(Session.SESSION_TRANSACTED))
                .isInstanceOf(JMSException.class)
                .hasMessageContaining("transactions.max-open");
    }

    @Test
    void shouldThrowTransactionRolledBackWhenADestinationDoesNotExist() throws JMSException {
        try (MessageProducer producer = transacted.createProducer(null)) {
            producer.send(queue, transacted.createMessage());
            producer.send(transacted.createQueue("closed"), transacted.createMessage());
        }

        assertThatThrownBy(transacted::commit)
                .isInstanceOf(TransactionRolledBackException.class)
                .hasMessageContaining("closed");
        try (MessageConsumer consumer = other.createConsumer(queue)) {
            assertThat(consumer.receiveNoWait()).isNull();
        }
    }
}

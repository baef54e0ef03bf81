package io.sterna.broker.jms;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sterna.broker.testing.BrokerExtension;
import jakarta.jms.BytesMessage;
import jakarta.jms.CompletionListener;
import jakarta.jms.Connection;
import jakarta.jms.IllegalStateException;
import jakarta.jms.InvalidClientIDException;
import jakarta.jms.InvalidDestinationException;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What an application is told when the broker says no (Jakarta Messaging 3.1 §10.3), and that its other work goes on. */
@Tag("sterna")
@Timeout(60)
class JmsErrorTest {
    private static final int MAX_MESSAGE_BYTES = 1024 * 1024;

    @RegisterExtension
    static final BrokerExtension BROKER = BrokerExtension.withSettings(
            "queues.auto-create=jms.*,allowed.*", "amqp.max-message-size=" + MAX_MESSAGE_BYTES);

    @RegisterExtension
    final Jms jms = new Jms(BROKER);

    @Test
    void shouldThrowInvalidDestinationWhenProducerNamesAQueueThatMayNotBeCreated() throws JMSException {
        Session session = jms.session(Session.AUTO_ACKNOWLEDGE);
        Queue forbidden = session.createQueue("forbidden." + UUID.randomUUID());

        assertThatThrownBy(() -> session.createProducer(forbidden)).isInstanceOf(InvalidDestinationException.class);

        assertStillWorks(session);
    }

    @Test
    void shouldThrowInvalidDestinationWhenConsumerNamesAQueueThatMayNotBeCreated() throws JMSException {
        Session session = jms.session(Session.AUTO_ACKNOWLEDGE);
        Queue forbidden = session.createQueue("forbidden." + UUID.randomUUID());

        assertThatThrownBy(() -> session.createConsumer(forbidden)).isInstanceOf(InvalidDestinationException.class);

        assertStillWorks(session);
    }

    /** The anonymous link stays; only the message is refused, with its reason. */
    @Test
    void shouldThrowInvalidDestinationWhenAnonymousProducerNamesAQueueThatMayNotBeCreated() throws JMSException {
        Session session = jms.session(Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer = session.createProducer(null);
        Queue forbidden = session.createQueue("forbidden." + UUID.randomUUID());

        assertThatThrownBy(() -> producer.send(forbidden, session.createMessage()))
                .isInstanceOf(InvalidDestinationException.class);

        Queue good = Jms.uniqueQueue(session);
        producer.send(good, session.createMessage());
        Jms.receive(session.createConsumer(good));
    }

    @Test
    void shouldCreateQueueWhenItsNameFitsAnAllowedPattern() throws JMSException {
        Session session = jms.session(Session.AUTO_ACKNOWLEDGE);
        Queue allowed = session.createQueue("allowed." + UUID.randomUUID());

        session.createProducer(allowed).send(session.createMessage());

        Jms.receive(session.createConsumer(allowed));
    }

    /** A message above max-message-size is refused; the link is detached (AMQP 1.0 §2.7.3), the rest goes on. */
    @Test
    void shouldThrowWhenMessageIsLargerThanTheBrokerTakes() throws JMSException {
        Session session = jms.session(Session.AUTO_ACKNOWLEDGE);
        Queue queue = Jms.uniqueQueue(session);
        MessageProducer producer = session.createProducer(queue);
        BytesMessage large = session.createBytesMessage();
        large.writeBytes(new byte[MAX_MESSAGE_BYTES + 1]);

        assertThatThrownBy(() -> producer.send(large)).isInstanceOf(JMSException.class);

        MessageConsumer consumer = session.createConsumer(queue);
        assertThat(consumer.receiveNoWait()).isNull();
        assertStillWorks(session);
    }

    @Test
    void shouldTakeMessageWhenItIsJustBelowTheLimit() throws JMSException {
        Session session = jms.session(Session.AUTO_ACKNOWLEDGE);
        Queue queue = Jms.uniqueQueue(session);
        BytesMessage large = session.createBytesMessage();
        large.writeBytes(new byte[MAX_MESSAGE_BYTES - 1024]);

        session.createProducer(queue).send(large);

        BytesMessage received = (BytesMessage) Jms.receive(session.createConsumer(queue));
        assertThat(received.getBodyLength()).isEqualTo(MAX_MESSAGE_BYTES - 1024);
    }

    /** An asynchronous send learns of the refusal through its completion listener. */
    @Test
    void shouldTellCompletionListenerWhenAsynchronousSendIsRefused() throws Exception {
        Session session = jms.session(Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer = session.createProducer(null);
        CompletableFuture<Exception> refused = new CompletableFuture<>();
        producer.send(
                session.createQueue("forbidden." + UUID.randomUUID()),
                session.createMessage(),
                new CompletionListener() {
                    @Override
                    public void onCompletion(Message message) {
                        refused.completeExceptionally(new AssertionError("accepted"));
                    }

                    @Override
                    public void onException(Message message, Exception exception) {
                        refused.complete(exception);
                    }
                });

        assertThat(refused.get(20, TimeUnit.SECONDS)).isInstanceOf(InvalidDestinationException.class);
    }

    /** §7.3.8: "callbacks (both onCompletion and onException) will be performed in the same order as the … send". */
    @Test
    void shouldCallCompletionListenersInOrderWhenSomeSendsAreRefused() throws JMSException {
        Session session = jms.session(Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer = session.createProducer(null);
        Queue good = Jms.uniqueQueue(session);
        Queue forbidden = session.createQueue("forbidden." + UUID.randomUUID());
        List<String> called = new CopyOnWriteArrayList<>();
        List<String> expected = new ArrayList<>();
        for (int n = 0; n < 60; n++) {
            String number = Integer.toString(n);
            boolean refused = n % 3 == 1;
            expected.add(number + (refused ? " refused" : " completed"));
            producer.send(refused ? forbidden : good, session.createMessage(), new CompletionListener() {
                @Override
                public void onCompletion(Message message) {
                    called.add(number + " completed");
                }

                @Override
                public void onException(Message message, Exception exception) {
                    called.add(number + " refused");
                }
            });
        }

        await().atMost(Jms.PATIENCE).until(() -> called.size() == 60);
        assertThat(called).isEqualTo(expected);
    }

    /** A client identifier is in use once at a time (Jakarta Messaging 3.1, client identifier of a connection). */
    @Test
    void shouldThrowInvalidClientIdWhenAnotherConnectionHasIt() throws JMSException {
        String clientId = "client-" + UUID.randomUUID();
        Connection first = jms.keep(jms.factory().createConnection());
        first.setClientID(clientId);
        first.start();
        Connection second = jms.keep(jms.factory().createConnection());

        assertThatThrownBy(() -> {
                    second.setClientID(clientId);
                    second.start();
                })
                .isInstanceOf(InvalidClientIDException.class);

        assertStillWorks(first.createSession(Session.AUTO_ACKNOWLEDGE));
    }

    @Test
    void shouldTakeClientIdAgainWhenItsConnectionIsClosed() throws JMSException {
        String clientId = "client-" + UUID.randomUUID();
        for (int i = 0; i < 5; i++) {
            Connection connection = jms.keep(jms.factory().createConnection());
            connection.setClientID(clientId);
            connection.start();
            connection.close();
        }
    }

    @Test
    void shouldThrowIllegalStateWhenClosedSessionIsUsed() throws JMSException {
        Session session = jms.session(Session.AUTO_ACKNOWLEDGE);
        Queue queue = Jms.uniqueQueue(session);
        MessageProducer producer = session.createProducer(queue);
        session.close();

        assertThatThrownBy(() -> producer.send(session.createMessage())).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> session.createConsumer(queue)).isInstanceOf(IllegalStateException.class);
    }

    private static void assertStillWorks(Session session) throws JMSException {
        Queue queue = Jms.uniqueQueue(session);
        Jms.sendNumbered(session, queue, 3);
        assertThat(Jms.receiveNumbers(session.createConsumer(queue), 3)).containsExactly(0, 1, 2);
    }
}

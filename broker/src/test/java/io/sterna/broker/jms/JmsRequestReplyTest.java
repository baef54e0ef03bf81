package io.sterna.broker.jms;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.broker.testing.BrokerExtension;
import jakarta.jms.Connection;
import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import java.util.Locale;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Patterns that applications build on queues: requests with answers, producers without a destination, JMSContext. */
@Timeout(60)
class JmsRequestReplyTest {
    @RegisterExtension
    static final BrokerExtension BROKER = BrokerExtension.shared();

    @RegisterExtension
    final Jms jms = new Jms(BROKER);

    /** JMSReplyTo (Jakarta Messaging 3.1 §3.4.6) and JMSCorrelationID (§3.4.5) tie an answer to its request. */
    @Test
    void shouldAnswerEachRequestWhenReplyToIsAPlainQueue() throws JMSException {
        Connection server = jms.connect();
        Session serving = server.createSession(Session.AUTO_ACKNOWLEDGE);
        Queue requests = Jms.uniqueQueue(serving);
        serveUpperCase(serving, requests);
        Session client = jms.session(Session.AUTO_ACKNOWLEDGE);
        Queue replies = Jms.uniqueQueue(client);
        MessageProducer asking = client.createProducer(requests);
        MessageConsumer answers = client.createConsumer(replies);

        for (int i = 0; i < 100; i++) {
            TextMessage request = client.createTextMessage("question " + i);
            request.setJMSReplyTo(replies);
            asking.send(request);
            TextMessage answer = (TextMessage) Jms.receive(answers);
            assertThat(answer.getText()).isEqualTo("QUESTION " + i);
            assertThat(answer.getJMSCorrelationID()).isEqualTo(request.getJMSMessageID());
        }
    }

    /** The server answers with one producer that has no destination, as JMS applications usually do. */
    private static void serveUpperCase(Session session, Queue requests) throws JMSException {
        MessageProducer answering = session.createProducer(null);
        session.createConsumer(requests).setMessageListener(request -> {
            try {
                TextMessage answer = session.createTextMessage(
                        ((TextMessage) request).getText().toUpperCase(Locale.ROOT));
                answer.setJMSCorrelationID(request.getJMSMessageID());
                answering.send(request.getJMSReplyTo(), answer);
            } catch (JMSException e) {
                throw new AssertionError(e);
            }
        });
    }

    /** An unidentified producer names the destination at each send; the client uses one anonymous link. */
    @Test
    void shouldReachEachQueueWhenProducerNamesItAtEachSend() throws JMSException {
        Session session = jms.session(Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer = session.createProducer(null);
        Queue[] queues = {Jms.uniqueQueue(session), Jms.uniqueQueue(session), Jms.uniqueQueue(session)};
        for (int n = 0; n < 30; n++) {
            Message message = session.createMessage();
            message.setIntProperty("n", n);
            producer.send(
                    queues[n % 3],
                    message,
                    n % 2 == 0 ? DeliveryMode.PERSISTENT : DeliveryMode.NON_PERSISTENT,
                    Message.DEFAULT_PRIORITY,
                    0);
        }

        for (int q = 0; q < 3; q++) {
            MessageConsumer consumer = session.createConsumer(queues[q]);
            for (int n = q; n < 30; n += 3) {
                Message message = Jms.receive(consumer);
                assertThat(message.getIntProperty("n")).isEqualTo(n);
                assertThat(message.getJMSDestination()).isEqualTo(queues[q]);
            }
        }
    }

    /** Two connections of two sessions each wait for one another, so that no blocking call may hold up another link. */
    @Test
    void shouldServeBothWhenTwoSessionsOfOneConnectionTalkToEachOther() throws Exception {
        Connection connection = jms.connect("jms.prefetchPolicy.all=0");
        Session one = connection.createSession(Session.AUTO_ACKNOWLEDGE);
        Session two = connection.createSession(Session.AUTO_ACKNOWLEDGE);
        Queue there = Jms.uniqueQueue(one);
        Queue back = Jms.uniqueQueue(one);
        CompletableFuture<Integer> forwarded = CompletableFuture.supplyAsync(() -> forward(two, there, back, 50));

        MessageProducer producer = one.createProducer(there);
        MessageConsumer consumer = one.createConsumer(back);
        for (int n = 0; n < 50; n++) {
            Message message = one.createMessage();
            message.setIntProperty("n", n);
            producer.send(message);
            assertThat(Jms.receive(consumer).getIntProperty("n")).isEqualTo(n);
        }

        assertThat(forwarded.get(20, TimeUnit.SECONDS)).isEqualTo(50);
    }

    private static int forward(Session session, Queue from, Queue to, int count) {
        try (MessageConsumer consumer = session.createConsumer(from);
                MessageProducer producer = session.createProducer(to)) {
            for (int n = 0; n < count; n++) {
                producer.send(Jms.receive(consumer));
            }
            return count;
        } catch (JMSException e) {
            throw new AssertionError(e);
        }
    }

    /** The simplified interface of Jakarta Messaging does the same work. */
    @Test
    void shouldSendAndReceiveWhenApplicationUsesJmsContext() {
        String name = "jms.context-" + UUID.randomUUID();
        try (JMSContext context = jms.factory().createContext(JMSContext.CLIENT_ACKNOWLEDGE)) {
            Queue queue = context.createQueue(name);
            context.createProducer()
                    .setProperty("colour", "blue")
                    .setPriority(7)
                    .send(queue, "hello");
            try (JMSConsumer consumer = context.createConsumer(queue)) {
                assertThat(consumer.receiveBody(String.class, Jms.PATIENCE.toMillis()))
                        .isEqualTo("hello");
                context.recover();
                Message again = consumer.receive(Jms.PATIENCE.toMillis());
                assertThat(again.getStringProperty("colour")).isEqualTo("blue");
                assertThat(again.getJMSPriority()).isEqualTo(7);
                assertThat(again.getJMSRedelivered()).isTrue();
                context.acknowledge();
                assertThat(consumer.receiveNoWait()).isNull();
            } catch (JMSException e) {
                throw new AssertionError(e);
            }
        }
    }
}

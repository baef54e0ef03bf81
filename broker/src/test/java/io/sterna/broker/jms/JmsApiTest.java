package io.sterna.broker.jms;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.broker.testing.BrokerExtension;
import jakarta.jms.BytesMessage;
import jakarta.jms.CompletionListener;
import jakarta.jms.Connection;
import jakarta.jms.JMSConsumer;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.JMSProducer;
import jakarta.jms.MapMessage;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Queue;
import jakarta.jms.QueueBrowser;
import jakarta.jms.QueueConnection;
import jakarta.jms.QueueSession;
import jakarta.jms.Session;
import jakarta.jms.StreamMessage;
import java.util.ArrayList;
import java.util.Enumeration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** What Jakarta Messaging 3.1 promises of all of its APIs alike: threads, sending, receiving, starting. */
@Timeout(120)
class JmsApiTest {
    private static final int THREADS = 8;
    private static final int MESSAGES = 50;

    @RegisterExtension
    static final BrokerExtension BROKER = BrokerExtension.shared();

    @RegisterExtension
    final Jms jms = new Jms(BROKER);

    private static int depth(Session session, Queue queue) throws JMSException {
        try (QueueBrowser browser = session.createBrowser(queue)) {
            Enumeration<?> messages = browser.getEnumeration();
            int count = 0;
            for (; messages.hasMoreElements(); messages.nextElement()) {
                count++;
            }
            return count;
        }
    }

    /** §2.14 and §5.2: several threads may use a connection and a destination at a time, each with a session of its own. */
    @Test
    void shouldServeThreadsThatShareAConnectionAndADestination() throws Exception {
        Connection connection = jms.connect();
        Queue queue = Jms.uniqueQueue(connection.createSession());
        List<CompletableFuture<List<Integer>>> all = new ArrayList<>();
        for (int thread = 0; thread < THREADS; thread++) {
            all.add(CompletableFuture.supplyAsync(() -> {
                try (Session session = connection.createSession(Session.AUTO_ACKNOWLEDGE);
                        MessageConsumer consumer = session.createConsumer(queue)) {
                    Jms.sendNumbered(session, queue, MESSAGES);
                    return Jms.receiveNumbers(consumer, 1);
                } catch (JMSException e) {
                    throw new IllegalStateException(e);
                }
            }));
        }
        for (CompletableFuture<List<Integer>> each : all) {
            assertThat(each.get(Jms.PATIENCE.toMillis(), TimeUnit.MILLISECONDS)).hasSize(1);
        }

        Session session = connection.createSession();
        assertThat(Jms.receiveNumbers(session.createConsumer(queue), THREADS * (MESSAGES - 1)))
                .hasSize(THREADS * (MESSAGES - 1));
    }

    /** §3.11.4: a message passed between clients retains its full form; a map does not arrive as bytes. */
    @Test
    void shouldRetainTheFormOfAMessageWhenPassedBetweenClients() throws JMSException {
        Session sending = jms.session(Session.AUTO_ACKNOWLEDGE);
        Queue queue = Jms.uniqueQueue(sending);
        MapMessage map = sending.createMapMessage();
        map.setLong("amount", 7);
        StreamMessage stream = sending.createStreamMessage();
        stream.writeString("a");
        stream.writeDouble(0.5);
        BytesMessage bytes = sending.createBytesMessage();
        bytes.writeInt(5);
        sending.createProducer(queue).send(map);
        sending.createProducer(queue).send(stream);
        sending.createProducer(queue).send(bytes);

        MessageConsumer consumer = jms.session(Session.AUTO_ACKNOWLEDGE).createConsumer(queue);
        assertThat(((MapMessage) Jms.receive(consumer)).getLong("amount")).isEqualTo(7);
        StreamMessage received = (StreamMessage) Jms.receive(consumer);
        assertThat(received.readString()).isEqualTo("a");
        assertThat(received.readDouble()).isEqualTo(0.5);
        assertThat(((BytesMessage) Jms.receive(consumer)).readInt()).isEqualTo(5);
    }

    /** §7.2: the methods block until the message has been sent, and confirmed: others see it then. */
    @Test
    void shouldHaveTheMessageWhenASynchronousSendReturns() throws JMSException {
        Session looking = jms.session(Session.AUTO_ACKNOWLEDGE);
        Queue queue = Jms.uniqueQueue(looking);
        Session session = jms.session(Session.AUTO_ACKNOWLEDGE);
        session.createProducer(queue).send(session.createMessage());
        assertThat(depth(looking, queue)).isEqualTo(1);
        session.createProducer(null).send(queue, session.createMessage());
        assertThat(depth(looking, queue)).isEqualTo(2);

        JMSProducer producer = jms.context(JMSContext.AUTO_ACKNOWLEDGE).createProducer();
        producer.send(queue, "text");
        assertThat(depth(looking, queue)).isEqualTo(3);
        producer.send(queue, Map.of("amount", 1));
        assertThat(depth(looking, queue)).isEqualTo(4);
        producer.send(queue, new byte[] {1});
        assertThat(depth(looking, queue)).isEqualTo(5);

        QueueConnection connection = jms.factory().createQueueConnection();
        jms.keep(connection);
        QueueSession legacy = connection.createQueueSession(false, Session.AUTO_ACKNOWLEDGE);
        legacy.createSender(queue).send(legacy.createMessage());
        assertThat(depth(looking, queue)).isEqualTo(6);
    }

    /** §8.2: each API has its way to create a consumer on a queue; all of them consume from the same one. */
    @Test
    void shouldConsumeFromTheSameQueueWhateverTheApi() throws JMSException {
        Session session = jms.session(Session.AUTO_ACKNOWLEDGE);
        Queue queue = Jms.uniqueQueue(session);
        Jms.sendNumbered(session, queue, 3);
        String oneAtATime = "jms.prefetchPolicy.all=0";

        Session classic = jms.session(Session.AUTO_ACKNOWLEDGE, oneAtATime);
        assertThat(Jms.receiveNumbers(classic.createConsumer(queue), 1)).containsExactly(0);
        JMSContext simplified = jms.context(JMSContext.AUTO_ACKNOWLEDGE, oneAtATime);
        assertThat(simplified.createConsumer(queue).receiveBody(String.class, Jms.PATIENCE.toMillis()))
                .isEqualTo("1");
        QueueConnection connection = jms.factory(oneAtATime).createQueueConnection();
        jms.keep(connection).start();
        QueueSession legacy = connection.createQueueSession(false, Session.AUTO_ACKNOWLEDGE);
        assertThat(Jms.receiveNumbers(legacy.createReceiver(queue), 1)).containsExactly(2);
    }

    /** §8.4: a context starts by itself with its first consumer, unless it is told not to; stop suspends delivery. */
    @Test
    void shouldStartDeliveryWithTheFirstConsumerUnlessToldNotTo() throws JMSException {
        Session session = jms.session(Session.AUTO_ACKNOWLEDGE);
        Queue queue = Jms.uniqueQueue(session);
        Jms.sendNumbered(session, queue, 2);
        JMSContext waiting = jms.context(JMSContext.AUTO_ACKNOWLEDGE);
        waiting.setAutoStart(false);
        JMSConsumer consumer = waiting.createConsumer(queue);
        assertThat(consumer.receive(150)).isNull();
        waiting.start();
        assertThat(consumer.receiveBody(String.class, Jms.PATIENCE.toMillis())).isEqualTo("0");
        waiting.stop();
        assertThat(consumer.receive(150)).isNull();
        waiting.start();
        assertThat(consumer.receiveBody(String.class, Jms.PATIENCE.toMillis())).isEqualTo("1");

        Jms.sendNumbered(session, queue, 1);
        consumer.close();
        JMSConsumer other = jms.context(JMSContext.AUTO_ACKNOWLEDGE).createConsumer(queue);
        assertThat(other.receiveBody(String.class, Jms.PATIENCE.toMillis())).isEqualTo("0");
    }

    /** §7.5 and §7.6: properties and headers that are set on the producer override those of the message. */
    @Test
    void shouldOverrideWhatTheMessageSaysWhenSetOnTheProducer() throws JMSException {
        JMSContext context = jms.context(JMSContext.AUTO_ACKNOWLEDGE);
        Queue queue = context.createQueue("jms." + Jms.uniqueName("override"));
        Message message = context.createMessage();
        message.setStringProperty("colour", "red");
        message.setIntProperty("n", 1);
        message.setJMSCorrelationID("mine");
        message.setJMSType("old");
        context.createProducer()
                .setProperty("colour", "blue")
                .setJMSCorrelationID("its")
                .setJMSType("new")
                .send(queue, message);

        Message received = context.createConsumer(queue).receive(Jms.PATIENCE.toMillis());
        assertThat(received.getStringProperty("colour")).isEqualTo("blue");
        assertThat(received.getIntProperty("n")).isEqualTo(1);
        assertThat(received.getJMSCorrelationID()).isEqualTo("its");
        assertThat(received.getJMSType()).isEqualTo("new");
    }

    /** §7.3.1: completion is told when the message has been sent with the confidence of a synchronous send. */
    @Test
    void shouldHaveTheMessageWhenAnAsynchronousSendIsCompleted() throws Exception {
        Session looking = jms.session(Session.AUTO_ACKNOWLEDGE);
        Queue queue = Jms.uniqueQueue(looking);
        CompletableFuture<Message> completed = new CompletableFuture<>();
        Session session = jms.session(Session.AUTO_ACKNOWLEDGE);
        session.createProducer(queue).send(session.createMessage(), new CompletionListener() {
            @Override
            public void onCompletion(Message message) {
                completed.complete(message);
            }

            @Override
            public void onException(Message message, Exception failure) {
                completed.completeExceptionally(failure);
            }
        });
        completed.get(Jms.PATIENCE.toMillis(), TimeUnit.MILLISECONDS);

        assertThat(depth(looking, queue)).isEqualTo(1);
    }
}

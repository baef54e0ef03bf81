package io.sterna.broker.jms;

import io.sterna.broker.testing.BrokerExtension;
import jakarta.jms.Connection;
import jakarta.jms.Destination;
import jakarta.jms.JMSContext;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import jakarta.jms.TextMessage;
import jakarta.jms.Topic;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Enumeration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import org.apache.qpid.jms.JmsConnectionFactory;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/** The JMS side of one test: connections that are closed after it, and the short forms that every test needs. */
final class Jms implements AfterEachCallback {
    /** Long enough for a busy machine; only a failing test waits so long. */
    static final Duration PATIENCE = Duration.ofSeconds(20);

    /** Long enough for a message that should not come; a slow machine only makes a test pass. */
    private static final long MOMENT_MILLIS = 150;

    private final BrokerExtension broker;
    private final List<Connection> connections = new CopyOnWriteArrayList<>();
    private final List<JMSContext> contexts = new CopyOnWriteArrayList<>();

    Jms(BrokerExtension broker) {
        this.broker = broker;
    }

    /** A factory for the broker under test; options are URI options such as {@code jms.prefetchPolicy.all=0}. */
    JmsConnectionFactory factory(String... options) {
        String query = "jms.requestTimeout=" + PATIENCE.toMillis() + "&jms.connectTimeout=" + PATIENCE.toMillis();
        String ofBroker = broker.broker().clientOptions();
        if (!ofBroker.isEmpty()) {
            query += "&" + ofBroker;
        }
        for (String option : options) {
            query += "&" + option;
        }
        return new JmsConnectionFactory(broker.url() + "?" + query);
    }

    /** A started connection, closed after the test. */
    Connection connect(String... options) throws JMSException {
        Connection connection = keep(factory(options).createConnection());
        connection.start();
        return connection;
    }

    /** A session on a connection of its own. */
    Session session(int acknowledgeMode, String... options) throws JMSException {
        return connect(options).createSession(acknowledgeMode);
    }

    /** Has the connection closed after the test. */
    Connection keep(Connection connection) {
        connections.add(connection);
        return connection;
    }

    /** A queue that no other test uses. */
    static Queue uniqueQueue(Session session) throws JMSException {
        return session.createQueue("jms." + UUID.randomUUID());
    }

    /** A topic that no other test uses. */
    static Topic uniqueTopic(Session session) throws JMSException {
        return session.createTopic("jms.topic." + UUID.randomUUID());
    }

    /** A client identifier or a subscription's name that no other test uses. */
    static String uniqueName(String prefix) {
        return prefix + "-" + UUID.randomUUID();
    }

    /** A started connection with this client identifier, closed after the test. */
    Connection connectAs(String clientId) throws JMSException {
        Connection connection = keep(factory().createConnection());
        connection.setClientID(clientId);
        connection.start();
        return connection;
    }

    /** A context on a connection of its own, closed after the test. */
    JMSContext context(int sessionMode, String... options) {
        JMSContext context = factory(options).createContext(sessionMode);
        contexts.add(context);
        return context;
    }

    /** Sends a text message. */
    static void send(Session session, Destination destination, String text) throws JMSException {
        try (MessageProducer producer = session.createProducer(destination)) {
            producer.send(session.createTextMessage(text));
        }
    }

    /** The text of the next message, which has to come. */
    static String receiveText(MessageConsumer consumer) throws JMSException {
        return ((TextMessage) receive(consumer)).getText();
    }

    /** The texts of the next messages, which have to come. */
    static List<String> receiveTexts(MessageConsumer consumer, int count) throws JMSException {
        List<String> texts = new ArrayList<>();
        while (texts.size() < count) {
            texts.add(receiveText(consumer));
        }
        return texts;
    }

    /** That there is no message: the consumer asks the broker, and waits a moment for what might be under way. */
    static void assertNothing(MessageConsumer consumer) throws JMSException {
        Message message = consumer.receive(MOMENT_MILLIS);
        if (message != null) {
            throw new AssertionError("unexpected message: " + message);
        }
    }

    /** Sends text messages {@code 0 … count-1}, each with its number as the property {@code n}. */
    static void sendNumbered(Session session, Destination destination, int count) throws JMSException {
        try (MessageProducer producer = session.createProducer(destination)) {
            for (int n = 0; n < count; n++) {
                Message message = session.createTextMessage(Integer.toString(n));
                message.setIntProperty("n", n);
                producer.send(message);
            }
        }
    }

    /** The next message, which has to come. */
    static Message receive(MessageConsumer consumer) throws JMSException {
        Message message = consumer.receive(PATIENCE.toMillis());
        if (message == null) {
            throw new AssertionError("no message within " + PATIENCE);
        }
        return message;
    }

    /** The numbers of the next messages of {@link #sendNumbered}. */
    static List<Integer> receiveNumbers(MessageConsumer consumer, int count) throws JMSException {
        List<Integer> numbers = new ArrayList<>();
        while (numbers.size() < count) {
            numbers.add(receive(consumer).getIntProperty("n"));
        }
        return numbers;
    }

    /** JMS hands out its names as a raw enumeration. */
    static List<String> names(Enumeration<?> names) {
        return Collections.list(names).stream().map(String.class::cast).toList();
    }

    @Override
    public void afterEach(ExtensionContext context) throws JMSException {
        for (Connection connection : connections) {
            connection.close();
        }
        contexts.forEach(JMSContext::close);
    }
}

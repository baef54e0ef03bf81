package io.sterna.bench.load;

import jakarta.jms.Connection;
import jakarta.jms.ConnectionFactory;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageListener;
import jakarta.jms.Queue;
import jakarta.jms.Session;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.qpid.jms.JmsConnectionFactory;

/** The connections of one scenario, and a name that no other scenario uses. Owned by the scenario's thread. */
final class Clients implements AutoCloseable {

    /** A queue that gives nothing for so long, while something is expected, gives nothing any more. */
    static final Duration SILENCE = Duration.ofSeconds(15);

    // Qpid JMS waits for ever by default; here every request has an end.
    static final String OPTIONS =
            "jms.connectTimeout=15000&jms.requestTimeout=20000" + "&jms.sendTimeout=30000&jms.closeTimeout=10000";

    private static final int NAMES_TRIED = 10_000;

    private final Target target;
    private final String name;
    private final List<Connection> connections = new ArrayList<>();

    Clients(Target target, String scenario) {
        this.target = target;
        String fresh = scenario + "." + Long.toString(System.nanoTime(), Character.MAX_RADIX);
        this.name = IntStream.range(0, NAMES_TRIED)
                .mapToObj(number -> fresh + "." + number)
                .filter(name -> target.queues().test(queueName(name)))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("no name of a queue is of the kind that is wanted"));
    }

    Target target() {
        return target;
    }

    /** The scenario's own queue, without the JMS object. */
    String queueName() {
        return queueName(name);
    }

    private static String queueName(String name) {
        return "bench." + name;
    }

    Queue queue(Session session) throws JMSException {
        return session.createQueue(queueName());
    }

    String topicName() {
        return target.topicPrefix() + name;
    }

    /** Opens and starts a connection, which is closed with the scenario. */
    Connection connect() throws JMSException {
        String uri = "amqp://" + target.uri().getHost() + ":" + target.port() + "?" + OPTIONS;
        ConnectionFactory factory = new JmsConnectionFactory(uri);
        Connection connection = target.user().isEmpty()
                ? factory.createConnection()
                : factory.createConnection(target.user(), target.password());
        connections.add(connection);
        connection.start();
        return connection;
    }

    /** A session with automatic acknowledgement on a connection of its own. */
    Session session() throws JMSException {
        return connect().createSession(false, Session.AUTO_ACKNOWLEDGE);
    }

    /** Receives on a connection of its own. */
    void listen(MessageListener listener) throws JMSException {
        Session session = session();
        session.createConsumer(queue(session)).setMessageListener(listener);
    }

    /**
     * Empties the scenario's queue.
     *
     * @throws ScenarioFailedException when the queue held more or fewer messages than were accepted
     */
    void drain(long accepted) throws JMSException, ScenarioFailedException {
        Session session = session();
        long received = 0;
        try (MessageConsumer consumer = session.createConsumer(queue(session))) {
            for (; received < accepted; received++) {
                Message message = consumer.receive(SILENCE.toMillis());
                if (message == null) {
                    throw new ScenarioFailedException(
                            accepted + " messages were accepted, but only " + received + " came back");
                }
            }
            if (consumer.receiveNoWait() != null) {
                throw new ScenarioFailedException("more messages came back than the " + accepted + " accepted");
            }
        }
    }

    @Override
    public void close() {
        for (Connection connection : connections) {
            try {
                connection.close();
            } catch (JMSException e) {
                // The figures are there; a broker that fails at the end shows it in the next scenario.
                System.err.println("closing a connection of " + name + ": " + e.getMessage());
            }
        }
    }
}

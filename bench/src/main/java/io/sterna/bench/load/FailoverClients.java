package io.sterna.bench.load;

import jakarta.jms.Connection;
import jakarta.jms.JMSException;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.net.URI;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import org.apache.qpid.jms.JmsConnection;
import org.apache.qpid.jms.JmsConnectionFactory;
import org.apache.qpid.jms.JmsConnectionListener;
import org.apache.qpid.jms.message.JmsInboundMessageDispatch;

/** Connections that come back by themselves when the broker does. Any thread. */
final class FailoverClients {

    private static final String FAILOVER =
            "failover.reconnectDelay=100&failover.useReconnectBackOff=false&failover.warnAfterReconnectAttempts=-1";
    private static final Duration RESTORE = Duration.ofSeconds(60);
    private static final Duration POLL = Duration.ofMillis(20);

    private final int port;
    private final Outages outages;
    private final Set<Client> open = ConcurrentHashMap.newKeySet();
    private final AtomicReference<Optional<String>> unexplained = new AtomicReference<>(Optional.empty());

    FailoverClients(int port, Outages outages) {
        this.port = port;
        this.outages = outages;
    }

    Outages outages() {
        return outages;
    }

    /** Opens and starts a connection; waits for the broker when it is away. */
    Client connect(Optional<String> clientId) throws JMSException {
        JmsConnectionFactory factory = new JmsConnectionFactory(
                "failover:(amqp://127.0.0.1:" + port + ")?" + FAILOVER + "&" + Clients.OPTIONS);
        clientId.ifPresent(factory::setClientID);
        JmsConnection connection = (JmsConnection) factory.createConnection();
        try {
            // Only now does it connect. Until it has done so it is neither interrupted nor restored.
            connection.start();
        } catch (JMSException e) {
            connection.close();
            throw e;
        }
        Client client = new Client(connection);
        connection.addConnectionListener(client);
        open.add(client);
        return client;
    }

    /** Waits until each connection that was open when the outage began has been restored, or was closed. */
    void awaitRestored(Crew crew) throws InterruptedException, ScenarioFailedException {
        long deadline = System.nanoTime() + RESTORE.toNanos();
        int outage = outages.now();
        while (open.stream().anyMatch(client -> client.isAway(outage))) {
            if (System.nanoTime() - deadline >= 0) {
                throw new ScenarioFailedException(open.stream()
                        .filter(client -> client.isAway(outage))
                        .map(client -> client.owner)
                        .collect(Collectors.joining(
                                ", ", "not back within " + RESTORE.toSeconds() + " s of the broker's return: ", "")));
            }
            crew.awaitFailure(POLL);
        }
    }

    /** What happened to a connection while nothing was done to the broker. */
    Optional<String> unexplained() {
        return unexplained.get();
    }

    /** One connection. */
    final class Client implements JmsConnectionListener, AutoCloseable {

        private final JmsConnection connection;
        private final String owner = Thread.currentThread().getName();
        private final int openedAt = outages.now();
        private volatile int restoredAt = -1;

        private Client(JmsConnection connection) {
            this.connection = connection;
        }

        private boolean isAway(int outage) {
            return openedAt < outage && restoredAt < outage;
        }

        Connection connection() {
            return connection;
        }

        @Override
        public void onConnectionInterrupted(URI remote) {
            // An outage ends when all connections are restored, but for those that were opened in it.
            if (!outages.isOutage() && !Outages.isOutage(openedAt)) {
                unexplained.set(Optional.of("a connection was lost though nothing was done to the broker"));
            }
        }

        @Override
        public void onConnectionRestored(URI remote) {
            restoredAt = outages.now();
        }

        @Override
        public void onConnectionEstablished(URI remote) {}

        @Override
        public void onConnectionFailure(Throwable error) {
            unexplained.set(Optional.of("a connection has failed: " + error));
        }

        @Override
        public void onInboundMessage(JmsInboundMessageDispatch envelope) {}

        @Override
        public void onSessionClosed(Session session, Throwable cause) {
            onClosed("session", cause);
        }

        @Override
        public void onConsumerClosed(MessageConsumer consumer, Throwable cause) {
            onClosed("consumer", cause);
        }

        @Override
        public void onProducerClosed(MessageProducer producer, Throwable cause) {
            onClosed("producer", cause);
        }

        private void onClosed(String what, Throwable cause) {
            if (!outages.isOutage()) {
                unexplained.set(Optional.of("the broker closed a " + what + ": " + cause));
            }
        }

        @Override
        public void close() throws JMSException {
            try {
                connection.close();
            } finally {
                open.remove(this);
            }
        }
    }
}

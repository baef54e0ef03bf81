package io.sterna.bench.load;

import io.sterna.bench.load.FailoverClients.Client;
import jakarta.jms.DeliveryMode;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;

/**
 * Clients that come, make a temporary queue and a subscription, use them, and leave nothing behind. One thread runs
 * them, any may count them.
 */
final class Visitors {

    private static final String SUBSCRIPTION = "visit";
    private static final int MESSAGES = 5;
    private static final Duration PAUSE = Duration.ofMillis(50);
    private static final Duration POLL = Duration.ofMillis(300);
    private static final int POLLS = 100;

    private final FailoverClients clients;
    private final Bodies bodies;
    private final AtomicLong count = new AtomicLong();

    // The visitors' thread: the last one may not have got to unsubscribing
    private boolean leftBehind;

    Visitors(FailoverClients clients, Bodies bodies) {
        this.clients = clients;
        this.bodies = bodies;
    }

    long count() {
        return count.get();
    }

    void run(Crew crew, BooleanSupplier goOn) throws JMSException, InterruptedException, ScenarioFailedException {
        while (crew.isRunning() && (goOn.getAsBoolean() || leftBehind)) {
            int cameAt = clients.outages().now();
            if (!leftBehind) {
                count.incrementAndGet();
            }
            try (Client client = clients.connect(Optional.of("visitor-" + count))) {
                visit(client, cameAt);
            } catch (JMSException e) {
                leftBehind = true;
                if (!clients.outages().disturbedSince(cameAt)) {
                    throw e;
                }
            }
            crew.awaitFailure(PAUSE);
        }
    }

    private void visit(Client client, int cameAt) throws JMSException, ScenarioFailedException {
        Session session = client.connection().createSession(false, Session.AUTO_ACKNOWLEDGE);
        Topic topic = session.createTopic("soak.visited");
        if (leftBehind) {
            session.createDurableConsumer(topic, SUBSCRIPTION).close();
            session.unsubscribe(SUBSCRIPTION);
            leftBehind = false;
            return;
        }
        Destination queue = session.createTemporaryQueue();
        exchange(session, queue, session.createConsumer(queue), DeliveryMode.NON_PERSISTENT, cameAt);
        MessageConsumer subscriber = session.createDurableConsumer(topic, SUBSCRIPTION);
        exchange(session, topic, subscriber, DeliveryMode.PERSISTENT, cameAt);
        session.unsubscribe(SUBSCRIPTION);
    }

    /** Sends and receives, and closes both ends. An outage may take what is temporary, or not persistent. */
    private void exchange(Session session, Destination address, MessageConsumer consumer, int deliveryMode, int cameAt)
            throws JMSException, ScenarioFailedException {
        try (consumer;
                MessageProducer producer = session.createProducer(address)) {
            producer.setDeliveryMode(deliveryMode);
            for (int number = 0; number < MESSAGES; number++) {
                producer.send(bodies.message(session, number));
            }
            for (int number = 0; number < MESSAGES; number++) {
                Optional<Message> message = await(consumer, cameAt);
                if (clients.outages().disturbedSince(cameAt)) {
                    return;
                }
                if (message.isEmpty() || Bodies.number(message.get()) != number) {
                    throw new ScenarioFailedException("a visitor missed message " + number + " of its own");
                }
            }
        }
    }

    /** The next message; empty when none comes, or when an outage may have taken it. */
    private Optional<Message> await(MessageConsumer consumer, int cameAt) throws JMSException {
        for (int poll = 0; poll < POLLS && !clients.outages().disturbedSince(cameAt); poll++) {
            Message message = consumer.receive(POLL.toMillis());
            if (message != null) {
                return Optional.of(message);
            }
        }
        return Optional.empty();
    }
}

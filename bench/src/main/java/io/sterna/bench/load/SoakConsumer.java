package io.sterna.bench.load;

import io.sterna.bench.load.FailoverClients.Client;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageConsumer;
import jakarta.jms.Session;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;

/**
 * Receives on one connection after the other, through every outage. A connection that is closed in order has its
 * acknowledgements safe; that is what makes it known that a message must not come again. Owned by its thread.
 */
final class SoakConsumer {

    /**
     * What is received from, and how.
     *
     * @param link makes the consumer
     * @param clientId where it is a durable subscription's
     * @param transacted acknowledges in transactions, or else automatically
     * @param absence how long nobody is there between two connections
     */
    record Habit(Link link, Optional<String> clientId, boolean transacted, Duration absence) {}

    /** Makes the consumer. */
    interface Link {
        MessageConsumer in(Session session) throws JMSException;
    }

    private static final Duration STAY = Duration.ofSeconds(3);
    private static final Duration POLL = Duration.ofMillis(300);

    /** A queue that gives nothing for so long, while something is expected, gives nothing any more. */
    private static final Duration SILENCE = Duration.ofSeconds(30);

    private final FailoverClients clients;
    private final Habit habit;
    private final Receipts receipts;

    private long waitingSince;

    SoakConsumer(FailoverClients clients, Habit habit, Receipts receipts) {
        this.clients = clients;
        this.habit = habit;
        this.receipts = receipts;
    }

    Receipts receipts() {
        return receipts;
    }

    /** Creates the durable subscription before anything is published. */
    void subscribe() throws JMSException {
        try (Client client = clients.connect(habit.clientId())) {
            habit.link().in(client.connection().createSession(false, Session.AUTO_ACKNOWLEDGE));
        }
    }

    /**
     * Receives until there is nothing any more.
     *
     * @param over whether all has been sent and has its outcome
     */
    void run(Crew crew, BooleanSupplier over) throws JMSException, InterruptedException, ScenarioFailedException {
        boolean empty = false;
        waitingSince = System.nanoTime();
        while (crew.isRunning() && !empty) {
            int openedAt = clients.outages().now();
            long before = receipts.received();
            try {
                try (Client client = clients.connect(habit.clientId())) {
                    empty = receive(client, crew, over, openedAt);
                }
                maybeSafe(openedAt, before);
            } catch (JMSException e) {
                if (!clients.outages().disturbedSince(openedAt)) {
                    throw e;
                }
            }
            if (!empty && !habit.absence().isZero()) {
                crew.awaitFailure(habit.absence());
            }
        }
    }

    /** Returns whether the queue is empty and nothing comes any more. */
    private boolean receive(Client client, Crew crew, BooleanSupplier over, int openedAt) throws JMSException {
        boolean transacted = habit.transacted();
        Session session = transacted
                ? client.connection().createSession(true, Session.SESSION_TRANSACTED)
                : client.connection().createSession(false, Session.AUTO_ACKNOWLEDGE);
        MessageConsumer consumer = habit.link().in(session);
        long before = receipts.received();
        long opened = System.nanoTime();
        int uncommitted = 0;
        while (crew.isRunning() && System.nanoTime() - opened < STAY.toNanos()) {
            boolean last = over.getAsBoolean();
            Message message = consumer.receive(POLL.toMillis());
            if (message != null) {
                receipts.onReceived(Bodies.number(message));
                uncommitted++;
            }
            if (transacted && uncommitted > 0 && (uncommitted == SoakProducer.BATCH || message == null)) {
                session.commit();
                uncommitted = 0;
                maybeSafe(openedAt, before);
            }
            if (message != null || !last || clients.outages().isOutage()) {
                waitingSince = System.nanoTime();
            } else if (receipts.isComplete() || System.nanoTime() - waitingSince > SILENCE.toNanos()) {
                return true;
            }
        }
        if (transacted && uncommitted > 0) {
            session.commit();
        }
        return false;
    }

    /** What came back after an outage comes before anything new; only then is it known what does not come back. */
    private void maybeSafe(int openedAt, long receivedBefore) {
        if (receipts.received() > receivedBefore) {
            receipts.onSafe(openedAt);
        }
    }
}

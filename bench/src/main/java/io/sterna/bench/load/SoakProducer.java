package io.sterna.bench.load;

import io.sterna.bench.load.FailoverClients.Client;
import jakarta.jms.CompletionListener;
import jakarta.jms.DeliveryMode;
import jakarta.jms.Destination;
import jakarta.jms.JMSException;
import jakarta.jms.Message;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;

/** Sends persistent messages as fast as their consumers and the broker let it, through every outage. */
final class SoakProducer {

    /** How it waits for outcomes. */
    enum Kind {
        ASYNCHRONOUS,
        BLOCKING,
        TRANSACTED
    }

    /** Where a producer sends to. */
    interface Address {
        Destination in(Session session) throws JMSException;
    }

    static final int BATCH = 100;

    private static final Duration STALL = Duration.ofSeconds(90);

    private final FailoverClients clients;
    private final Outages outages;
    private final Kind kind;
    private final Address address;
    private final Bodies bodies;
    private final Ledger ledger;
    private final List<Receipts> receipts;

    /** @param receipts of all who get what is sent */
    SoakProducer(
            FailoverClients clients,
            Kind kind,
            Address address,
            Bodies bodies,
            Ledger ledger,
            List<Receipts> receipts) {
        this.clients = clients;
        this.outages = clients.outages();
        this.kind = kind;
        this.address = address;
        this.bodies = bodies;
        this.ledger = ledger;
        this.receipts = receipts;
    }

    /** Sends for as long as it may, and returns when nothing is in flight any more. */
    void run(Crew crew, BooleanSupplier goOn) throws JMSException, InterruptedException, ScenarioFailedException {
        BooleanSupplier more = () -> crew.isRunning() && goOn.getAsBoolean();
        while (more.getAsBoolean()) {
            int openedAt = outages.now();
            try (Client client = clients.connect(Optional.empty())) {
                switch (kind) {
                    case ASYNCHRONOUS -> sendAsynchronously(client, crew, more);
                    case BLOCKING -> sendBlocking(client, more);
                    case TRANSACTED -> sendTransacted(client, more);
                }
            } catch (JMSException e) {
                if (!outages.disturbedSince(openedAt)) {
                    throw e;
                }
            }
        }
    }

    private void sendAsynchronously(Client client, Crew crew, BooleanSupplier more)
            throws JMSException, InterruptedException, ScenarioFailedException {
        Session session = client.connection().createSession(false, Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer = producer(session);
        Semaphore window = new Semaphore(AsyncSender.IN_FLIGHT);
        try {
            while (more.getAsBoolean()) {
                awaitRoom();
                acquire(window, 1);
                long number = ledger.begin();
                Outcome outcome = new Outcome(number, window, crew);
                try {
                    producer.send(bodies.message(session, number), outcome);
                } catch (JMSException e) {
                    ledger.onUnknown(number);
                    window.release();
                    throw e;
                }
            }
        } finally {
            // Its numbers may be judged only when their outcomes are known.
            acquire(window, AsyncSender.IN_FLIGHT);
        }
    }

    private void sendBlocking(Client client, BooleanSupplier more)
            throws JMSException, InterruptedException, ScenarioFailedException {
        Session session = client.connection().createSession(false, Session.AUTO_ACKNOWLEDGE);
        MessageProducer producer = producer(session);
        while (more.getAsBoolean()) {
            awaitRoom();
            int sentAt = outages.now();
            long number = ledger.begin();
            try {
                producer.send(bodies.message(session, number));
            } catch (JMSException e) {
                ledger.onUnknown(number);
                throw e;
            }
            ledger.onAccepted(number, sentAt);
        }
    }

    private void sendTransacted(Client client, BooleanSupplier more)
            throws JMSException, InterruptedException, ScenarioFailedException {
        Session session = client.connection().createSession(true, Session.SESSION_TRANSACTED);
        MessageProducer producer = producer(session);
        while (more.getAsBoolean()) {
            for (int i = 0; i < BATCH; i++) {
                awaitRoom();
            }
            Ledger.Batch batch = ledger.beginBatch(BATCH);
            try {
                for (int i = 0; i < BATCH; i++) {
                    producer.send(bodies.message(session, batch.first() + i));
                }
                session.commit();
            } catch (JMSException e) {
                ledger.onUnknown(batch);
                throw e;
            }
        }
    }

    private MessageProducer producer(Session session) throws JMSException {
        MessageProducer producer = session.createProducer(address.in(session));
        producer.setDeliveryMode(DeliveryMode.PERSISTENT);
        return producer;
    }

    private void awaitRoom() throws InterruptedException, ScenarioFailedException {
        for (Receipts each : receipts) {
            each.awaitRoom();
        }
    }

    private static void acquire(Semaphore window, int permits) throws InterruptedException, ScenarioFailedException {
        if (!window.tryAcquire(permits, STALL.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new ScenarioFailedException("no outcome of a send for " + STALL.toSeconds() + " s");
        }
    }

    /** Hears of one message's outcome on the provider's thread. */
    private final class Outcome implements CompletionListener {

        private final long number;
        private final Semaphore window;
        private final Crew crew;
        private final int sentAt = outages.now();

        private Outcome(long number, Semaphore window, Crew crew) {
            this.number = number;
            this.window = window;
            this.crew = crew;
        }

        @Override
        public void onCompletion(Message message) {
            ledger.onAccepted(number, sentAt);
            window.release();
        }

        @Override
        public void onException(Message message, Exception exception) {
            ledger.onUnknown(number);
            if (!outages.disturbedSince(sentAt)) {
                crew.fail(exception);
            }
            window.release();
        }
    }
}

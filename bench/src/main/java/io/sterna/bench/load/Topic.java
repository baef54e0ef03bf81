package io.sterna.bench.load;

import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import java.util.concurrent.Semaphore;

/** One publisher, several non-durable subscribers with a connection each. Counts deliveries. */
record Topic(String name, int subscribers) implements Scenario {

    private static final int LEAD = 2_000;

    @Override
    public String about() {
        return "one publisher, persistent, to " + subscribers + " non-durable subscribers; counts deliveries";
    }

    @Override
    public Measurement prepare(Clients clients, Load load) throws JMSException {
        Crew crew = new Crew();
        Meter meter = new Meter(clients.target().probe());
        // 0 ≤ sent × subscribers − delivered ≤ LEAD × subscribers
        Semaphore lead = new Semaphore(LEAD * subscribers);
        for (int i = 0; i < subscribers; i++) {
            Session session = clients.session();
            Ordered ordered = new Ordered(meter, crew);
            session.createConsumer(session.createTopic(clients.topicName())).setMessageListener(message -> {
                ordered.onMessage(message);
                lead.release();
            });
        }
        Session session = clients.session();
        AsyncSender sender = new AsyncSender(
                session,
                session.createTopic(clients.topicName()),
                DeliveryMode.PERSISTENT,
                new Bodies(load.bodyBytes()),
                crew,
                accepted -> {});
        return () -> {
            try (crew) {
                crew.start("publisher", () -> {
                    for (long number = 0; crew.isRunning(); number++) {
                        SendAndReceive.acquire(lead, subscribers);
                        sender.send(number);
                    }
                    sender.awaitOutcomes();
                    SendAndReceive.acquire(lead, LEAD * subscribers);
                });
                meter.windowUntil(crew, load.warmUp(), Long.MAX_VALUE);
                Window window = meter.windowUntil(crew, load.time(), Long.MAX_VALUE);
                crew.stop();
                return new Figures().putRate(window);
            }
        };
    }
}

package io.sterna.bench.load;

import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import java.time.Duration;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicLongArray;

/** A queue that grows with nobody to take from it, then is drained in order. */
record Backlog(String name) implements Scenario {

    private static final int MESSAGES = 1_000_000;
    private static final int LEAST = 10_000;
    private static final int LOWEST_RATE = 1_000;
    private static final int TENTHS = 10;

    @Override
    public String about() {
        return MESSAGES + " × scale persistent messages sent asynchronously with no consumer: rate of the first and"
                + " last tenth, memory; then drained by one consumer, order checked";
    }

    @Override
    public Measurement prepare(Clients clients, Load load) throws JMSException {
        Session session = clients.session();
        Crew crew = new Crew();
        int messages = load.scaled(MESSAGES, LEAST) / TENTHS * TENTHS;
        Meter meter = new Meter(clients.target().probe());
        Tenths tenths = new Tenths(messages);
        AsyncSender sender = new AsyncSender(
                session,
                clients.queue(session),
                DeliveryMode.PERSISTENT,
                new Bodies(load.bodyBytes()),
                crew,
                accepted -> {
                    meter.count(accepted);
                    tenths.onAccepted();
                });
        return () -> {
            try (crew) {
                Duration limit = Duration.ofSeconds(60 + messages / LOWEST_RATE);
                tenths.start();
                crew.start("producer", () -> {
                    for (int number = 0; number < messages && crew.isRunning(); number++) {
                        sender.send(number);
                    }
                    sender.awaitOutcomes();
                });
                Window window = meter.windowUntil(crew, limit, messages);
                crew.stop();
                complete(meter, messages, limit, "accepted");
                Figures figures = new Figures()
                        .putRate(window)
                        .put(Figure.FIRST_TENTH_PER_SECOND, tenths.rate(1))
                        .put(Figure.LAST_TENTH_PER_SECOND, tenths.rate(TENTHS))
                        .put(Figure.RSS_MIB, Runner.mib(clients.target().probe().rssKib()));

                Meter received = new Meter(BrokerProbe.NONE);
                clients.listen(new Ordered(received, crew));
                Window drained = received.windowUntil(crew, limit, messages);
                complete(received, messages, limit, "received");
                return figures.put(Figure.DRAIN_PER_SECOND, drained.messages() / drained.seconds());
            }
        };
    }

    private static void complete(Meter meter, int messages, Duration limit, String what)
            throws ScenarioFailedException {
        if (meter.total() != messages) {
            throw new ScenarioFailedException(meter.total() + " of " + messages + " messages were " + what + " within "
                    + limit.toSeconds() + " s");
        }
    }

    /** When each tenth was complete. Outcomes come one after the other, on whatever thread. */
    static final class Tenths {

        private final int messagesEach;
        private final AtomicLong accepted = new AtomicLong();
        private final AtomicLongArray nanos = new AtomicLongArray(TENTHS + 1);

        Tenths(int messages) {
            this.messagesEach = messages / TENTHS;
        }

        void start() {
            nanos.set(0, System.nanoTime());
        }

        void onAccepted() {
            long count = accepted.incrementAndGet();
            if (count % messagesEach == 0 && count / messagesEach <= TENTHS) {
                nanos.set((int) (count / messagesEach), System.nanoTime());
            }
        }

        /** Messages per second in this tenth, from 1 to 10. */
        double rate(int tenth) {
            return messagesEach / ((nanos.get(tenth) - nanos.get(tenth - 1)) / 1e9);
        }
    }
}

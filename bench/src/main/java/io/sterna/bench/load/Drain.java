package io.sterna.bench.load;

import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import java.time.Duration;

/** One consumer takes what is there. The first fifth is the warm-up. */
record Drain(String name) implements Scenario {

    private static final int MESSAGES = 100_000;
    private static final int LEAST = 5_000;
    private static final int LOWEST_RATE = 500;

    @Override
    public String about() {
        return "one consumer takes " + MESSAGES
                + " × scale persistent messages that were there before; order is checked";
    }

    @Override
    public Measurement prepare(Clients clients, Load load) throws JMSException {
        Session session = clients.session();
        Crew crew = new Crew();
        int messages = load.scaled(MESSAGES, LEAST);
        Meter sent = new Meter(BrokerProbe.NONE);
        AsyncSender sender = new AsyncSender(
                session,
                clients.queue(session),
                DeliveryMode.PERSISTENT,
                new Bodies(load.bodyBytes()),
                crew,
                sent::count);
        return () -> {
            try (crew) {
                for (int number = 0; number < messages; number++) {
                    sender.send(number);
                }
                sender.awaitOutcomes();

                Duration limit = Duration.ofSeconds(30 + messages / LOWEST_RATE);
                int warmUp = messages / 5;
                Meter received = new Meter(clients.target().probe());
                clients.listen(new Ordered(received, crew));
                received.windowUntil(crew, limit, warmUp);
                Window window = received.windowUntil(crew, limit, messages);
                if (received.total() != messages) {
                    throw new ScenarioFailedException(
                            received.total() + " of " + messages + " messages came within " + limit.toSeconds() + " s");
                }
                return new Figures().putRate(window);
            }
        };
    }
}

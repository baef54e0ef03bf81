package io.sterna.bench.load;

import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Session;
import java.util.concurrent.locks.LockSupport;

/**
 * A steady rate, and how long messages take from end to end. The time counts from when a message was due, not from when
 * it was sent: a broker that stops the producer for a while is charged for every message that should have gone
 * meanwhile.
 */
record Paced(String name, int messagesPerSecond) implements Scenario {

    @Override
    public String about() {
        return messagesPerSecond
                + " persistent msg/s at a steady pace; latency from when a message was due to its arrival";
    }

    @Override
    public Measurement prepare(Clients clients, Load load) throws JMSException {
        Session session = clients.session();
        Crew crew = new Crew();
        Meter meter = new Meter(clients.target().probe());
        Meter sent = new Meter(BrokerProbe.NONE);
        AsyncSender sender = new AsyncSender(
                session,
                clients.queue(session),
                DeliveryMode.PERSISTENT,
                new Bodies(load.bodyBytes()),
                crew,
                sent::count);
        clients.listen(message -> {
            try {
                meter.recordLatency(System.nanoTime() - Bodies.number(message));
                meter.count(1);
            } catch (JMSException e) {
                crew.fail(e);
            }
        });
        return () -> {
            try (crew) {
                crew.start("producer", () -> send(sender, crew));
                meter.windowUntil(crew, load.warmUp(), Long.MAX_VALUE);
                Window window = meter.windowUntil(crew, load.time(), Long.MAX_VALUE);
                crew.stop();
                meter.windowUntil(crew, Clients.SILENCE, sent.total());
                if (meter.total() != sent.total()) {
                    throw new ScenarioFailedException(
                            sent.total() + " messages were accepted, " + meter.total() + " arrived");
                }
                return new Figures().putRate(window).putLatency(window.latencyNanos());
            }
        };
    }

    private void send(AsyncSender sender, Crew crew)
            throws JMSException, InterruptedException, ScenarioFailedException {
        long intervalNanos = 1_000_000_000L / messagesPerSecond;
        for (long due = System.nanoTime(); crew.isRunning(); due += intervalNanos) {
            for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                LockSupport.parkNanos(left);
            }
            sender.send(due);
        }
        sender.awaitOutcomes();
    }
}

package io.sterna.bench.load;

import jakarta.jms.JMSException;
import jakarta.jms.Session;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/** A producer and a consumer on one queue at once, the producer never far ahead. Counts what was received. */
record SendAndReceive(String name, int deliveryMode, String about) implements Scenario {

    private static final int LEAD = 10_000;

    @Override
    public Measurement prepare(Clients clients, Load load) throws JMSException {
        Session session = clients.session();
        Crew crew = new Crew();
        Meter meter = new Meter(clients.target().probe());
        AsyncSender sender = new AsyncSender(
                session, clients.queue(session), deliveryMode, new Bodies(load.bodyBytes()), crew, accepted -> {});
        // 0 ≤ sent − received ≤ LEAD
        Semaphore lead = new Semaphore(LEAD);
        Ordered ordered = new Ordered(meter, crew);
        clients.listen(message -> {
            ordered.onMessage(message);
            lead.release();
        });
        return () -> {
            try (crew) {
                crew.start("producer", () -> {
                    for (long number = 0; crew.isRunning(); number++) {
                        acquire(lead, 1);
                        sender.send(number);
                    }
                    sender.awaitOutcomes();
                    acquire(lead, LEAD); // the consumer has it all
                });
                meter.window(crew, load.warmUp(), load.maxMessages(load.warmUp()));
                Window window = meter.window(crew, load.time(), load.maxMessages(load.time()));
                crew.stop();
                return new Figures().putRate(window);
            }
        };
    }

    /** Waits until the consumer has caught up so far. */
    static void acquire(Semaphore lead, int permits) throws InterruptedException, ScenarioFailedException {
        if (!lead.tryAcquire(permits, Clients.SILENCE.toMillis(), TimeUnit.MILLISECONDS)) {
            throw new ScenarioFailedException(
                    "messages that were accepted did not arrive within " + Clients.SILENCE.toSeconds() + " s");
        }
    }
}

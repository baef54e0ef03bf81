package io.sterna.bench.load;

import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.Session;

/** One producer that does not wait, as far as {@link AsyncSender#IN_FLIGHT} allows. */
record SendAsync(String name) implements Scenario {

    @Override
    public String about() {
        return "one producer, persistent, up to " + AsyncSender.IN_FLIGHT + " messages in flight (CompletionListener)";
    }

    @Override
    public Measurement prepare(Clients clients, Load load) throws JMSException {
        Session session = clients.session();
        Crew crew = new Crew();
        Meter meter = new Meter(clients.target().probe());
        AsyncSender sender = new AsyncSender(
                session,
                clients.queue(session),
                DeliveryMode.PERSISTENT,
                new Bodies(load.bodyBytes()),
                crew,
                meter::count);
        return () -> {
            try (crew) {
                crew.start("producer", () -> {
                    for (long number = 0; crew.isRunning(); number++) {
                        sender.send(number);
                    }
                    sender.awaitOutcomes();
                });
                meter.window(crew, load.warmUp(), load.maxMessages(load.warmUp()));
                Window window = meter.window(crew, load.time(), load.maxMessages(load.time()));
                crew.stop();
                clients.drain(meter.total());
                return new Figures().putRate(window);
            }
        };
    }
}

package io.sterna.bench.load;

import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;

/** One producer that commits after each batch; the latency is that of the commit. */
record Transacted(String name, int batch) implements Scenario {

    @Override
    public String about() {
        return "one producer, persistent, a transaction for each " + batch + " messages; latency of the commit";
    }

    @Override
    public Measurement prepare(Clients clients, Load load) throws JMSException {
        Session session = clients.connect().createSession(true, Session.SESSION_TRANSACTED);
        MessageProducer producer = session.createProducer(clients.queue(session));
        producer.setDeliveryMode(DeliveryMode.PERSISTENT);
        Bodies bodies = new Bodies(load.bodyBytes());
        // A coordinator is attached with the session by some brokers, with the first message by others.
        producer.send(bodies.message(session, 0));
        session.commit();
        return () -> {
            Meter meter = new Meter(clients.target().probe());
            meter.count(1);
            try (Crew crew = new Crew()) {
                crew.start("producer", () -> {
                    while (crew.isRunning()) {
                        for (int i = 0; i < batch; i++) {
                            producer.send(bodies.message(session, i));
                        }
                        long start = System.nanoTime();
                        session.commit();
                        meter.recordLatency(System.nanoTime() - start);
                        meter.count(batch);
                    }
                });
                meter.window(crew, load.warmUp(), load.maxMessages(load.warmUp()));
                Window window = meter.window(crew, load.time(), load.maxMessages(load.time()));
                crew.stop();
                clients.drain(meter.total());
                return new Figures().putRate(window).putLatency(window.latencyNanos());
            }
        };
    }
}

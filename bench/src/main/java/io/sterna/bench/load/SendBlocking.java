package io.sterna.bench.load;

import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import java.util.ArrayList;
import java.util.List;

/** Each producer has its connection and its thread and waits for each outcome; all send to one queue. */
record SendBlocking(String name, int producers) implements Scenario {

    @Override
    public String about() {
        return producers + " producer(s), a connection each, persistent; each waits for each message's outcome";
    }

    @Override
    public Measurement prepare(Clients clients, Load load) throws JMSException {
        record Sender(Session session, MessageProducer producer) {}
        List<Sender> senders = new ArrayList<>();
        for (int i = 0; i < producers; i++) {
            Session session = clients.session();
            MessageProducer producer = session.createProducer(clients.queue(session));
            producer.setDeliveryMode(DeliveryMode.PERSISTENT);
            senders.add(new Sender(session, producer));
        }
        return () -> {
            Meter meter = new Meter(clients.target().probe());
            Bodies bodies = new Bodies(load.bodyBytes());
            try (Crew crew = new Crew()) {
                for (Sender sender : senders) {
                    crew.start("producer", () -> {
                        while (crew.isRunning()) {
                            long start = System.nanoTime();
                            sender.producer().send(bodies.message(sender.session(), start));
                            meter.recordLatency(System.nanoTime() - start);
                            meter.count(1);
                        }
                    });
                }
                meter.window(crew, load.warmUp(), load.maxMessages(load.warmUp()));
                Window window = meter.window(crew, load.time(), load.maxMessages(load.time()));
                crew.stop();
                clients.drain(meter.total());
                return new Figures().putRate(window).putLatency(window.latencyNanos());
            }
        };
    }
}

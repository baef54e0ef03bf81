package io.sterna.bench.load;

import jakarta.jms.DeliveryMode;
import jakarta.jms.JMSException;
import jakarta.jms.MessageProducer;
import jakarta.jms.Session;
import jakarta.jms.Topic;
import java.time.Duration;
import java.util.OptionalDouble;
import java.util.stream.IntStream;
import org.HdrHistogram.Histogram;

/** Many queues, or many durable subscriptions to one topic: what each costs in memory, and what publishing costs then. */
record ManyNodes(String name, boolean subscriptions) implements Scenario {
    private static final int NODES = 10_000;
    private static final int LEAST = 50;
    private static final int PUBLISHED = 200;
    private static final long HIGHEST_NANOS = Duration.ofMinutes(1).toNanos();

    @Override
    public String about() {
        return subscriptions
                ? NODES
                        + " × scale durable subscriptions to one topic without consumers: live heap of each, and the time"
                        + " of a persistent publish that all of them keep"
                : NODES + " × scale queues: live heap of each, and the time of a persistent send to one of them";
    }

    @Override
    public Measurement prepare(Clients clients, Load load) throws JMSException {
        Session session = clients.session();
        Topic topic = session.createTopic(clients.topicName());
        if (subscriptions) {
            session.createSharedDurableConsumer(topic, clients.queueName() + ".first")
                    .close();
        } else {
            session.createProducer(clients.queue(session)).close();
        }
        return () -> measure(clients, session, topic, load.scaled(NODES, LEAST));
    }

    private Figures measure(Clients clients, Session session, Topic topic, int count) throws JMSException {
        BrokerProbe probe = clients.target().probe();
        OptionalDouble heapBefore = probe.liveHeapKib();
        for (int number = 0; number < count; number++) {
            if (subscriptions) {
                session.createSharedDurableConsumer(topic, subscription(clients, number))
                        .close();
            } else {
                session.createProducer(session.createQueue(queue(clients, number)))
                        .close();
            }
        }
        OptionalDouble heapAfter = probe.liveHeapKib();
        Histogram nanos = new Histogram(HIGHEST_NANOS, 3);
        OptionalDouble cpuBefore = probe.cpuMicros();
        byte[] body = new byte[1_024];
        for (int number = 0; number < PUBLISHED; number++) {
            var destination = subscriptions ? topic : session.createQueue(queue(clients, number % count));
            try (MessageProducer producer = session.createProducer(destination)) {
                producer.setDeliveryMode(DeliveryMode.PERSISTENT);
                var message = session.createBytesMessage();
                message.writeBytes(body);
                long begun = System.nanoTime();
                producer.send(message);
                nanos.recordValue(Math.min(HIGHEST_NANOS, System.nanoTime() - begun));
            }
        }
        OptionalDouble cpuAfter = probe.cpuMicros();
        Figures figures = new Figures()
                .put(Figure.CPU_MICROS_PER_MESSAGE, IdleConnections.growth(cpuBefore, cpuAfter, PUBLISHED))
                .put(Figure.HEAP_KIB_PER_NODE, IdleConnections.growth(heapBefore, heapAfter, count))
                .put(Figure.LIVE_HEAP_MIB, Runner.mib(probe.liveHeapKib()))
                .put(Figure.RSS_MIB, Runner.mib(probe.rssKib()))
                .putLatency(nanos);
        if (subscriptions) {
            for (int number = 0; number < count; number++) {
                session.unsubscribe(subscription(clients, number));
            }
        } else {
            int left = Cleaner.delete(
                    clients.session(),
                    IntStream.range(0, count)
                            .mapToObj(number -> queue(clients, number))
                            .toList());
            if (left > 0) {
                System.err.println(left + " queues of " + name + " are left behind");
            }
        }
        return figures;
    }

    private static String subscription(Clients clients, int number) {
        return clients.queueName() + "." + number;
    }

    private static String queue(Clients clients, int number) {
        return clients.queueName() + "." + number;
    }
}

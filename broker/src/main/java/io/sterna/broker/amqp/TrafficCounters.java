package io.sterna.broker.amqp;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.util.concurrent.atomic.LongAdder;

/** What went through the broker since it started. Any thread. */
public final class TrafficCounters {
    private final LongAdder received = new LongAdder();
    private final LongAdder delivered = new LongAdder();
    private final LongAdder connections = new LongAdder();
    private final LongAdder producers = new LongAdder();
    private final LongAdder forwarded = new LongAdder();
    private final LongAdder committed = new LongAdder();
    private final LongAdder rolledBack = new LongAdder();

    /** Makes the counters known to the registry. */
    public TrafficCounters(MeterRegistry meters) {
        FunctionCounter.builder("sterna.messages.received", received, LongAdder::sum)
                .description("Messages taken from producers")
                .register(meters);
        FunctionCounter.builder("sterna.messages.delivered", delivered, LongAdder::sum)
                .description("Deliveries to consumers, repeated ones included")
                .register(meters);
        FunctionCounter.builder("sterna.transactions.committed", committed, LongAdder::sum)
                .description("Transactions committed")
                .register(meters);
        FunctionCounter.builder("sterna.transactions.rolledback", rolledBack, LongAdder::sum)
                .description("Transactions rolled back, for whatever reason")
                .register(meters);
        Gauge.builder("sterna.connections", connections, LongAdder::sum)
                .description("AMQP connections that have opened")
                .register(meters);
        Gauge.builder("sterna.producers", producers, LongAdder::sum)
                .description("Links on which clients send")
                .register(meters);
        Gauge.builder("sterna.links.forwarded", forwarded, LongAdder::sum)
                .description("Links of clients to addresses that another node owns")
                .register(meters);
    }

    void onReceived() {
        received.increment();
    }

    void onCommitted() {
        committed.increment();
    }

    void onRolledBack() {
        rolledBack.increment();
    }

    void onDelivered() {
        delivered.increment();
    }

    void onProducers(int more) {
        producers.add(more);
    }

    void onForwarded(int more) {
        forwarded.add(more);
    }

    void onOpened() {
        connections.increment();
    }

    void onClosed() {
        connections.decrement();
    }
}

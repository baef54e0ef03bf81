package io.sterna.broker.http;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.core.instrument.binder.system.UptimeMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.sterna.store.StoreMetrics;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** All figures of the node. Any thread. */
public final class Metrics implements AutoCloseable {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics gcMetrics = new JvmGcMetrics();

    // Held here, since meters hold what they measure weakly.
    private final Supplier<StoreMetrics> store;

    /**
     * Figures of the process and of the store; the broker adds its own to {@link #registry}.
     *
     * @param store the store's figures; any thread
     */
    public Metrics(Supplier<StoreMetrics> store) {
        this.store = store;
        new JvmMemoryMetrics().bindTo(registry);
        new JvmThreadMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        new FileDescriptorMetrics().bindTo(registry);
        new UptimeMetrics().bindTo(registry);
        gcMetrics.bindTo(registry);
        count("sterna.store.records", "Records made durable", StoreMetrics::recordsAppended);
        count("sterna.store.appended.bytes", "Bytes of these records", StoreMetrics::bytesAppended);
        count("sterna.store.forces", "Forced writes of the journal", StoreMetrics::forces);
        count("sterna.store.checkpoints", "Checkpoints completed", StoreMetrics::checkpoints);
        count("sterna.store.damages", "Times that stored data was unreadable and set aside", StoreMetrics::damages);
        gauge("sterna.store.journal.segments", "Journal segments still needed", StoreMetrics::journalSegments);
        gauge("sterna.store.journal.bytes", "Size of all journal files", StoreMetrics::journalBytes);
        gauge("sterna.store.messages.bytes", "Size of the message store", StoreMetrics::messageStoreBytes);
    }

    public MeterRegistry registry() {
        return registry;
    }

    /** Everything in Prometheus' text format 0.0.4. Some figures take system calls: not for an event loop. */
    String scrape() {
        return registry.scrape();
    }

    private void count(String name, String help, ToDoubleFunction<StoreMetrics> figure) {
        FunctionCounter.builder(name, this, metrics -> figure.applyAsDouble(metrics.store.get()))
                .description(help)
                .register(registry);
    }

    private void gauge(String name, String help, ToDoubleFunction<StoreMetrics> figure) {
        Gauge.builder(name, this, metrics -> figure.applyAsDouble(metrics.store.get()))
                .description(help)
                .register(registry);
    }

    @Override
    public void close() {
        gcMetrics.close();
        registry.close();
    }
}

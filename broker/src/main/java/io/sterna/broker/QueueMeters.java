package io.sterna.broker;

import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.sterna.broker.partition.PartitionTotals;
import java.util.function.Supplier;
import java.util.function.ToDoubleFunction;

/** Figures of all queues together. */
final class QueueMeters {
    private QueueMeters() {}

    static void register(Supplier<PartitionTotals> totals, MeterRegistry meters) {
        gauge(totals, meters, "sterna.queues", "Queues, subscriptions among them", PartitionTotals::queues);
        gauge(totals, meters, "sterna.topics", "Topics", PartitionTotals::topics);
        gauge(
                totals,
                meters,
                "sterna.queues.stalled",
                "Queues that have delivered nothing for ten seconds though consumers had credit for messages that waited",
                PartitionTotals::stalled);
        gauge(
                totals,
                meters,
                "sterna.messages",
                "Messages in queues, those with consumers included",
                PartitionTotals::messages);
        gauge(
                totals,
                meters,
                "sterna.messages.unsettled",
                "Messages delivered and not settled",
                PartitionTotals::unsettled);
        gauge(
                totals,
                meters,
                "sterna.messages.resident.bytes",
                "Message payloads in memory",
                PartitionTotals::residentBytes);
        gauge(
                totals,
                meters,
                "sterna.messages.inbound.bytes",
                "Messages, and parts of them, that have come and are in no queue yet",
                PartitionTotals::inboundBytes);
        gauge(
                totals,
                meters,
                "sterna.spill.files.bytes",
                "Size of the files with messages that are not durable and had no room in memory",
                PartitionTotals::spillFileBytes);
        count(
                totals,
                meters,
                "sterna.spill.written.bytes",
                "Bytes written to these files",
                PartitionTotals::spilledTotal);
        count(
                totals,
                meters,
                "sterna.messages.acknowledged",
                "Messages accepted by consumers",
                PartitionTotals::acknowledged);
        gauge(totals, meters, "sterna.consumers", "Links on which clients receive", PartitionTotals::consumers);
        gauge(
                totals,
                meters,
                "sterna.credit",
                "Deliveries that consumers have asked for and not got",
                PartitionTotals::credit);
    }

    private static void count(
            Supplier<PartitionTotals> totals,
            MeterRegistry meters,
            String name,
            String help,
            ToDoubleFunction<PartitionTotals> figure) {
        // The registry holds its sources weakly; it lives as long as itself.
        FunctionCounter.builder(name, meters, registry -> figure.applyAsDouble(totals.get()))
                .description(help)
                .register(meters);
    }

    private static void gauge(
            Supplier<PartitionTotals> totals,
            MeterRegistry meters,
            String name,
            String help,
            ToDoubleFunction<PartitionTotals> figure) {
        // The registry holds its sources weakly unless it is told otherwise.
        Gauge.builder(name, totals, source -> figure.applyAsDouble(source.get()))
                .strongReference(true)
                .description(help)
                .register(meters);
    }
}

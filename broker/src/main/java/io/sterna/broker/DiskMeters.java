package io.sterna.broker;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.sterna.broker.partition.DiskWatch;
import java.util.function.ToDoubleFunction;

/** Figures of the disk, as it was looked at last. */
final class DiskMeters {
    private DiskMeters() {}

    static void register(DiskWatch disk, MeterRegistry meters) {
        gauge(disk, meters, "sterna.disk.free.bytes", "What is free of the disk of data.dir", DiskWatch::freeBytes);
        gauge(
                disk,
                meters,
                "sterna.disk.min.free.bytes",
                "With less than that free, producers get no credit; see data.min-free-space",
                DiskWatch::minFreeBytes);
        gauge(
                disk,
                meters,
                "sterna.disk.tight",
                "1 while producers get no credit since too little of the disk is free, else 0",
                watch -> watch.tight() ? 1 : 0);
    }

    private static void gauge(
            DiskWatch disk, MeterRegistry meters, String name, String help, ToDoubleFunction<DiskWatch> figure) {
        // The registry holds its sources weakly unless it is told otherwise.
        Gauge.builder(name, disk, figure)
                .strongReference(true)
                .description(help)
                .register(meters);
    }
}

package io.sterna.bench.links;

import com.sun.management.OperatingSystemMXBean;
import io.sterna.store.LogOperation.Enqueued;
import io.sterna.store.LogRecord;
import io.vertx.core.Vertx;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;

/** Measures how fast records of 1 KiB get from one node to another over loopback, and what that costs both together. */
public final class LinksCommand {
    private static final int BODY_BYTES = 1024;

    private LinksCommand() {}

    /** What was measured. */
    record Figures(double recordsPerSecond, double cpuMicrosPerRecord) {}

    /** Arguments: seconds of warm-up and of measuring. */
    public static void main(String[] arguments) throws InterruptedException {
        double warmUp = arguments.length > 0 ? Double.parseDouble(arguments[0]) : 4;
        double seconds = arguments.length > 1 ? Double.parseDouble(arguments[1]) : 5;
        System.out.println("| records in a message | records/s | MiB/s | CPU of both nodes, µs/record |");
        System.out.println("| ---: | ---: | ---: | ---: |");
        for (int batch : new int[] {1, 10, 100}) {
            Figures figures = measure(batch, warmUp, seconds);
            System.out.printf(
                    "| %d | %,.0f | %,.0f | %.2f |%n",
                    batch,
                    figures.recordsPerSecond(),
                    figures.recordsPerSecond() * BODY_BYTES / (1 << 20),
                    figures.cpuMicrosPerRecord());
        }
    }

    static Figures measure(int batch, double warmUpSeconds, double seconds) throws InterruptedException {
        Vertx vertx = Vertx.vertx();
        try {
            LinkEnd backup = new LinkEnd("backup", List.of(), List.of());
            vertx.deployVerticle(backup);
            LinkEnd owner = new LinkEnd("owner", List.of(backup.address()), records(batch));
            vertx.deployVerticle(owner);
            pause(warmUpSeconds);
            long records = owner.answered();
            long cpuNanos = cpuNanos();
            long from = System.nanoTime();
            pause(seconds);
            long done = owner.answered() - records;
            long nanos = System.nanoTime() - from;
            return new Figures(done * 1e9 / nanos, (cpuNanos() - cpuNanos) / 1e3 / Math.max(1, done));
        } finally {
            CountDownLatch closed = new CountDownLatch(1);
            vertx.close().onComplete(end -> closed.countDown());
            closed.await();
        }
    }

    private static List<LogRecord> records(int count) {
        return LongStream.rangeClosed(1, count)
                .mapToObj(
                        index -> new LogRecord(0, 1, index, new Enqueued(1, index, new byte[3], new byte[BODY_BYTES])))
                .toList();
    }

    private static void pause(double seconds) throws InterruptedException {
        TimeUnit.MILLISECONDS.sleep((long) (seconds * 1_000));
    }

    private static long cpuNanos() {
        return ((OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean()).getProcessCpuTime();
    }
}

package io.sterna.bench.load;

import java.time.Duration;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.BooleanSupplier;
import org.HdrHistogram.Recorder;

/** Counts messages and their latencies. Any thread counts; one thread opens windows, one after the other. */
final class Meter {

    private static final long HIGHEST_LATENCY_NANOS = Duration.ofHours(1).toNanos();
    private static final long POLL_MILLIS = 5;

    private final LongAdder messages = new LongAdder();
    private final Recorder latencyNanos = new Recorder(HIGHEST_LATENCY_NANOS, 3);
    private final BrokerProbe broker;

    Meter(BrokerProbe broker) {
        this.broker = broker;
    }

    void count(long finished) {
        messages.add(finished);
    }

    void recordLatency(long nanos) {
        latencyNanos.recordValue(Math.min(Math.max(nanos, 0), HIGHEST_LATENCY_NANOS));
    }

    /** Messages counted since the meter was made. */
    long total() {
        return messages.sum();
    }

    /** Waits until the time is over or so many more messages were counted; see {@link #windowUntil}. */
    Window window(Crew crew, Duration time, long maxMessages) throws InterruptedException, ScenarioFailedException {
        return measure(crew, time, (before, now) -> now - before >= maxMessages);
    }

    /**
     * Waits until the time is over or the total is reached, whichever comes first, and says what happened meanwhile.
     *
     * @throws ScenarioFailedException when a thread of the crew failed meanwhile
     */
    Window windowUntil(Crew crew, Duration time, long total) throws InterruptedException, ScenarioFailedException {
        return measure(crew, time, (before, now) -> now >= total);
    }

    /** As {@link #windowUntil}, or until a condition holds, whichever comes first. */
    Window windowUntilEither(Crew crew, Duration time, long total, BooleanSupplier over)
            throws InterruptedException, ScenarioFailedException {
        return measure(crew, time, (before, now) -> now >= total || over.getAsBoolean());
    }

    /** Whether a window ends, by what was counted before it and is counted now. */
    private interface End {
        boolean reached(long before, long now);
    }

    private Window measure(Crew crew, Duration time, End end) throws InterruptedException, ScenarioFailedException {
        latencyNanos.getIntervalHistogram(); // drops what was recorded before
        OptionalDouble cpuBefore = broker.cpuMicros();
        long messagesBefore = total();
        long start = System.nanoTime();
        while (System.nanoTime() - start < time.toNanos() && !end.reached(messagesBefore, total())) {
            crew.awaitFailure(Duration.ofMillis(POLL_MILLIS));
        }
        long elapsed = System.nanoTime() - start;
        long counted = total() - messagesBefore;
        OptionalDouble cpuAfter = broker.cpuMicros();
        OptionalDouble cpu = cpuBefore.isPresent() && cpuAfter.isPresent()
                ? OptionalDouble.of(cpuAfter.getAsDouble() - cpuBefore.getAsDouble())
                : OptionalDouble.empty();
        return new Window(counted, elapsed / 1e9, cpu, latencyNanos.getIntervalHistogram());
    }
}

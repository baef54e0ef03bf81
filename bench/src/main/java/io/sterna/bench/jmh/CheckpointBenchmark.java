package io.sterna.bench.jmh;

import io.sterna.store.StoreException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A batch of 10 messages of 1 KiB appended, forced and told of, one after the other. All of them stay, so that after the
 * warm-up checkpoints move as much as comes in, all the time: the percentiles tell how long they hold a commit up. Takes
 * about 3 GiB on the disk of the working directory, or where {@code -Dbench.dir} says.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.SampleTime)
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 2, time = 5)
@Measurement(iterations = 4, time = 5)
public class CheckpointBenchmark {
    private static final int BATCH = 10;

    private Optional<StoreHarness> harness = Optional.empty();

    /** Opens an empty store. */
    @Setup(Level.Trial)
    public void open() throws IOException, StoreException {
        harness = Optional.of(new StoreHarness(Path.of(System.getProperty("bench.dir", "."))));
    }

    /** Removes the store. */
    @TearDown(Level.Trial)
    public void close() throws IOException {
        harness.orElseThrow().close();
    }

    /** Time until a batch is on stable storage. */
    @Benchmark
    public long commit() {
        return harness.orElseThrow().keep(BATCH);
    }
}

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
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A batch of 1 KiB messages appended, forced and told of; the messages of the batch before are acknowledged with it, so
 * that what is stored stays small. Includes checkpoints where they fall into the time. The data directory is on the
 * disk of the working directory, or where {@code -Dbench.dir} says.
 */
@State(Scope.Thread)
@BenchmarkMode({Mode.AverageTime, Mode.SampleTime})
@OutputTimeUnit(TimeUnit.MICROSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 2)
public class JournalBenchmark {

    /** Messages that wait for one forced write. */
    @Param({"1", "16", "100", "1000"})
    public int batch;

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

    /** Time until all of a batch is on stable storage. */
    @Benchmark
    public long appendAndForce() {
        return harness.orElseThrow().append(batch);
    }
}

package io.sterna.bench.jmh;

import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * The AMQP engine without sockets: a client's connection and a server's, tied together in memory. A message is sent,
 * taken, accepted and settled; the time is that of both sides together, for one message.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class EngineBenchmark {

    private static final int BATCH = 100;

    private EnginePair pair = new EnginePair(BATCH);

    /** Opens both sides down to the link. */
    @Setup(Level.Trial)
    public void open() {
        pair = new EnginePair(BATCH);
    }

    /** Each message goes, and its outcome comes back, in a read of its own: what a blocking producer does. */
    @Benchmark
    public long oneAtATime() {
        pair.send();
        return pair.exchange();
    }

    /** A hundred messages and their outcomes in one read each: what a broker under load sees. */
    @Benchmark
    @OperationsPerInvocation(BATCH)
    public long batched() {
        for (int i = 0; i < BATCH; i++) {
            pair.send();
        }
        return pair.exchange();
    }
}

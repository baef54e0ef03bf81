package io.sterna.bench.jmh;

import io.sterna.amqp.codec.DecodeException;
import io.sterna.amqp.message.MessageSections;
import io.sterna.broker.selector.InvalidSelectorException;
import io.sterna.broker.selector.Selector;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/** What a selector costs for each message that it looks at. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class SelectorBenchmark {

    /** From the commonest to one that has a bit of everything. */
    @Param({
        "region = 'south'",
        "attempt > 5",
        "JMSPriority > 6",
        "absent IS NOT NULL",
        "region LIKE 'n%th' AND attempt BETWEEN 2 AND 9",
        "(region IN ('east', 'west') OR attempt * 2 - 1 > 7) AND JMSType IS NULL"
    })
    public String selector;

    private Selector parsed;
    private MessageSections message;

    /** Makes the message and the selector. */
    @Setup
    public void prepare() throws DecodeException, InvalidSelectorException {
        message = MessageSections.scan(Messages.jmsBytesMessage(1_024));
        parsed = Selector.parse(selector);
    }

    /** One message that does not match. */
    @Benchmark
    public boolean match() {
        return parsed.matches(message);
    }

    /** Reading the selector, once for a consumer. */
    @Benchmark
    public Selector parse() throws InvalidSelectorException {
        return Selector.parse(selector);
    }
}

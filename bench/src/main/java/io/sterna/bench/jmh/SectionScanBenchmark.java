package io.sterna.bench.jmh;

import io.sterna.amqp.codec.DecodeException;
import io.sterna.amqp.message.AnnotationMap;
import io.sterna.amqp.message.MessageSections;
import io.sterna.amqp.message.OutgoingMessage;
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

/** What is done once to each message that comes in, and once to each that goes out. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class SectionScanBenchmark {

    /** Size of the body, which must not matter. */
    @Param({"1024", "65536"})
    public int bodyBytes;

    private byte[] message = {};

    /** Makes the message. */
    @Setup
    public void prepare() {
        message = Messages.jmsBytesMessage(bodyBytes);
    }

    /** Finds the sections and reads what decides about storing. */
    @Benchmark
    public boolean scan() throws DecodeException {
        MessageSections sections = MessageSections.scan(message);
        return sections.durable() && sections.ttlMillis().isEmpty();
    }

    /** The first delivery. */
    @Benchmark
    public OutgoingMessage firstDelivery() throws DecodeException {
        return OutgoingMessage.of(MessageSections.scan(message), 0, AnnotationMap.EMPTY);
    }

    /** A later delivery, whose header says how often it was tried. */
    @Benchmark
    public OutgoingMessage redelivery() throws DecodeException {
        return OutgoingMessage.of(MessageSections.scan(message), 2, AnnotationMap.EMPTY);
    }
}

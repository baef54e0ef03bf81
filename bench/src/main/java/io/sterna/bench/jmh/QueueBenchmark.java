package io.sterna.bench.jmh;

import io.sterna.broker.queue.Consumer;
import io.sterna.broker.queue.ConsumerOptions;
import io.sterna.broker.queue.DeadLetterReason;
import io.sterna.broker.queue.Entry;
import io.sterna.broker.queue.LoadLimits;
import io.sterna.broker.queue.MessageTraits;
import io.sterna.broker.queue.Outcome;
import io.sterna.broker.queue.Queue;
import io.sterna.broker.queue.QueueEffects;
import io.sterna.broker.queue.QueueMessage;
import io.sterna.broker.queue.QueueRules;
import io.sterna.broker.queue.Receiver;
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
import org.openjdk.jmh.annotations.Warmup;

/** The queue by itself: a message enters, the one at the head is handed out and accepted. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Fork(1)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
public class QueueBenchmark {

    /** Messages that stay in the queue between head and tail; the cost must not depend on it. */
    @Param({"0", "100000"})
    public int backlog;

    /** Consumers that take turns. */
    @Param({"1", "10"})
    public int consumers;

    private final Payload payload = new Payload(1_200);
    private Queue queue = emptyQueue();
    private Taker[] takers = {};
    private long sequence;
    private int turn;

    /** Fills the queue and gives each consumer credit for one message at a time. */
    @Setup(Level.Iteration)
    public void fill() {
        queue = emptyQueue();
        sequence = 0;
        turn = 0;
        for (int i = 0; i < backlog; i++) {
            queue.enqueue(++sequence, payload, MessageTraits.DEFAULT, true);
        }
        takers = new Taker[consumers];
        for (int i = 0; i < consumers; i++) {
            takers[i] = new Taker(queue);
        }
    }

    /** One in, one out. */
    @Benchmark
    public long enqueueDispatchAccept() {
        queue.enqueue(++sequence, payload, MessageTraits.DEFAULT, true);
        Taker taker = takers[turn];
        turn = turn + 1 == takers.length ? 0 : turn + 1;
        return taker.takeOne(queue);
    }

    private static Queue emptyQueue() {
        return new Queue(
                new NoEffects(),
                (current, added) -> added,
                new LoadLimits(1_000, 1 << 20),
                QueueRules.NONE,
                () -> true,
                System::currentTimeMillis);
    }

    private record Payload(int sizeBytes) implements QueueMessage {}

    private static final class Taker implements Receiver {
        private final Consumer consumer;
        private long limit;
        private long delivered;

        Taker(Queue queue) {
            consumer = queue.addConsumer(this, ConsumerOptions.of(Outcome.RELEASED));
        }

        long takeOne(Queue queue) {
            queue.grant(consumer, ++limit);
            if (!queue.settle(consumer, delivered, Outcome.ACCEPTED)) {
                throw new IllegalStateException("nothing was delivered");
            }
            return delivered;
        }

        @Override
        public void deliver(Entry entry) {
            delivered = entry.sequence();
        }

        @Override
        public void drained(long unusedCredit) {}

        @Override
        public void lockLost(long sequence) {}

        @Override
        public void queueDeleted() {}
    }

    private record NoEffects() implements QueueEffects {
        @Override
        public void acknowledged(long sequence) {}

        @Override
        public void deadLetter(Entry entry, DeadLetterReason reason, String condition, String description) {}

        @Override
        public void deliveryUpdated(Entry entry) {}

        @Override
        public boolean takesDeadLetters() {
            return true;
        }

        @Override
        public void wakeAt(long atMillis) {}

        @Override
        public void load(long fromSequence, LoadLimits limits) {
            throw new IllegalStateException("all payloads are in memory");
        }

        @Override
        public void continueLater() {
            throw new IllegalStateException("there is no filter to try");
        }

        @Override
        public void spillUnneeded(long sequence) {}

        @Override
        public void missing(Entry entry) {}
    }
}

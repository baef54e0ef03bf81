package io.sterna.broker.partition;

import io.sterna.broker.queue.Consumer;
import io.sterna.broker.queue.ConsumerOptions;
import io.sterna.broker.queue.Entry;
import io.sterna.broker.queue.Outcome;
import io.sterna.broker.queue.Queue;
import io.sterna.broker.queue.Receiver;
import java.util.ArrayList;
import java.util.List;
import java.util.function.IntConsumer;
import java.util.function.Predicate;

/**
 * Brings messages of a queue, dead letters as a rule, to another queue of the same partition: one after the other, in
 * their order, each in one record. What consumers hold stays; what the filter does not want is put back. They begin anew
 * there: no delivery of them has failed, they are delivered at once, and live as long as messages that name no time. Owned
 * by the partition's loop.
 */
final class Redrive implements Receiver {
    private static final int SLICE_MESSAGES = 100;
    private static final Outcome NOT_WANTED = new Outcome.Modified(false, true, new byte[0]);

    private final Partition partition;
    private final QueueNode source;
    private final QueueNode target;
    private final Predicate<BrokerMessage> filter;
    private final int limit;
    private final IntConsumer done;
    private final Consumer consumer;
    private List<Taken> taken = new ArrayList<>();
    private long granted;
    private int moved;
    private boolean workPosted;
    private boolean drained;
    private boolean nothingLeft;

    private record Taken(long sequence, BrokerMessage message, boolean durable) {}

    private Redrive(
            Partition partition,
            QueueNode source,
            QueueNode target,
            Predicate<BrokerMessage> filter,
            int limit,
            IntConsumer done) {
        this.partition = partition;
        this.source = source;
        this.target = target;
        this.filter = filter;
        this.limit = limit;
        this.done = done;
        consumer = source.queue().addConsumer(this, ConsumerOptions.of(Outcome.RELEASED));
    }

    /**
     * Begins.
     *
     * @param limit at most so many are moved
     * @param done told on this loop how many were moved, once that can't be lost; not told if the partition stops
     */
    static void begin(
            Partition partition,
            QueueNode source,
            QueueNode target,
            Predicate<BrokerMessage> filter,
            int limit,
            IntConsumer done) {
        new Redrive(partition, source, target, filter, limit, done).more();
    }

    private Queue queue() {
        return source.queue();
    }

    private void more() {
        drained = false;
        granted += Math.min(SLICE_MESSAGES, limit - moved);
        source.command(() -> queue().drain(consumer, granted));
    }

    @Override
    public void deliver(Entry entry) {
        taken.add(new Taken(entry.sequence(), (BrokerMessage) entry.message(), entry.durable()));
        workLater();
    }

    @Override
    public void drained(long unusedCredit) {
        drained = true;
        nothingLeft = unusedCredit > 0;
        workLater();
    }

    @Override
    public void lockLost(long sequence) {
        taken.removeIf(each -> each.sequence() == sequence);
    }

    @Override
    public void queueDeleted() {
        done.accept(moved);
    }

    /** The queue must not be called back while it hands out. */
    private void workLater() {
        if (!workPosted) {
            workPosted = true;
            source.loop().post(() -> partition.guard(this::work));
        }
    }

    private void work() {
        workPosted = false;
        List<Taken> now = taken;
        taken = new ArrayList<>();
        for (Taken each : now) {
            boolean wanted = moved < limit && filter.test(each.message());
            if (wanted) {
                moved++;
                partition.move(
                        source,
                        each.sequence(),
                        target,
                        each.message().renewed(),
                        target.intake().renewed(each.message()),
                        each.durable());
            }
            source.command(() -> queue().settle(consumer, each.sequence(), wanted ? Outcome.ACCEPTED : NOT_WANTED));
        }
        if (!drained || !taken.isEmpty()) {
            return;
        }
        if (nothingLeft || moved == limit) {
            source.command(() -> queue().removeConsumer(consumer, new long[0], true));
            source.afterSettled(() -> done.accept(moved));
        } else {
            more();
        }
    }
}

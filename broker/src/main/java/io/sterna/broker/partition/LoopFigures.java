package io.sterna.broker.partition;

import java.util.concurrent.atomic.AtomicLong;

/** What a loop's queues hold. The loop writes, without the cost of a fence; any thread reads. */
final class LoopFigures {
    private final AtomicLong messages = new AtomicLong();
    private final AtomicLong unsettled = new AtomicLong();
    private final AtomicLong residentBytes = new AtomicLong();
    private final AtomicLong inboundBytes = new AtomicLong();
    private final AtomicLong consumers = new AtomicLong();
    private final AtomicLong credit = new AtomicLong();
    private final AtomicLong queues = new AtomicLong();
    private final AtomicLong topics = new AtomicLong();
    private final AtomicLong stalled = new AtomicLong();
    private final AtomicLong acknowledged = new AtomicLong();

    private final AtomicLong spillFileBytes = new AtomicLong();
    private final AtomicLong spilledTotal = new AtomicLong();

    void addAcknowledged(long more) {
        add(acknowledged, more);
    }

    void addQueues(long more) {
        add(queues, more);
    }

    void addTopics(long more) {
        add(topics, more);
    }

    void addStalled(long more) {
        add(stalled, more);
    }

    void addMessages(long more) {
        add(messages, more);
    }

    void addUnsettled(long more) {
        add(unsettled, more);
    }

    void addResidentBytes(long more) {
        add(residentBytes, more);
    }

    void addInboundBytes(long more) {
        add(inboundBytes, more);
    }

    void addConsumers(long more) {
        add(consumers, more);
    }

    void addCredit(long more) {
        add(credit, more);
    }

    void addSpillFileBytes(long more) {
        add(spillFileBytes, more);
    }

    void addSpilledTotal(long bytes) {
        add(spilledTotal, bytes);
    }

    private static void add(AtomicLong figure, long more) {
        if (more != 0) {
            figure.lazySet(figure.getPlain() + more);
        }
    }

    PartitionTotals totals() {
        return new PartitionTotals(
                queues.get(),
                topics.get(),
                stalled.get(),
                messages.get(),
                unsettled.get(),
                residentBytes.get(),
                inboundBytes.get(),
                consumers.get(),
                credit.get(),
                acknowledged.get(),
                spillFileBytes.get(),
                spilledTotal.get());
    }
}

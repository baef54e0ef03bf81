package io.sterna.broker.queue;

/** What there is in a queue, counted. Owned by the partition's event loop. */
public final class QueueFigures {
    private final Queue queue;
    private final Lifecycle lifecycle;
    private final Backlog backlog;
    private final PayloadAccount account;
    private final Roster roster;
    private final Verdicts verdicts;
    private final Turns turns;
    private final Lanes lanes;
    private long enqueuedTotal;

    QueueFigures(Queue queue, QueueParts parts) {
        this.queue = queue;
        lifecycle = parts.lifecycle;
        backlog = parts.backlog;
        account = parts.account;
        roster = parts.roster;
        verdicts = parts.verdicts;
        turns = parts.turns;
        lanes = parts.lanes;
    }

    void onEnqueued() {
        enqueuedTotal++;
    }

    /** Messages in the queue, acquired and scheduled ones included. */
    public int depth() {
        return lifecycle.depth();
    }

    /** Messages that are held back until their time. */
    public int scheduled() {
        return lifecycle.scheduled();
    }

    /** Payloads of all messages in the queue, in memory or not, bytes. */
    public long bytes() {
        return lifecycle.bytes();
    }

    /** Messages delivered and not settled. */
    public int acquired() {
        return backlog.acquired();
    }

    /** Consumers, with or without credit. */
    public int consumers() {
        return roster.size();
    }

    /** Payloads in memory, bytes. */
    public long residentBytes() {
        return account.residentBytes();
    }

    /** Messages that have entered since the queue was made; those restored are not counted. */
    public long enqueuedTotal() {
        return enqueuedTotal;
    }

    /** Messages accepted since the queue was made. */
    public long acknowledgedTotal() {
        return verdicts.acceptedTotal();
    }

    /**
     * Whether a message waits that is surely for somebody with credit, to whom it will go as soon as its payload is
     * here. Messages of groups, and consumers that take only some messages, are not judged.
     */
    public boolean owesDelivery() {
        assert queue.mayCommand();
        return turns.isPlainNext() && lanes.anyStartsWithoutGroup();
    }
}

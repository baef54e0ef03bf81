package io.sterna.broker.queue;

import java.util.List;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * A queue: each message goes to one consumer, the highest priority first, and first in first out within a priority.
 *
 * <p>Owned by the partition's event loop. A command carries out all that follows from it, calling {@link QueueEffects}
 * and {@link Receiver}s, before it returns. Commands that name a consumer which has been removed, or a delivery that is
 * settled already, do nothing and say so: after the loss of a link they are ordinary.
 *
 * <p>Invariants: {@code 0 ≤ acquired ≤ depth}; each message is fresh, returned, scheduled or acquired by one consumer;
 * a consumer gets a message only while {@code sent < limit}; no consumer gets a message while one before it waits that
 * it may have; a group has messages acquired by at most one consumer.
 */
public final class Queue {
    private final QueueEffects effects;
    private final BooleanSupplier onOwner;
    private final QueueParts parts;
    private final Lanes lanes;
    private final Groups groups;
    private final Lifecycle lifecycle;
    private final Dispatcher dispatcher;
    private final Membership membership;

    private final QueueFigures figures;
    private final Holdings holdings;
    private final Loading loading;
    private final Schedule schedule;
    private final Spilling spilling;

    private long lastSequence = Long.MIN_VALUE;
    private boolean deleted;

    /**
     * Makes an empty queue.
     *
     * @param effects of this queue alone
     * @param loadLimits how much is read back at a time
     * @param onOwner says whether the calling thread is the owner; asked only with assertions enabled
     * @param nowMillis the time of day, since 1970-01-01T00:00Z
     */
    public Queue(
            QueueEffects effects,
            AnnotationMerger annotationMerger,
            LoadLimits loadLimits,
            QueueRules rules,
            BooleanSupplier onOwner,
            LongSupplier nowMillis) {
        this.effects = effects;
        this.onOwner = onOwner;
        parts = new QueueParts(effects, annotationMerger, loadLimits, rules, nowMillis);
        lanes = parts.lanes;
        groups = parts.groups;
        lifecycle = parts.lifecycle;
        dispatcher = parts.dispatcher;
        membership = parts.membership;
        figures = new QueueFigures(this, parts);
        holdings = new Holdings(this, effects, parts);
        loading = new Loading(this, parts);
        schedule = new Schedule(this, parts);
        spilling = new Spilling(this, parts);
    }

    /** Changes what becomes of messages from now on. */
    public void rules(QueueRules changed) {
        assert mayCommand();
        lifecycle.rules(changed);
    }

    /**
     * A committed message enters at the tail, or is held back until its time.
     *
     * @param sequence above all sequences that this queue was given before
     * @param durable whether the store has the message, so that its payload can be let go and loaded again
     */
    public void enqueue(long sequence, QueueMessage message, MessageTraits traits, boolean durable) {
        Entry entry = Entry.arrived(sequence, message, groups.shared(traits), durable);
        append(entry);
        figures.onEnqueued();
        lifecycle.makeRoom(entry);
        dispatch();
    }

    /**
     * A message that the store has kept enters at the tail, without its payload.
     *
     * @param sequence above all sequences that this queue was given before
     * @param sizeBytes size of its payload
     * @param deliveryCount failed attempts so far
     * @param annotations gathered so far, often empty; not changed afterwards
     */
    public void restore(long sequence, int sizeBytes, int deliveryCount, MessageTraits traits, byte[] annotations) {
        append(recovered(sequence, sizeBytes, deliveryCount, traits, annotations));
        dispatch();
    }

    Entry recovered(long sequence, int sizeBytes, int deliveryCount, MessageTraits traits, byte[] annotations) {
        return Entry.recovered(sequence, sizeBytes, deliveryCount, groups.shared(traits), annotations);
    }

    /** A message that is above all others takes its place, acquired by nobody. */
    void append(Entry entry) {
        assert mayCommand();
        if (deleted) {
            throw new IllegalStateException("the queue is deleted");
        }
        if (entry.sequence() <= lastSequence) {
            throw new IllegalStateException(
                    "sequence " + entry.sequence() + " is not above the last one, " + lastSequence);
        }
        lastSequence = entry.sequence();
        lifecycle.onArrived(entry);
    }

    /** What there is in it, counted. */
    public QueueFigures figures() {
        return figures;
    }

    /** What consumers have been given and have not settled. */
    public Holdings holdings() {
        return holdings;
    }

    /** Payloads that are let go, and are loaded again. */
    public Loading loading() {
        return loading;
    }

    /** The messages that are held back until their time. */
    public Schedule schedule() {
        return schedule;
    }

    /** Payloads on their way to disk, and back. */
    public Spilling spilling() {
        return spilling;
    }

    /** Adds a consumer, without credit. */
    public Consumer addConsumer(Receiver receiver, ConsumerOptions options) {
        assert mayCommand();
        if (deleted) {
            throw new IllegalStateException("the queue is deleted");
        }
        Consumer consumer = new Consumer(receiver, options);
        if (options.browse()) {
            membership.addBrowser(consumer, new Browser(consumer, lanes, parts.cursors, parts.budget, lastSequence));
        } else {
            membership.add(consumer);
            dispatch();
        }
        return consumer;
    }

    /**
     * Nobody is there to receive for a consumer, or somebody is again: what it has not settled it keeps, but meanwhile
     * it stands in nobody's way, be it the exclusive one or the owner of a group of which it holds nothing.
     */
    public void suspendConsumer(Consumer consumer, boolean suspended) {
        assert mayCommand();
        membership.suspend(consumer, suspended);
        dispatch();
    }

    /** As {@link #removeConsumer(Consumer, List, List, boolean)}, without transactions. */
    public boolean removeConsumer(Consumer consumer, List<Acquisition> unsent, boolean inOrder) {
        return removeConsumer(consumer, unsent, List.of(), inOrder);
    }

    /**
     * The consumer's link is gone: its unsettled messages get its default outcome (AMQP 1.0 §3.3.1).
     *
     * @param unsent deliveries that never left: they go back as they were, whatever the default outcome is
     * @param held deliveries whose outcome a transaction will decide: they stay acquired until they are settled, as do
     *     those that {@link Holdings#keep} keeps
     * @param inOrder whether it has left in order: then no failed attempt is counted, since nobody can tell what was
     *     handed to the application from what only waited there
     * @return whether it was there
     */
    public boolean removeConsumer(
            Consumer consumer, List<Acquisition> unsent, List<Acquisition> held, boolean inOrder) {
        assert mayCommand();
        boolean removed = membership.remove(consumer, unsent, held, inOrder);
        dispatch();
        return removed;
    }

    /**
     * Sets how many messages a consumer may get, counted since it was added. A limit below what was sent takes all
     * credit away. Ends draining.
     *
     * @param withheld whether it has more credit, of which the queue will be told when this is used up: until then
     *     consumers of a lower priority wait
     */
    public void grant(Consumer consumer, long limit, boolean withheld) {
        onFlow(consumer, limit, withheld, false);
    }

    /** As {@link #grant(Consumer, long, boolean)}, with nothing withheld. */
    public void grant(Consumer consumer, long limit) {
        onFlow(consumer, limit, false, false);
    }

    /**
     * As {@link #grant}, and what is not used up by messages that are available now is given up; {@link
     * Receiver#drained} follows, at once or when the search has come to the end and payloads have been loaded (AMQP 1.0
     * §2.6.7). Messages that can't be loaded for now count as not available.
     */
    public void drain(Consumer consumer, long limit) {
        onFlow(consumer, limit, false, true);
    }

    private void onFlow(Consumer consumer, long limit, boolean withheld, boolean drain) {
        assert mayCommand();
        if (consumer.attached()) {
            consumer.onFlow(limit, withheld, drain);
            dispatcher.onFlow(consumer);
            dispatch();
        }
    }

    /**
     * Settles a delivery, whichever it is that the consumer has of the message.
     *
     * @return false if the consumer has no such unsettled delivery; nothing has changed then
     */
    public boolean settle(Consumer consumer, long sequence, Outcome outcome) {
        assert mayCommand();
        boolean settled = membership.settle(consumer, consumer.unsettled().remove(sequence), outcome);
        dispatch();
        return settled;
    }

    /**
     * Settles many deliveries with the same outcome; those that go back do so before any of them is delivered again.
     *
     * @return how many of them were unsettled deliveries of the consumer
     */
    public int settleAll(Consumer consumer, List<Acquisition> acquisitions, Outcome outcome) {
        assert mayCommand();
        int settled = 0;
        for (Acquisition acquisition : acquisitions) {
            if (membership.settle(consumer, consumer.unsettled().remove(acquisition), outcome)) {
                settled++;
            }
        }
        dispatch();
        return settled;
    }

    /** The time that was asked for by {@link QueueEffects#wakeAt} has come. */
    public void onTime() {
        assert mayCommand();
        if (!deleted) {
            lifecycle.onTime();
            lifecycle.catchUp();
            dispatch();
        }
    }

    /** The answer to {@link QueueEffects#continueLater}. */
    public void goOn() {
        assert mayCommand();
        dispatcher.onNextTurn();
        dispatch();
    }

    /**
     * Removes all messages that nobody has acquired, scheduled ones too; {@link QueueEffects#acknowledged} for each
     * durable one.
     *
     * @return how many were removed
     */
    public int purge() {
        assert mayCommand();
        int purged = lifecycle.purge();
        dispatch();
        return purged;
    }

    /**
     * The queue ends, with all messages, acquired ones too; {@link Receiver#queueDeleted} for each consumer. The caller
     * has recorded the deletion; nothing is acknowledged. What comes after, other than new messages and consumers, is
     * passed over.
     */
    public void delete() {
        assert mayCommand();
        deleted = true;
        List<Consumer> left = membership.removeAll();
        lifecycle.forgetAll();
        groups.forgetAll();
        left.forEach(consumer -> consumer.receiver().queueDeleted());
    }

    /** The messages that nobody has acquired, in the order of delivery. */
    List<Entry> waiting() {
        return lanes.waiting();
    }

    /** Ends a command: hands out what can be, asks to be woken for what is next, and gives up what nobody looks at. */
    void dispatch() {
        // Nothing that has expired is handed out: what is due comes first.
        if (dispatcher.isNeeded() && lifecycle.catchUp()) {
            if (dispatcher.dispatch(lastSequence)) {
                effects.continueLater();
            }
        }
        lifecycle.askToBeWoken();
        pack();
    }

    /** Gives up the objects of what nobody looks at. */
    void pack() {
        lanes.pack();
    }

    boolean deleted() {
        return deleted;
    }

    /** Effects and receivers must not call back: that would hand out messages in the midst of handing them out. */
    boolean mayCommand() {
        return onOwner.getAsBoolean() && !dispatcher.dispatching();
    }
}

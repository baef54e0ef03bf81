package io.sterna.broker.queue;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.BooleanSupplier;

/**
 * A queue: each message goes to one consumer, first in first out.
 *
 * <p>Owned by the partition's event loop. A command carries out all that follows from it, calling {@link QueueEffects}
 * and {@link Receiver}s, before it returns. Commands that name a consumer which has been removed, or a delivery that is
 * settled already, do nothing and say so: after the loss of a link they are ordinary.
 *
 * <p>Invariants: {@code 0 ≤ acquired ≤ depth}; each message is fresh, returned or acquired by one consumer; a consumer
 * gets a message only while {@code sent < limit}; no consumer gets a message while one before it waits that it may have.
 */
public final class Queue {
    private final QueueEffects effects;
    private final AnnotationMerger annotationMerger;
    private final LoadLimits loadLimits;
    private final BooleanSupplier onOwner;

    private final Backlog backlog = new Backlog();
    private final LoadWindow window = new LoadWindow();
    private final Set<Consumer> consumers = new LinkedHashSet<>();
    private final Set<Consumer> draining = new LinkedHashSet<>();

    /** Consumers that were removed while transactions held some of their messages. */
    private final Set<Consumer> departed = new LinkedHashSet<>();

    // Consumers with credit; stalled is in use only while messages are handed out.
    private final ReadyRing ready = new ReadyRing();
    private final ReadyRing stalled = new ReadyRing();

    private long lastSequence = Long.MIN_VALUE;
    private int acquired;
    private long enqueuedTotal;
    private long acknowledgedTotal;
    private boolean dispatching;
    private boolean deleted;

    /**
     * Makes an empty queue.
     *
     * @param effects of this queue alone
     * @param loadLimits how much is read back at a time
     * @param onOwner says whether the calling thread is the owner; asked only with assertions enabled
     */
    public Queue(
            QueueEffects effects, AnnotationMerger annotationMerger, LoadLimits loadLimits, BooleanSupplier onOwner) {
        this.effects = effects;
        this.annotationMerger = annotationMerger;
        this.loadLimits = loadLimits;
        this.onOwner = onOwner;
    }

    /**
     * A committed message enters at the tail.
     *
     * @param sequence above all sequences that this queue was given before
     * @param durable whether the store has the message, so that its payload can be let go and loaded again
     */
    public void enqueue(long sequence, QueueMessage message, MessageTraits traits, boolean durable) {
        append(Entry.arrived(sequence, message, traits, durable));
        enqueuedTotal++;
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
        append(Entry.recovered(sequence, sizeBytes, deliveryCount, traits, annotations));
        dispatch();
    }

    private void append(Entry entry) {
        assert mayCommand();
        if (deleted) {
            throw new IllegalStateException("the queue is deleted");
        }
        if (entry.sequence() <= lastSequence) {
            throw new IllegalStateException(
                    "sequence " + entry.sequence() + " is not above the last one, " + lastSequence);
        }
        lastSequence = entry.sequence();
        backlog.append(entry);
    }

    /** Adds a consumer, without credit. */
    public Consumer addConsumer(Receiver receiver, ConsumerOptions options) {
        assert mayCommand();
        if (deleted) {
            throw new IllegalStateException("the queue is deleted");
        }
        Consumer consumer = new Consumer(receiver, options);
        consumers.add(consumer);
        return consumer;
    }

    /** As {@link #removeConsumer(Consumer, long[], long[], boolean)}, without transactions. */
    public boolean removeConsumer(Consumer consumer, long[] unsent, boolean inOrder) {
        return removeConsumer(consumer, unsent, new long[0], inOrder);
    }

    /**
     * The consumer's link is gone: its unsettled messages get its default outcome (AMQP 1.0 §3.3.1).
     *
     * @param unsent deliveries that never left: they go back as they were, whatever the default outcome is
     * @param held deliveries whose outcome a transaction will decide: they stay acquired until they are settled
     * @param inOrder whether it has left in order: then no failed attempt is counted, since nobody can tell what was
     *     handed to the application from what only waited there
     * @return whether it was there
     */
    public boolean removeConsumer(Consumer consumer, long[] unsent, long[] held, boolean inOrder) {
        assert mayCommand();
        if (!consumers.remove(consumer)) {
            return false;
        }
        detach(consumer);
        for (long sequence : unsent) {
            settleOne(consumer, sequence, Outcome.RELEASED);
        }
        Outcome named = consumer.options().defaultOutcome();
        Outcome unsettledOutcome = inOrder ? Outcome.uncounted(named) : named;
        List<Entry> kept = new ArrayList<>();
        for (long sequence : held) {
            Entry entry = consumer.unsettled().remove(sequence);
            if (entry != null) {
                kept.add(entry);
            }
        }
        for (Entry entry : consumer.unsettled().removeAll()) {
            applyOutcome(consumer, entry, unsettledOutcome);
        }
        if (!kept.isEmpty()) {
            kept.forEach(consumer.unsettled()::put);
            departed.add(consumer);
        }
        dispatch();
        return true;
    }

    /**
     * Sets how many messages a consumer may get, counted since it was added. A limit below what was sent takes all
     * credit away. Ends draining.
     */
    public void grant(Consumer consumer, long limit) {
        onFlow(consumer, limit, false);
    }

    /**
     * As {@link #grant}, and what is not used up by messages that are available now is given up; {@link
     * Receiver#drained} follows, at once or when payloads have been loaded (AMQP 1.0 §2.6.7). Messages that can't be
     * loaded for now count as not available.
     */
    public void drain(Consumer consumer, long limit) {
        onFlow(consumer, limit, true);
    }

    private void onFlow(Consumer consumer, long limit, boolean drain) {
        assert mayCommand();
        if (!consumer.attached()) {
            return;
        }
        consumer.onFlow(limit, drain);
        if (drain) {
            draining.add(consumer);
        } else {
            draining.remove(consumer);
        }
        boolean hasCredit = consumer.credit() > 0;
        if (hasCredit != ReadyRing.holds(consumer)) {
            if (hasCredit) {
                ready.addLast(consumer);
            } else {
                ready.remove(consumer);
            }
        }
        dispatch();
    }

    /**
     * Settles a delivery.
     *
     * @return false if the consumer has no such unsettled delivery; nothing has changed then
     */
    public boolean settle(Consumer consumer, long sequence, Outcome outcome) {
        assert mayCommand();
        boolean settled = settleOne(consumer, sequence, outcome);
        dispatch();
        return settled;
    }

    /**
     * Settles many deliveries with the same outcome; those that go back do so before any of them is delivered again.
     *
     * @return how many of them were unsettled deliveries of the consumer
     */
    public int settleAll(Consumer consumer, long[] sequences, Outcome outcome) {
        assert mayCommand();
        int settled = 0;
        for (long sequence : sequences) {
            if (settleOne(consumer, sequence, outcome)) {
                settled++;
            }
        }
        dispatch();
        return settled;
    }

    private boolean settleOne(Consumer consumer, long sequence, Outcome outcome) {
        Entry entry = consumer.unsettled().remove(sequence);
        if (entry == null) {
            return false;
        }
        applyOutcome(consumer, entry, outcome);
        if (consumer.unsettled().size() == 0) {
            departed.remove(consumer);
        }
        return true;
    }

    /** AMQP 1.0 §3.4.2 to §3.4.5. */
    private void applyOutcome(Consumer consumer, Entry entry, Outcome outcome) {
        acquired--;
        if (outcome instanceof Outcome.Accepted) {
            acknowledge(entry);
        } else if (outcome instanceof Outcome.Rejected rejected) {
            entry.countFailedDelivery();
            backlog.forget(entry);
            effects.deadLetter(entry, rejected.condition(), rejected.description());
        } else if (outcome instanceof Outcome.Modified modified) {
            modify(consumer, entry, modified);
        } else {
            assert outcome instanceof Outcome.Released;
            backlog.giveBack(entry);
        }
        assert acquired >= 0;
    }

    private void acknowledge(Entry entry) {
        acknowledgedTotal++;
        backlog.forget(entry);
        if (entry.durable()) {
            effects.acknowledged(entry.sequence());
        }
    }

    private void modify(Consumer consumer, Entry entry, Outcome.Modified modified) {
        if (modified.deliveryFailed()) {
            entry.countFailedDelivery();
        }
        boolean annotated = modified.annotations().length > 0;
        if (annotated) {
            entry.replaceAnnotations(annotationMerger.merge(entry.annotations(), modified.annotations()));
        }
        if (modified.undeliverableHere() && consumer.attached()) {
            backlog.exclude(entry, consumer);
        }
        backlog.giveBack(entry);
        if (entry.durable() && (modified.deliveryFailed() || annotated)) {
            effects.deliveryUpdated(entry);
        }
    }

    /**
     * The answer to {@link QueueEffects#load}. Messages that are no longer wanted are passed over.
     *
     * @param messages rising by sequence, without a gap in what the store holds; all from the sequence asked for up to a
     *     limit or to the end
     */
    public void onLoaded(List<LoadedMessage> messages) {
        assert mayCommand();
        if (deleted) {
            return;
        }
        checkLoadInFlight();
        long answeredUpTo = window.onAnswered(messages);
        backlog.supply(messages);
        for (Entry entry : backlog.removeAbsent(window.from(), answeredUpTo)) {
            effects.missing(entry.sequence());
        }
        dispatch();
    }

    /** The load failed. Nothing more is loaded until {@link #resumeLoading}; what is in memory goes on being delivered. */
    public void onLoadFailed() {
        assert mayCommand();
        if (deleted) {
            return;
        }
        checkLoadInFlight();
        window.onFailed();
        dispatch();
    }

    /** Tries again after {@link #onLoadFailed}, now or when a consumer next has credit. */
    public void resumeLoading() {
        assert mayCommand();
        window.resume();
        dispatch();
    }

    private void checkLoadInFlight() {
        if (!window.inFlight()) {
            throw new IllegalStateException("no load was asked for");
        }
    }

    /** The answer to {@link QueueEffects#continueLater}. */
    public void goOn() {
        assert mayCommand();
        dispatch();
    }

    /**
     * Lets payloads of durable messages that nobody has acquired go, the one farthest from delivery first.
     *
     * @param bytesToFree stop when so many have been freed
     * @return bytes freed; fewer than asked for if there is nothing more to let go
     */
    public long dropPayloads(long bytesToFree) {
        assert mayCommand();
        return backlog.dropPayloads(bytesToFree);
    }

    /**
     * Removes all messages that nobody has acquired; {@link QueueEffects#acknowledged} for each durable one.
     *
     * @return how many were removed
     */
    public int purge() {
        assert mayCommand();
        List<Entry> purged = backlog.removeAll();
        for (Entry entry : purged) {
            if (entry.durable()) {
                effects.acknowledged(entry.sequence());
            }
        }
        dispatch();
        return purged.size();
    }

    /**
     * The queue ends, with all messages, acquired ones too; {@link Receiver#queueDeleted} for each consumer. The caller
     * has recorded the deletion; nothing is acknowledged. What comes after, other than new messages and consumers, is
     * passed over.
     */
    public void delete() {
        assert mayCommand();
        deleted = true;
        List<Consumer> left = new ArrayList<>(consumers);
        consumers.clear();
        for (Consumer consumer : left) {
            detach(consumer);
            consumer.unsettled().removeAll().forEach(backlog::forget);
        }
        departed.forEach(consumer -> consumer.unsettled().removeAll().forEach(backlog::forget));
        departed.clear();
        acquired = 0;
        backlog.removeAll();
        left.forEach(consumer -> consumer.receiver().queueDeleted());
    }

    /** Messages in the queue, acquired ones included. */
    public int depth() {
        return backlog.size() + acquired;
    }

    /** Messages delivered and not settled. */
    public int acquired() {
        return acquired;
    }

    /** Consumers, with or without credit. */
    public int consumers() {
        return consumers.size();
    }

    /** Payloads in memory, bytes. */
    public long residentBytes() {
        return backlog.residentBytes();
    }

    /** Messages that have entered since the queue was made; those restored are not counted. */
    public long enqueuedTotal() {
        return enqueuedTotal;
    }

    /** Messages accepted since the queue was made. */
    public long acknowledgedTotal() {
        return acknowledgedTotal;
    }

    private void detach(Consumer consumer) {
        consumer.detach();
        draining.remove(consumer);
        backlog.forgetConsumer(consumer);
        if (ReadyRing.holds(consumer)) {
            ready.remove(consumer);
        }
    }

    /** Hands out what can be handed out, in turn; a consumer that can get nothing now is set aside until the end. */
    private void dispatch() {
        dispatching = true;
        long wanted = LoadWindow.NONE;
        for (Consumer consumer = ready.first(); consumer != null; consumer = ready.first()) {
            Entry entry = backlog.firstFor(consumer);
            if (entry != null && entry.resident()) {
                deliver(consumer, entry);
                continue;
            }
            if (entry != null) {
                wanted = Math.min(wanted, entry.sequence());
            }
            if (backlog.sameForAll()) {
                break;
            }
            ready.remove(consumer);
            stalled.addLast(consumer);
        }
        ready.prependAll(stalled);
        maybeLoad(wanted);
        answerDrains();
        dispatching = false;
    }

    private void deliver(Consumer consumer, Entry entry) {
        consumer.countSent();
        if (consumer.credit() > 0) {
            ready.rotate();
        } else {
            ready.remove(consumer);
        }
        backlog.acquire(entry);
        window.onDelivered(entry.sequence());
        consumer.unsettled().put(entry);
        acquired++;
        consumer.receiver().deliver(entry);
    }

    private void maybeLoad(long wanted) {
        if (ready.isEmpty() || !backlog.hasAbsentPayloads()) {
            return;
        }
        long from = window.next(wanted);
        if (from != LoadWindow.NONE) {
            window.onAsked(from, lastSequence);
            effects.load(from, loadLimits);
        }
    }

    private void answerDrains() {
        if (draining.isEmpty()) {
            return;
        }
        for (Iterator<Consumer> each = draining.iterator(); each.hasNext(); ) {
            Consumer consumer = each.next();
            boolean waits = consumer.credit() > 0 && backlog.firstFor(consumer) != null && !window.failed();
            if (!waits) {
                each.remove();
                if (ReadyRing.holds(consumer)) {
                    ready.remove(consumer);
                }
                consumer.receiver().drained(consumer.giveUpCredit());
            }
        }
    }

    /** Effects and receivers must not call back: that would hand out messages in the midst of handing them out. */
    private boolean mayCommand() {
        return onOwner.getAsBoolean() && !dispatching;
    }
}

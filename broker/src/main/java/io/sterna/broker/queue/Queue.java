package io.sterna.broker.queue;

import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.LongSupplier;

/**
 * A queue: each message goes to one consumer, first in first out.
 *
 * <p>Owned by the partition's event loop. A command carries out all that follows from it, calling {@link QueueEffects}
 * and {@link Receiver}s, before it returns. Commands that name a consumer which has been removed, or a delivery that is
 * settled already, do nothing and say so: after the loss of a link they are ordinary.
 *
 * <p>Invariants: {@code 0 ≤ acquired ≤ depth}; each message is fresh, returned, scheduled or acquired by one consumer; a consumer
 * gets a message only while {@code sent < limit}; no consumer gets a message while one before it waits that it may have.
 */
public final class Queue {
    /** So many messages enter or expire at once; then others get their turn. */
    private static final int MAX_DUE_A_TURN = 10_000;

    /** A limit that was lowered is not kept at once. */
    private static final int MAX_EVICTED_A_TURN = 1_000;

    private final QueueEffects effects;
    private final AnnotationMerger annotationMerger;
    private final LoadLimits loadLimits;
    private final BooleanSupplier onOwner;

    private final Backlog backlog = new Backlog();
    private final Timing timing;
    private final LastValues lastValues = new LastValues();
    private final LoadWindow window = new LoadWindow();
    private final Set<Consumer> consumers = new LinkedHashSet<>();
    private final Set<Consumer> draining = new LinkedHashSet<>();

    /** Consumers that were removed while transactions held some of their messages. */
    private final Set<Consumer> departed = new LinkedHashSet<>();

    // Consumers with credit; stalled is in use only while messages are handed out.
    private final ReadyRing ready = new ReadyRing();
    private final ReadyRing stalled = new ReadyRing();

    private QueueRules rules;
    private long wakeAtMillis = Agenda.NEVER;
    private long lastSequence = Long.MIN_VALUE;
    private int acquired;
    private long bytes;
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
        this.annotationMerger = annotationMerger;
        this.loadLimits = loadLimits;
        this.rules = rules;
        this.onOwner = onOwner;
        timing = new Timing(nowMillis);
    }

    /** Changes what becomes of messages from now on. */
    public void rules(QueueRules changed) {
        assert mayCommand();
        rules = changed;
    }

    /**
     * A committed message enters at the tail, or is held back until its time.
     *
     * @param sequence above all sequences that this queue was given before
     * @param durable whether the store has the message, so that its payload can be let go and loaded again
     */
    public void enqueue(long sequence, QueueMessage message, MessageTraits traits, boolean durable) {
        Entry entry = Entry.arrived(sequence, message, traits, durable);
        append(entry);
        enqueuedTotal++;
        makeRoom(entry);
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
        bytes += entry.sizeBytes();
        if (entry.traits().deliverAtMillis() > timing.nowMillis()) {
            backlog.setAsideArrived(entry);
            timing.onScheduled(entry);
        } else {
            backlog.append(entry);
            timing.onWaiting(entry);
        }
        Entry superseded = lastValues.onArrived(entry);
        if (superseded != null && superseded.state() != EntryState.ACQUIRED) {
            drop(superseded);
        }
    }

    /** The newest message always stays: an older one may be with a consumer, and can't make room. */
    private void makeRoom(Entry newest) {
        for (int evicted = 0; evicted < MAX_EVICTED_A_TURN && rules.evicts(depth(), bytes); evicted++) {
            Entry oldest = backlog.oldest();
            if (oldest == null || oldest == newest) {
                return;
            }
            backlog.remove(oldest);
            onGone(oldest);
            effects.deadLetter(oldest, DeadLetterReason.OVERFLOW, "", "the queue is full");
        }
    }

    /** A message that nobody has acquired leaves the queue for good. */
    private void drop(Entry entry) {
        if (entry.state() == EntryState.SCHEDULED) {
            timing.removeScheduled(entry.sequence());
            backlog.forgetAside(entry);
        } else {
            backlog.remove(entry);
        }
        onGone(entry);
        if (entry.durable()) {
            effects.acknowledged(entry.sequence());
        }
    }

    /** What is kept of an entry beside the backlog. */
    private void onGone(Entry entry) {
        timing.onGone(entry);
        lastValues.onGone(entry);
        bytes -= entry.sizeBytes();
        assert bytes >= 0;
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
            deadLetter(entry, DeadLetterReason.REJECTED, rejected.condition(), rejected.description());
        } else if (outcome instanceof Outcome.Modified modified) {
            modify(consumer, entry, modified);
        } else {
            assert outcome instanceof Outcome.Released;
            giveBack(entry);
        }
        assert acquired >= 0;
    }

    private void deadLetter(Entry entry, DeadLetterReason reason, String condition, String description) {
        backlog.forget(entry);
        onGone(entry);
        effects.deadLetter(entry, reason, condition, description);
    }

    /** An acquired entry goes back to its place, or waits for its time. */
    private void giveBack(Entry entry) {
        if (lastValues.superseded(entry)) {
            backlog.forget(entry);
            onGone(entry);
            if (entry.durable()) {
                effects.acknowledged(entry.sequence());
            }
        } else if (entry.traits().deliverAtMillis() > timing.nowMillis()) {
            backlog.setAside(entry);
            timing.onScheduled(entry);
        } else {
            backlog.giveBack(entry);
            timing.onWaiting(entry);
        }
    }

    private void acknowledge(Entry entry) {
        acknowledgedTotal++;
        backlog.forget(entry);
        onGone(entry);
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
        if (modified.deliveryFailed() && rules.redelivery().exhaustedBy(entry.deliveryCount())) {
            String description = entry.deliveryCount() + " deliveries have failed";
            deadLetter(entry, DeadLetterReason.MAX_DELIVERIES, "", description);
            return;
        }
        if (modified.undeliverableHere()
                && rules.redelivery().declinedToDeadLetters()
                && consumers.stream().allMatch(entry::excludes)) {
            deadLetter(entry, DeadLetterReason.UNDELIVERABLE, "", "no consumer can process it");
            return;
        }
        boolean delayed = maybeDelay(entry, modified);
        giveBack(entry);
        if (entry.durable()
                && entry.state() != EntryState.GONE
                && (modified.deliveryFailed() || annotated || delayed)) {
            effects.deliveryUpdated(entry);
        }
    }

    /** Whether the message is to wait: for the time that the consumer has named, else for as long as the rules say. */
    private boolean maybeDelay(Entry entry, Outcome.Modified modified) {
        long nowMillis = timing.nowMillis();
        long delayMillis = modified.deliveryFailed() ? rules.redelivery().delayMillis(entry.deliveryCount()) : 0;
        long atMillis = modified.deliverAtMillis() != 0 ? modified.deliverAtMillis() : nowMillis + delayMillis;
        if (atMillis <= nowMillis) {
            return false;
        }
        entry.replaceTraits(entry.traits().withDeliverAtMillis(atMillis));
        return true;
    }

    /** The time that was asked for by {@link QueueEffects#wakeAt} has come. */
    public void onTime() {
        assert mayCommand();
        if (deleted) {
            return;
        }
        wakeAtMillis = Agenda.NEVER;
        catchUp();
        dispatch();
    }

    /** Does what is due; false if there is more than fits into a turn. */
    private boolean catchUp() {
        if (timing.nextMillis() == Agenda.NEVER) {
            return true;
        }
        long nowMillis = timing.nowMillis();
        for (int count = 0; count < MAX_DUE_A_TURN; count++) {
            Entry due = timing.pollDue(nowMillis);
            if (due == null) {
                return true;
            }
            onDue(due, nowMillis);
        }
        return timing.nextMillis() > nowMillis;
    }

    private void onDue(Entry entry, long nowMillis) {
        boolean expired = entry.traits().expired(nowMillis);
        switch (entry.state()) {
            case SCHEDULED -> {
                if (expired) {
                    backlog.forgetAside(entry);
                    expire(entry);
                } else {
                    backlog.enter(entry);
                    timing.onWaiting(entry);
                }
            }
            case FRESH, RETURNED -> {
                backlog.remove(entry);
                expire(entry);
            }
            case ACQUIRED -> takeBack(entry);
            case GONE -> throw new IllegalStateException("message " + entry.sequence() + " has left");
        }
    }

    private void expire(Entry entry) {
        onGone(entry);
        effects.deadLetter(entry, DeadLetterReason.EXPIRED, "", "it was not delivered in time");
    }

    /** The lock is over: as released (AMQP 1.0 §3.4.4). What a transaction holds is left to it. */
    private void takeBack(Entry entry) {
        for (Consumer consumer : consumers) {
            if (consumer.unsettled().remove(entry.sequence()) != null) {
                acquired--;
                giveBack(entry);
                consumer.receiver().lockLost(entry.sequence());
                return;
            }
        }
    }

    /**
     * Gives the consumer of an acquired message the whole lock duration again, from now on.
     *
     * @return until when, since 1970-01-01T00:00Z; empty when there is no such message, or no lock
     */
    public OptionalLong renewLock(long sequence) {
        assert mayCommand();
        for (Consumer consumer : consumers) {
            Entry entry = consumer.unsettled().remove(sequence);
            if (entry != null) {
                consumer.unsettled().put(entry);
                timing.onAcquired(entry, rules.lockMillis());
                return rules.lockMillis() == 0 ? OptionalLong.empty() : OptionalLong.of(entry.agendaMillis);
            }
        }
        return OptionalLong.empty();
    }

    /**
     * Removes a message that is held back until its time; {@link QueueEffects#acknowledged} if it is durable.
     *
     * @return whether there was one
     */
    public boolean cancelScheduled(long sequence) {
        assert mayCommand();
        Entry entry = timing.removeScheduled(sequence);
        if (entry == null) {
            return false;
        }
        drop(entry);
        dispatch();
        return true;
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
            onGone(entry);
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
     * Removes all messages that nobody has acquired, scheduled ones too; {@link QueueEffects#acknowledged} for each durable
     * one.
     *
     * @return how many were removed
     */
    public int purge() {
        assert mayCommand();
        List<Entry> purged = new ArrayList<>(backlog.removeAll());
        for (Entry entry : timing.removeAllScheduled()) {
            backlog.forgetAside(entry);
            purged.add(entry);
        }
        for (Entry entry : purged) {
            onGone(entry);
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
        bytes = 0;
        backlog.removeAll();
        timing.removeAllScheduled().forEach(backlog::forgetAside);
        timing.clear();
        lastValues.clear();
        left.forEach(consumer -> consumer.receiver().queueDeleted());
    }

    /** Messages in the queue, acquired and scheduled ones included. */
    public int depth() {
        return backlog.size() + acquired + timing.scheduled();
    }

    /** Messages that are held back until their time. */
    public int scheduled() {
        return timing.scheduled();
    }

    /** Payloads of all messages in the queue, in memory or not, bytes. */
    public long bytes() {
        return bytes;
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
        boolean wanted = !ready.isEmpty() || !draining.isEmpty();
        // Nothing that has expired is handed out: what is due comes first.
        if (wanted && catchUp()) {
            handOut();
        }
        if (timing.nextMillis() < wakeAtMillis) {
            wakeAtMillis = timing.nextMillis();
            effects.wakeAt(wakeAtMillis);
        }
    }

    private void handOut() {
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
        timing.onAcquired(entry, rules.lockMillis());
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

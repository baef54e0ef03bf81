package io.sterna.broker.queue;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * How messages enter a queue, go back to it and leave it, by what consumers say, by the clock and by the queue's rules.
 * Owned by the partition's event loop.
 */
final class Lifecycle {
    /** So many messages enter or expire at once; then others get their turn. */
    private static final int MAX_DUE_A_TURN = 10_000;

    /** A limit that was lowered is not kept at once. */
    private static final int MAX_EVICTED_A_TURN = 1_000;

    private final QueueEffects effects;
    private final Backlog backlog;
    private final Roster roster;
    private final Timing timing;
    private final LastValues lastValues = new LastValues();
    private QueueRules rules;
    private long wakeAtMillis = Agenda.NEVER;
    private long bytes;

    Lifecycle(QueueEffects effects, Backlog backlog, Roster roster, QueueRules rules, Timing timing) {
        this.effects = effects;
        this.backlog = backlog;
        this.roster = roster;
        this.rules = rules;
        this.timing = timing;
    }

    void rules(QueueRules changed) {
        rules = changed;
    }

    QueueRules rules() {
        return rules;
    }

    long nowMillis() {
        return timing.nowMillis();
    }

    /** Messages in the queue, acquired and scheduled ones included. */
    int depth() {
        return backlog.size() + backlog.acquired() + timing.scheduled();
    }

    int scheduled() {
        return timing.scheduled();
    }

    /** As {@link Timing#scheduledAbove}. */
    List<Entry> scheduledAbove(long sequence, int count) {
        return timing.scheduledAbove(sequence, count);
    }

    /** Payloads of all messages in the queue, in memory or not, bytes. */
    long bytes() {
        return bytes;
    }

    // ---- In

    void onArrived(Entry entry) {
        bytes += entry.sizeBytes();
        if (timing.isAhead(entry.traits().deliverAtMillis())) {
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

    /**
     * The newest message always stays: an older one may be with a consumer, and can't make room. What has expired goes
     * first, maybe the newest itself: none that lives makes room for it.
     */
    void makeRoom(Entry newest) {
        if (rules.evicts(depth(), bytes) && !catchUp()) {
            return;
        }
        for (int evicted = 0;
                evicted < MAX_EVICTED_A_TURN && rules.evicts(depth(), bytes) && effects.takesDeadLetters();
                evicted++) {
            Entry oldest = backlog.oldest();
            if (oldest == null || oldest == newest) {
                return;
            }
            backlog.remove(oldest);
            onGone(oldest);
            effects.deadLetter(oldest, DeadLetterReason.OVERFLOW, "", "the queue is full");
        }
    }

    /** As {@link Timing#findScheduled}. */
    @Nullable
    Entry findScheduled(long sequence) {
        return timing.findScheduled(sequence);
    }

    // ---- With a consumer

    void onAcquired(Entry entry) {
        timing.onAcquired(entry, rules.lockMillis());
    }

    /** Gives the consumer the whole lock duration again; gives until when, or {@link Agenda#NEVER}. */
    long renewLock(Entry entry) {
        return timing.onAcquired(entry, rules.lockMillis());
    }

    /** Lets the consumer of a message have it for as long as it takes, or for a whole lock duration again. */
    void keep(Entry entry, boolean kept) {
        timing.onAcquired(entry, kept ? 0 : rules.lockMillis());
    }

    /** An acquired entry goes back to its place, or waits for its time. */
    void giveBack(Entry entry) {
        entry.countReturn();
        if (lastValues.superseded(entry)) {
            acknowledge(entry);
        } else if (timing.isAhead(entry.traits().deliverAtMillis())) {
            backlog.setAside(entry);
            timing.onScheduled(entry);
        } else {
            backlog.giveBack(entry);
            timing.onWaiting(entry);
        }
    }

    /** An acquired message was processed: it leaves the queue for good. */
    void acknowledge(Entry entry) {
        forget(entry);
        onDone(entry);
    }

    /** Nobody wants an entry any more that was here, wherever it is besides. */
    private void onDone(Entry entry) {
        switch (entry.backing()) {
            case NONE, COMING -> {}
            case SPILL -> effects.spillUnneeded(entry.sequence());
            case STORE -> effects.acknowledged(entry.sequence());
        }
    }

    /** An acquired message leaves the queue for another reason. */
    void deadLetter(Entry entry, DeadLetterReason reason, String condition, String description) {
        forget(entry);
        effects.deadLetter(entry, reason, condition, description);
    }

    /** An acquired message is no longer here. */
    void forget(Entry entry) {
        backlog.forget(entry);
        onGone(entry);
    }

    // ---- By the clock

    /** The time has come that was asked for by {@link QueueEffects#wakeAt}. */
    void onTime() {
        wakeAtMillis = Agenda.NEVER;
    }

    /** Does what is due; false if there is more than fits into a turn. */
    boolean catchUp() {
        if (nextMillis() == Agenda.NEVER) {
            return true;
        }
        long nowMillis = timing.nowMillis();
        for (int count = 0; count < MAX_DUE_A_TURN && effects.takesDeadLetters(); count++) {
            backlog.openExpiring(nowMillis);
            Entry due = timing.pollDue(nowMillis);
            if (due == null) {
                return true;
            }
            onDue(due, nowMillis);
        }
        return nextMillis() > nowMillis;
    }

    void askToBeWoken() {
        long nextMillis = nextMillis();
        if (nextMillis < wakeAtMillis && effects.takesDeadLetters()) {
            wakeAtMillis = nextMillis;
            effects.wakeAt(wakeAtMillis);
        }
    }

    /** When something happens next, or {@link Agenda#NEVER}. */
    private long nextMillis() {
        return Math.min(timing.nextMillis(), backlog.nextExpiryMillis());
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
        Consumer holder = roster.holderOf(entry.sequence());
        if (holder != null) {
            holder.unsettled().remove(entry.sequence());
            giveBack(entry);
            holder.receiver().lockLost(entry.sequence());
        }
    }

    // ---- Out

    /** Takes out a message that is held back until its time, or gives null. */
    @Nullable
    Entry removeScheduled(long sequence) {
        Entry entry = timing.removeScheduled(sequence);
        if (entry != null) {
            drop(entry);
        }
        return entry;
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
        onDone(entry);
    }

    /** Takes out all messages that nobody has acquired, and says how many they were. */
    int purge() {
        int purged = backlog.size() + timing.scheduled();
        backlog.removeAll(this::onPurged);
        for (Entry entry : timing.removeAllScheduled()) {
            backlog.forgetAside(entry);
            onPurged(entry);
        }
        return purged;
    }

    private void onPurged(Entry entry) {
        onGone(entry);
        onDone(entry);
    }

    /** A payload can't be had from where it was; the message was taken out. */
    void onMissing(Entry entry) {
        onGone(entry);
        effects.missing(entry);
    }

    /** What is kept of an entry beside the backlog. */
    private void onGone(Entry entry) {
        timing.forget(entry);
        lastValues.onGone(entry);
        bytes -= entry.sizeBytes();
        assert bytes >= 0;
    }

    /** The queue ends with all that nobody has acquired. */
    void forgetAll() {
        backlog.removeAll(entry -> {});
        timing.removeAllScheduled().forEach(backlog::forgetAside);
        timing.clear();
        lastValues.clear();
        bytes = 0;
    }
}

package io.sterna.broker.queue;

import java.util.List;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * What happens to the messages of a queue by itself, and when: scheduled ones enter, those that wait expire, and those
 * that a consumer holds are taken back. Each message has at most one next time, which follows from where it is. Owned
 * by the partition's event loop.
 */
final class Timing {
    private final LongSupplier clock;
    private final Agenda agenda = new Agenda();
    private final UnsettledTable scheduled = new UnsettledTable();

    Timing(LongSupplier clock) {
        this.clock = clock;
    }

    long nowMillis() {
        return clock.getAsLong();
    }

    /** Whether a time is still to come; 0 never is, and does not need the clock. */
    boolean isAhead(long millis) {
        return millis != 0 && millis > clock.getAsLong();
    }

    /** Messages that are held back until their time. */
    int scheduled() {
        return scheduled.size();
    }

    /** As {@link UnsettledTable#firstAbove}. */
    List<Entry> scheduledAbove(long sequence, int count) {
        return scheduled.firstAbove(sequence, count);
    }

    /** A message that is held back, or null. */
    @Nullable
    Entry findScheduled(long sequence) {
        return scheduled.find(sequence);
    }

    /** When something happens next, or {@link Agenda#NEVER}. */
    long nextMillis() {
        return agenda.nextMillis();
    }

    /** As {@link Agenda#wouldBeFirst}. */
    boolean wouldBeFirst(long sequence, long atMillis) {
        return agenda.wouldBeFirst(sequence, atMillis);
    }

    /** The next message to which something happens now, or null; it is no longer on the agenda. */
    @Nullable
    Entry pollDue(long nowMillis) {
        Entry due = agenda.pollDue(nowMillis);
        if (due != null && due.state() == EntryState.SCHEDULED) {
            scheduled.remove(due.sequence());
        }
        return due;
    }

    /** The message is held back; it may expire before its time. */
    void onScheduled(Entry entry) {
        scheduled.put(entry);
        MessageTraits traits = entry.traits();
        long expiresAtMillis = traits.expiresAtMillis() == 0 ? Agenda.NEVER : traits.expiresAtMillis();
        agenda.put(entry, Math.min(traits.deliverAtMillis(), expiresAtMillis));
    }

    /** The message waits for a consumer. */
    void onWaiting(Entry entry) {
        if (entry.traits().expiresAtMillis() != 0) {
            agenda.put(entry, entry.traits().expiresAtMillis());
        } else {
            agenda.remove(entry);
        }
    }

    /**
     * A consumer has the message: it does not expire in its hands.
     *
     * @param lockMillis how long it may hold it; 0 for ever
     * @return until when it may hold it, or {@link Agenda#NEVER}
     */
    long onAcquired(Entry entry, long lockMillis) {
        if (lockMillis == 0) {
            agenda.remove(entry);
            return Agenda.NEVER;
        }
        long untilMillis = clock.getAsLong() + lockMillis;
        agenda.put(entry, untilMillis);
        return untilMillis;
    }

    /** Nothing happens to the message by itself any more: it has left the queue, or somebody else sees to it. */
    void forget(Entry entry) {
        agenda.remove(entry);
    }

    /** Takes out a message that is held back, or gives null. */
    @Nullable
    Entry removeScheduled(long sequence) {
        Entry entry = scheduled.remove(sequence);
        if (entry != null) {
            agenda.remove(entry);
        }
        return entry;
    }

    /** Takes out all messages that are held back, in the order of sequences. */
    List<Entry> removeAllScheduled() {
        List<Entry> all = scheduled.removeAll();
        all.forEach(agenda::remove);
        return all;
    }

    void clear() {
        agenda.clear();
        scheduled.removeAll();
    }
}

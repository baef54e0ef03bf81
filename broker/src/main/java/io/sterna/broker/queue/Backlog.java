package io.sterna.broker.queue;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The messages that nobody has acquired, in the order of delivery, and the account of all payloads in memory. Messages
 * that come into the midst of fresh ones, when their time has come, are kept with the returned ones. Owned by the
 * partition's event loop.
 */
final class Backlog {
    private final Fresh fresh = new Fresh();
    private final Returned returned = new Returned();
    private final Residents residents = new Residents();
    private int absent;
    private long residentBytes;

    int size() {
        return fresh.count() + returned.size();
    }

    /** Payloads in memory, those of acquired messages included, bytes. */
    long residentBytes() {
        return residentBytes;
    }

    boolean hasAbsentPayloads() {
        return absent > 0;
    }

    /** Whether what is first for one consumer is first for all. */
    boolean sameForAll() {
        return size() == 0 || returned.sameForAll();
    }

    void append(Entry entry) {
        fresh.addLast(entry);
        if (!entry.resident()) {
            absent++;
            return;
        }
        residentBytes += entry.sizeBytes();
        if (entry.durable()) {
            residents.addArrived(entry);
        }
    }

    /** The next message for a consumer, or null. Its payload may be absent. */
    @Nullable
    Entry firstFor(Consumer consumer) {
        Entry entry = returned.size() == 0 ? null : returned.firstFor(consumer);
        Entry newest = fresh.first();
        return entry == null || (newest != null && newest.sequence() < entry.sequence()) ? newest : entry;
    }

    /** The one that was sent first, or null. */
    @Nullable
    Entry oldest() {
        Entry first = fresh.first();
        Entry back = returned.first();
        return back == null || (first != null && first.sequence() < back.sequence()) ? first : back;
    }

    /** A message that has just come is not to be delivered yet; the payload of a durable one is let go. */
    void setAsideArrived(Entry entry) {
        entry.transitionTo(EntryState.SCHEDULED);
        if (entry.resident()) {
            residentBytes += entry.sizeBytes();
            letGo(entry);
        }
    }

    /** An acquired entry is not to be delivered again yet; the payload of a durable one is let go. */
    void setAside(Entry entry) {
        entry.transitionTo(EntryState.SCHEDULED);
        letGo(entry);
    }

    private void letGo(Entry entry) {
        if (entry.durable()) {
            entry.dropPayload();
            residentBytes -= entry.sizeBytes();
        }
    }

    /** An entry that was set aside takes the place of its sequence. */
    void enter(Entry entry) {
        if (!entry.resident()) {
            absent++;
        }
        if (entry.restricted() || entry.sequence() <= fresh.lastSequence()) {
            entry.transitionTo(EntryState.RETURNED);
            returned.add(entry);
        } else {
            entry.transitionTo(EntryState.FRESH);
            fresh.addLast(entry);
        }
    }

    /** An entry that was set aside leaves the queue. */
    void forgetAside(Entry entry) {
        if (!entry.resident()) {
            absent++;
        }
        forget(entry);
    }

    /** An entry that waits leaves the queue. */
    void remove(Entry entry) {
        boolean wasFresh = entry.state() == EntryState.FRESH;
        if (!wasFresh) {
            returned.remove(entry);
        }
        forget(entry);
        if (wasFresh) {
            fresh.onGone();
        }
        if (entry.durable()) {
            residents.removeGone(entry);
        }
    }

    /** Takes out an entry that {@link #firstFor} gave. */
    void acquire(Entry entry) {
        if (entry.durable()) {
            residents.remove(entry);
        }
        if (entry.state() == EntryState.FRESH) {
            fresh.removeFirst();
        } else {
            returned.remove(entry);
        }
        entry.transitionTo(EntryState.ACQUIRED);
    }

    /** An acquired entry goes back to its place. */
    void giveBack(Entry entry) {
        entry.transitionTo(EntryState.RETURNED);
        returned.add(entry);
        if (entry.durable()) {
            residents.add(entry);
        }
    }

    /** An acquired entry is not to go to a consumer again. */
    void exclude(Entry entry, Consumer consumer) {
        returned.exclude(entry, consumer);
    }

    void forgetConsumer(Consumer consumer) {
        returned.forgetConsumer(consumer);
    }

    /** An entry that is no longer in the backlog leaves the queue. */
    void forget(Entry entry) {
        entry.transitionTo(EntryState.GONE);
        returned.forgetExclusions(entry);
        if (entry.resident()) {
            residentBytes -= entry.sizeBytes();
        } else {
            absent--;
        }
        assert residentBytes >= 0 && absent >= 0;
    }

    /** Takes out everything, in the order of delivery. The entries are {@link EntryState#GONE}. */
    List<Entry> removeAll() {
        List<Entry> all = new ArrayList<>(returned.removeAll());
        for (int index = 0; index < fresh.size(); index++) {
            if (fresh.get(index).state() != EntryState.GONE) {
                all.add(fresh.get(index));
            }
        }
        fresh.clear();
        residents.clear();
        all.forEach(this::forget);
        return all;
    }

    long dropPayloads(long bytesToFree) {
        long freed = 0;
        while (freed < bytesToFree) {
            Entry farthest = residents.removeFarthest();
            if (farthest == null) {
                break;
            }
            farthest.dropPayload();
            freed += farthest.sizeBytes();
            absent++;
        }
        residentBytes -= freed;
        assert residentBytes >= 0;
        return freed;
    }

    /** Puts payloads to their entries; what is acquired, gone or has its payload is passed over. */
    void supply(List<LoadedMessage> messages) {
        for (LoadedMessage loaded : messages) {
            Entry entry = find(loaded.sequence());
            if (entry != null && !entry.resident()) {
                entry.supply(loaded.message());
                residents.add(entry);
                residentBytes += entry.sizeBytes();
                absent--;
            }
        }
    }

    /**
     * Takes out the entries of a range, both ends included, that have no payload. They are {@link EntryState#GONE}.
     */
    List<Entry> removeAbsent(long from, long to) {
        List<Entry> removed = new ArrayList<>();
        if (absent == 0) {
            return removed;
        }
        for (Entry entry : returned.range(from, to)) {
            if (!entry.resident()) {
                returned.remove(entry);
                removed.add(entry);
            }
        }
        int fromFresh = removed.size();
        for (int index = fresh.indexFrom(from); index < fresh.size(); index++) {
            Entry entry = fresh.get(index);
            if (entry.sequence() > to) {
                break;
            }
            if (!entry.resident() && entry.state() != EntryState.GONE) {
                removed.add(entry);
            }
        }
        removed.forEach(this::forget);
        if (removed.size() > fromFresh) {
            fresh.removeGone();
        }
        return removed;
    }

    private @Nullable Entry find(long sequence) {
        Entry entry = fresh.find(sequence);
        return entry != null ? entry : returned.find(sequence);
    }
}

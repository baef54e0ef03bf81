package io.sterna.broker.queue;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The messages that nobody has acquired, in the order of delivery, and the account of all payloads in memory. Every
 * returned message comes before every fresh one, since fresh ones are delivered strictly from the front: nothing fresh
 * can exclude a consumer. Owned by the partition's event loop.
 */
final class Backlog {
    private final Fresh fresh = new Fresh();
    private final Returned returned = new Returned();
    private final Residents residents = new Residents();
    private int absent;
    private long residentBytes;

    int size() {
        return fresh.size() + returned.size();
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
        return entry != null ? entry : fresh.first();
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
        assert precedesFresh(entry);
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
            all.add(fresh.get(index));
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
            if (!entry.resident()) {
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

    private boolean precedesFresh(Entry entry) {
        Entry first = fresh.first();
        return first == null || entry.sequence() < first.sequence();
    }
}

package io.sterna.broker.queue;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The messages of one priority that nobody has acquired, rising by sequence: the fresh ones, and those that came back
 * to a place between or before them. Owned by the partition's event loop.
 */
final class Lane {
    private final int priority;
    private final Fresh fresh;
    private final TreeMap<Long, Entry> returned = new TreeMap<>();
    private final Residents residents = new Residents();

    /** Those that are nowhere but in memory. */
    private final Residents unbacked = new Residents();

    /** @param stretchSlots so many messages of which there is little to say are packed together */
    Lane(int priority, int stretchSlots, Timing timing) {
        this.priority = priority;
        fresh = new Fresh(priority, stretchSlots, timing);
    }

    int priority() {
        return priority;
    }

    int size() {
        return fresh.size() + returned.size();
    }

    /** Whether an entry of that sequence would be the last of the fresh ones. */
    boolean endsBefore(long sequence) {
        return fresh.endsBefore(sequence);
    }

    /** A fresh entry, above all others. */
    void addLast(Entry entry) {
        fresh.addLast(entry);
        if (entry.resident() && entry.backing() != Backing.COMING) {
            residents(entry).addArrived(entry);
        }
    }

    /** An entry that is {@link EntryState#RETURNED}. */
    void addReturned(Entry entry) {
        returned.put(entry.sequence(), entry);
        addResident(entry);
    }

    /** What is being written is in neither: it is not to be written again, and can't be let go yet. */
    private void addResident(Entry entry) {
        if (entry.resident() && entry.backing() != Backing.COMING) {
            residents(entry).add(entry);
        }
    }

    private Residents residents(Entry entry) {
        return entry.backed() ? residents : unbacked;
    }

    /** Takes an entry out, which gets another state. */
    void remove(Entry entry, EntryState next) {
        boolean wasFresh = entry.state() == EntryState.FRESH;
        if (entry.resident() && entry.backing() != Backing.COMING) {
            residents(entry).remove(entry);
        }
        entry.transitionTo(next);
        if (wasFresh) {
            fresh.onLeft(entry);
        } else {
            returned.remove(entry.sequence());
        }
    }

    /** A payload has been loaded, or could not be spilled. */
    void onSupplied(Entry entry) {
        addResident(entry);
    }

    /** A payload is about to be let go. */
    void onDropped(Entry entry) {
        residents.remove(entry);
    }

    /** A payload has been let go. */
    void onAbsent(Entry entry) {
        if (entry.state() == EntryState.FRESH) {
            fresh.mayBePacked(entry);
        }
    }

    /** As {@link Fresh#nextExpiryMillis}. */
    long nextExpiryMillis() {
        return fresh.nextExpiryMillis();
    }

    /** As {@link Fresh#openExpiring}. */
    void openExpiring(long untilMillis) {
        fresh.openExpiring(untilMillis);
    }

    /** Ends a command: nobody else knows the entries that nobody has acquired. */
    void pack() {
        fresh.pack();
    }

    @Nullable
    Entry removeFarthestResident() {
        return residents.removeFarthest();
    }

    @Nullable
    Entry removeFarthestUnbacked() {
        return unbacked.removeFarthest();
    }

    @Nullable
    Entry first() {
        Entry freshFirst = fresh.first();
        return returned.isEmpty() ? freshFirst : earlier(freshFirst, returned.firstEntry());
    }

    /** The first entry that a place has not passed, or null. */
    @Nullable
    Entry next(Place place) {
        Entry freshNext = fresh.next(place);
        return returned.isEmpty() ? freshNext : earlier(freshNext, returned.higherEntry(place.sequence));
    }

    /** The first entry at or above the sequence, or null. */
    @Nullable
    Entry firstFrom(long sequence) {
        return earlier(fresh.firstFrom(sequence), returned.ceilingEntry(sequence));
    }

    private static @Nullable Entry earlier(@Nullable Entry entry, Map.@Nullable Entry<Long, Entry> other) {
        if (other == null) {
            return entry;
        }
        return entry == null || other.getKey() < entry.sequence() ? other.getValue() : entry;
    }

    /** The entries from one sequence to another, both included; none if the second is below the first. */
    List<Entry> range(long from, long to) {
        List<Entry> found = new ArrayList<>();
        if (to >= from) {
            fresh.collect(from, to, found);
            if (!returned.isEmpty()) {
                found.addAll(returned.subMap(from, true, to, true).values());
            }
        }
        return found;
    }
}

package io.sterna.broker.queue;

import java.util.Comparator;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Messages of one priority, or scheduled ones, that wait with their payload in memory, to find the one farthest from
 * delivery. Owned by the partition's event loop.
 */
final class Residents {
    // Resident since they arrived, in order, linked through themselves: they leave in front by delivery, at the back by
    // being dropped, and anywhere when somebody chooses.
    private @Nullable Entry firstArrived;
    private @Nullable Entry lastArrived;

    // Returned, or loaded; as few as credit and read-ahead allow.
    private final TreeSet<Entry> others = new TreeSet<>(Comparator.comparingLong(Entry::sequence));

    void addArrived(Entry entry) {
        Entry last = lastArrived;
        if (last == null) {
            firstArrived = entry;
        } else {
            assert last.sequence() < entry.sequence();
            last.residentNext = entry;
            entry.residentPrevious = last;
        }
        lastArrived = entry;
    }

    void add(Entry entry) {
        others.add(entry);
    }

    /** The entry is about to be delivered, or to leave. */
    void remove(Entry entry) {
        if (entry != firstArrived && entry.residentPrevious == null) {
            others.remove(entry);
            return;
        }
        Entry previous = entry.residentPrevious;
        Entry next = entry.residentNext;
        if (previous == null) {
            firstArrived = next;
        } else {
            previous.residentNext = next;
        }
        if (next == null) {
            lastArrived = previous;
        } else {
            next.residentPrevious = previous;
        }
        entry.residentPrevious = null;
        entry.residentNext = null;
    }

    /** Takes out the one farthest from delivery, or gives null. */
    @Nullable
    Entry removeFarthest() {
        Entry arrivedLast = lastArrived;
        Entry otherLast = others.isEmpty() ? null : others.last();
        Entry farthest = arrivedLast == null || (otherLast != null && otherLast.sequence() > arrivedLast.sequence())
                ? otherLast
                : arrivedLast;
        if (farthest != null) {
            remove(farthest);
        }
        return farthest;
    }
}

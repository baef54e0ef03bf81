package io.sterna.broker.queue;

import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The durable messages that wait with their payload in memory, to find the one farthest from delivery. Owned by the
 * partition's event loop.
 */
final class Residents {
    // Resident since they arrived, in order: they leave at the front by delivery and at the back by being dropped.
    private final ArrayDeque<Entry> arrived = new ArrayDeque<>();
    // Returned, or loaded; as few as credit and read-ahead allow.
    private final TreeSet<Entry> others = new TreeSet<>(Comparator.comparingLong(Entry::sequence));

    void addArrived(Entry entry) {
        arrived.addLast(entry);
    }

    void add(Entry entry) {
        others.add(entry);
    }

    /** The entry is about to be delivered. */
    void remove(Entry entry) {
        if (arrived.peekFirst() == entry) {
            arrived.removeFirst();
        } else {
            others.remove(entry);
        }
    }

    /** Takes out the one farthest from delivery, or gives null. */
    @Nullable
    Entry removeFarthest() {
        Entry arrivedLast = arrived.peekLast();
        Entry otherLast = others.isEmpty() ? null : others.last();
        if (arrivedLast == null || (otherLast != null && otherLast.sequence() > arrivedLast.sequence())) {
            return others.pollLast();
        }
        return arrived.pollLast();
    }

    void clear() {
        arrived.clear();
        others.clear();
    }
}

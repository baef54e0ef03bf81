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
    private int arrivedGone;
    private final TreeSet<Entry> others = new TreeSet<>(Comparator.comparingLong(Entry::sequence));

    void addArrived(Entry entry) {
        arrived.addLast(entry);
    }

    void add(Entry entry) {
        others.add(entry);
    }

    /** The entry is about to be delivered. */
    void remove(Entry entry) {
        skipGone();
        if (arrived.peekFirst() == entry) {
            arrived.removeFirst();
        } else {
            others.remove(entry);
        }
    }

    /** The entry leaves the queue; among those that have arrived it is found later. */
    void removeGone(Entry entry) {
        if (!others.remove(entry) && entry.resident()) {
            arrivedGone++;
            skipGone();
            if (2 * arrivedGone > arrived.size()) {
                arrived.removeIf(each -> each.state() == EntryState.GONE);
                arrivedGone = 0;
            }
        }
    }

    private void skipGone() {
        while (!arrived.isEmpty() && arrived.peekFirst().state() == EntryState.GONE) {
            arrived.removeFirst();
            arrivedGone--;
        }
        while (!arrived.isEmpty() && arrived.peekLast().state() == EntryState.GONE) {
            arrived.removeLast();
            arrivedGone--;
        }
    }

    /** Takes out the one farthest from delivery, or gives null. */
    @Nullable
    Entry removeFarthest() {
        skipGone();
        Entry arrivedLast = arrived.peekLast();
        Entry otherLast = others.isEmpty() ? null : others.last();
        if (arrivedLast == null || (otherLast != null && otherLast.sequence() > arrivedLast.sequence())) {
            return others.pollLast();
        }
        return arrived.pollLast();
    }

    void clear() {
        arrived.clear();
        arrivedGone = 0;
        others.clear();
    }
}

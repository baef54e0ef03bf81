package io.sterna.broker.queue;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import org.jspecify.annotations.Nullable;

/**
 * The unsettled deliveries of a consumer by sequence: open addressing with linear probing, since a map of boxed keys
 * would cost two objects for each delivery. Its size is bounded by the credit that the consumer gave. Owned by the
 * partition's event loop.
 */
final class UnsettledTable {
    private static final int FIRST_CAPACITY = 16;

    // A power of two, at most half full; empty until the first delivery, since most idle consumers never get one.
    private @Nullable Entry[] slots = new Entry[0];
    private int size;

    int size() {
        return size;
    }

    void put(Entry entry) {
        if (2 * (size + 1) > slots.length) {
            grow();
        }
        insert(entry);
        size++;
    }

    boolean holds(long sequence) {
        return slotOf(sequence) >= 0;
    }

    /** The entry, which stays, or null if it is not here. */
    @Nullable
    Entry find(long sequence) {
        int slot = slotOf(sequence);
        return slot < 0 ? null : slots[slot];
    }

    /** The entry, which stays, or null if it is not here, or here anew. */
    @Nullable
    Entry find(Acquisition acquisition) {
        Entry entry = find(acquisition.sequence());
        return entry != null && entry.isAcquiredAs(acquisition) ? entry : null;
    }

    /** The entry taken out, or null if it is not here, or here anew. */
    @Nullable
    Entry remove(Acquisition acquisition) {
        int slot = slotOf(acquisition.sequence());
        Entry entry = slot < 0 ? null : slots[slot];
        return entry != null && entry.isAcquiredAs(acquisition) ? takeOut(slot, entry) : null;
    }

    /** The entry taken out, or null if it is not here. */
    @Nullable
    Entry remove(long sequence) {
        int slot = slotOf(sequence);
        Entry entry = slot < 0 ? null : slots[slot];
        return entry == null ? null : takeOut(slot, entry);
    }

    /** Where the entry is, or -1. */
    private int slotOf(long sequence) {
        if (size == 0) {
            return -1;
        }
        int mask = slots.length - 1;
        for (int slot = home(sequence); ; slot = (slot + 1) & mask) {
            Entry entry = slots[slot];
            if (entry == null) {
                return -1;
            }
            if (entry.sequence() == sequence) {
                return slot;
            }
        }
    }

    private Entry takeOut(int slot, Entry entry) {
        closeGap(slot);
        size--;
        return entry;
    }

    /** The first ones above a sequence, in the order of sequences, at most so many. Looks at all of them. */
    List<Entry> firstAbove(long sequence, int count) {
        Comparator<Entry> rising = Comparator.comparingLong(Entry::sequence);
        PriorityQueue<Entry> first = new PriorityQueue<>(rising.reversed());
        for (Entry entry : slots) {
            if (entry != null && entry.sequence() > sequence) {
                first.add(entry);
                if (first.size() > count) {
                    first.remove();
                }
            }
        }
        List<Entry> found = new ArrayList<>(first);
        found.sort(rising);
        return found;
    }

    /** Everything, in the order of sequences. */
    List<Entry> all() {
        List<Entry> all = new ArrayList<>(size);
        for (Entry entry : slots) {
            if (entry != null) {
                all.add(entry);
            }
        }
        all.sort(Comparator.comparingLong(Entry::sequence));
        return all;
    }

    /** Takes out everything, in the order of sequences. */
    List<Entry> removeAll() {
        List<Entry> all = all();
        slots = new Entry[0];
        size = 0;
        return all;
    }

    private void grow() {
        @Nullable Entry[] old = slots;
        slots = new Entry[Math.max(FIRST_CAPACITY, 2 * old.length)];
        for (Entry entry : old) {
            if (entry != null) {
                insert(entry);
            }
        }
    }

    private void insert(Entry entry) {
        int mask = slots.length - 1;
        int slot = home(entry.sequence());
        while (slots[slot] != null) {
            slot = (slot + 1) & mask;
        }
        slots[slot] = entry;
    }

    /** Moves back what follows, as far as its home allows, so that no search ends before it. */
    private void closeGap(int emptied) {
        int mask = slots.length - 1;
        int gap = emptied;
        for (int slot = (gap + 1) & mask; ; slot = (slot + 1) & mask) {
            Entry entry = slots[slot];
            if (entry == null) {
                break;
            }
            int distance = (slot - home(entry.sequence())) & mask;
            if (distance >= ((slot - gap) & mask)) {
                slots[gap] = entry;
                gap = slot;
            }
        }
        slots[gap] = null;
    }

    private int home(long sequence) {
        // Fibonacci hashing: sequences are dense in the low bits, and queues of one partition share them out unevenly.
        return (int) ((sequence * 0x9E3779B97F4A7C15L) >>> 32) & (slots.length - 1);
    }
}

package io.sterna.broker.queue;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * The messages that were never delivered, rising by sequence: a circular array, so that a message costs one slot and is
 * found by bisection. One that leaves from the middle keeps its slot, as {@link EntryState#GONE}, until it is at the front
 * or half of the slots are of such. Owned by the partition's event loop.
 */
final class Fresh {
    private static final int FIRST_CAPACITY = 16;

    // A power of two long; the slots from head on, size of them, are taken.
    private @Nullable Entry[] slots = new Entry[FIRST_CAPACITY];
    private int head;
    private int size;

    /** Of {@code size}, those that have left from the middle; the first one never has. */
    private int gone;

    /** How many there are. */
    int count() {
        return size - gone;
    }

    /** How many slots {@link #get} knows; those that have left are among them. */
    int size() {
        return size;
    }

    @Nullable
    Entry first() {
        return slots[head];
    }

    Entry get(int index) {
        Entry entry = slots[(head + index) & (slots.length - 1)];
        if (entry == null) {
            throw new IndexOutOfBoundsException(index);
        }
        return entry;
    }

    void addLast(Entry entry) {
        assert size == 0 || get(size - 1).sequence() < entry.sequence();
        if (size == slots.length) {
            resize(2 * slots.length);
        }
        slots[(head + size) & (slots.length - 1)] = entry;
        size++;
    }

    /** The last slot's sequence; below all of them when there is none. */
    long lastSequence() {
        return size == 0 ? Long.MIN_VALUE : get(size - 1).sequence();
    }

    /** Tells that an entry is {@link EntryState#GONE}. */
    void onGone() {
        gone++;
        trim();
        if (2 * gone > size) {
            removeGone();
        }
    }

    private void trim() {
        while (gone > 0 && get(0).state() == EntryState.GONE) {
            gone--;
            dropFirst();
        }
    }

    void removeFirst() {
        dropFirst();
        trim();
    }

    private void dropFirst() {
        slots[head] = null;
        head = (head + 1) & (slots.length - 1);
        size--;
        // A backlog that was drained gives its memory back.
        if (slots.length > FIRST_CAPACITY && 8 * size < slots.length) {
            resize(slots.length / 2);
        }
    }

    /** The index of the first entry at or above the sequence; the size if there is none. */
    int indexFrom(long sequence) {
        int low = 0;
        int high = size;
        while (low < high) {
            int middle = (low + high) >>> 1;
            if (get(middle).sequence() < sequence) {
                low = middle + 1;
            } else {
                high = middle;
            }
        }
        return low;
    }

    @Nullable
    Entry find(long sequence) {
        int index = indexFrom(sequence);
        if (index == size || get(index).sequence() != sequence) {
            return null;
        }
        return get(index).state() == EntryState.GONE ? null : get(index);
    }

    /** Removes the entries that are {@link EntryState#GONE}, in one pass. */
    void removeGone() {
        int kept = 0;
        for (int index = 0; index < size; index++) {
            Entry entry = get(index);
            if (entry.state() != EntryState.GONE) {
                slots[(head + kept) & (slots.length - 1)] = entry;
                kept++;
            }
        }
        for (int index = kept; index < size; index++) {
            slots[(head + index) & (slots.length - 1)] = null;
        }
        size = kept;
        gone = 0;
    }

    void clear() {
        slots = new Entry[FIRST_CAPACITY];
        head = 0;
        size = 0;
        gone = 0;
    }

    private void resize(int capacity) {
        @Nullable Entry[] moved = Arrays.copyOfRange(slots, head, head + capacity);
        int wrapped = head + size - slots.length;
        if (wrapped > 0) {
            System.arraycopy(slots, 0, moved, size - wrapped, wrapped);
        }
        slots = moved;
        head = 0;
    }
}

package io.sterna.broker.queue;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The messages of one priority that were never delivered, rising by sequence: a circular array, so that a message costs
 * one slot and is found by bisection. An entry is taken out by giving it another state than {@link EntryState#FRESH};
 * its slot stays, dead, until the head has come there or the dead slots are more than the others. Owned by the
 * partition's event loop.
 */
final class Fresh {
    private static final int FIRST_CAPACITY = 16;

    // A power of two long; the slots from head on, used of them, are taken, and the first of them is alive.
    private @Nullable Entry[] slots = new Entry[FIRST_CAPACITY];
    private int head;
    private int used;
    private int alive;

    /** Slots that have ever been given up at the head, so that a place keeps its number while the head moves. */
    private long passed;

    int size() {
        return alive;
    }

    @Nullable
    Entry first() {
        return slots[head];
    }

    private Entry get(int index) {
        Entry entry = slots[(head + index) & (slots.length - 1)];
        if (entry == null) {
            throw new IndexOutOfBoundsException(index);
        }
        return entry;
    }

    /** Whether an entry of that sequence would be the last one. */
    boolean endsBefore(long sequence) {
        return used == 0 || get(used - 1).sequence() < sequence;
    }

    void addLast(Entry entry) {
        assert endsBefore(entry.sequence()) && isAlive(entry);
        if (used == slots.length) {
            resize(2 * slots.length);
        }
        slots[(head + used) & (slots.length - 1)] = entry;
        used++;
        alive++;
    }

    /** One of the entries has another state now. */
    void onLeft() {
        alive--;
        assert alive >= 0;
        Entry first = slots[head];
        while (first != null && !isAlive(first)) {
            slots[head] = null;
            head = (head + 1) & (slots.length - 1);
            used--;
            passed++;
            first = used == 0 ? null : slots[head];
        }
        if (used > FIRST_CAPACITY && used > 2 * alive) {
            compact();
        }
        // A backlog that was drained gives its memory back.
        if (slots.length > FIRST_CAPACITY && 8 * used < slots.length) {
            resize(slots.length / 2);
        }
    }

    private void compact() {
        int kept = 0;
        for (int index = 0; index < used; index++) {
            Entry entry = get(index);
            if (isAlive(entry)) {
                slots[(head + kept) & (slots.length - 1)] = entry;
                kept++;
            }
        }
        for (int index = kept; index < used; index++) {
            slots[(head + index) & (slots.length - 1)] = null;
        }
        used = kept;
    }

    /** The first entry that a place has not passed, or null. */
    @Nullable
    Entry next(Place place) {
        int index = indexAfter(place);
        Entry found = null;
        int from = index;
        while (index < used && found == null) {
            Entry entry = get(index);
            if (isAlive(entry)) {
                found = entry;
            } else {
                index++;
            }
        }
        if (index > from) {
            place.deadUpTo = get(index - 1).sequence();
        }
        place.slot = passed + index;
        return found;
    }

    /** The place knows where it was; only when slots were taken out in between is it searched for. */
    private int indexAfter(Place place) {
        long after = place.deadUpTo;
        int index = (int) Math.max(0, Math.min(used, place.slot - passed));
        boolean right = (index == 0 || get(index - 1).sequence() <= after)
                && (index == used || get(index).sequence() > after);
        if (!right && index < used && get(index).sequence() <= after) {
            index++;
            right = index == used || get(index).sequence() > after;
        }
        return right ? index : indexFrom(after + 1);
    }

    /** The index of the first slot at or above the sequence; the number of slots if there is none. */
    private int indexFrom(long sequence) {
        int low = 0;
        int high = used;
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

    /** The first entry at or above the sequence, or null. */
    @Nullable
    Entry firstFrom(long sequence) {
        for (int index = indexFrom(sequence); index < used; index++) {
            if (isAlive(get(index))) {
                return get(index);
            }
        }
        return null;
    }

    /** Adds the entries from one sequence to another, both included, to a list. */
    void collect(long from, long to, List<Entry> into) {
        for (int index = indexFrom(from); index < used; index++) {
            Entry entry = get(index);
            if (entry.sequence() > to) {
                break;
            }
            if (isAlive(entry)) {
                into.add(entry);
            }
        }
    }

    void clear() {
        passed += used;
        slots = new Entry[FIRST_CAPACITY];
        head = 0;
        used = 0;
        alive = 0;
    }

    private static boolean isAlive(Entry entry) {
        return entry.state() == EntryState.FRESH;
    }

    private void resize(int capacity) {
        @Nullable Entry[] moved = Arrays.copyOfRange(slots, head, head + capacity);
        int wrapped = head + used - slots.length;
        if (wrapped > 0) {
            System.arraycopy(slots, 0, moved, used - wrapped, wrapped);
        }
        slots = moved;
        head = 0;
    }
}

package io.sterna.broker.queue;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * Messages to which something happens at a time, the earliest first: a binary heap in an array, in which each message
 * knows its place, so that one costs a slot and is put in, moved or taken out in logarithmic time. Messages of the same
 * time come in the order of sequences. Owned by the partition's event loop.
 */
final class Agenda {
    /** Later than all times. */
    static final long NEVER = Long.MAX_VALUE;

    private static final int FIRST_CAPACITY = 16;

    private @Nullable Entry[] heap = new Entry[FIRST_CAPACITY];

    /** The time of each entry of the heap, here since most messages have none. */
    private long[] times = new long[FIRST_CAPACITY];

    private int size;

    int size() {
        return size;
    }

    /** When the first thing happens, or {@link #NEVER}. */
    long nextMillis() {
        return size == 0 ? NEVER : times[0];
    }

    /** Whether what happens at that time to the message of a sequence comes before all that is here. */
    boolean wouldBeFirst(long sequence, long atMillis) {
        return size == 0 || before(sequence, atMillis, 0);
    }

    /** Takes out the first one that is due, or gives null. */
    @Nullable
    Entry pollDue(long nowMillis) {
        if (nextMillis() > nowMillis) {
            return null;
        }
        Entry first = at(0);
        remove(first);
        return first;
    }

    /** Puts a message in, or moves it. */
    void put(Entry entry, long atMillis) {
        if (entry.agendaPlace == Entry.NOWHERE) {
            if (size == heap.length) {
                heap = Arrays.copyOf(heap, 2 * size);
                times = Arrays.copyOf(times, 2 * size);
            }
            siftUp(size++, entry, atMillis);
        } else {
            settle(entry.agendaPlace, entry, atMillis);
        }
    }

    /** Takes a message out, if it is here. */
    void remove(Entry entry) {
        int place = entry.agendaPlace;
        if (place == Entry.NOWHERE) {
            return;
        }
        entry.agendaPlace = Entry.NOWHERE;
        size--;
        Entry last = at(size);
        long lastMillis = times[size];
        heap[size] = null;
        if (last != entry) {
            settle(place, last, lastMillis);
        }
        // An agenda that was worked off gives its memory back.
        if (heap.length > FIRST_CAPACITY && 8 * size < heap.length) {
            heap = Arrays.copyOf(heap, heap.length / 2);
            times = Arrays.copyOf(times, heap.length);
        }
    }

    void clear() {
        for (int place = 0; place < size; place++) {
            at(place).agendaPlace = Entry.NOWHERE;
        }
        heap = new Entry[FIRST_CAPACITY];
        times = new long[FIRST_CAPACITY];
        size = 0;
    }

    private void settle(int place, Entry entry, long atMillis) {
        if (place > 0 && before(entry.sequence(), atMillis, (place - 1) >>> 1)) {
            siftUp(place, entry, atMillis);
        } else {
            siftDown(place, entry, atMillis);
        }
    }

    private void siftUp(int from, Entry entry, long atMillis) {
        int place = from;
        while (place > 0) {
            int parent = (place - 1) >>> 1;
            if (!before(entry.sequence(), atMillis, parent)) {
                break;
            }
            set(place, at(parent), times[parent]);
            place = parent;
        }
        set(place, entry, atMillis);
    }

    private void siftDown(int from, Entry entry, long atMillis) {
        int place = from;
        while (2 * place + 1 < size) {
            int child = 2 * place + 1;
            if (child + 1 < size && before(at(child + 1).sequence(), times[child + 1], child)) {
                child++;
            }
            if (before(entry.sequence(), atMillis, child)) {
                break;
            }
            set(place, at(child), times[child]);
            place = child;
        }
        set(place, entry, atMillis);
    }

    private void set(int place, Entry entry, long atMillis) {
        heap[place] = entry;
        times[place] = atMillis;
        entry.agendaPlace = place;
    }

    private Entry at(int place) {
        Entry entry = heap[place];
        if (entry == null) {
            throw new IndexOutOfBoundsException(place);
        }
        return entry;
    }

    private boolean before(long sequence, long atMillis, int other) {
        return atMillis != times[other]
                ? atMillis < times[other]
                : sequence < at(other).sequence();
    }
}

package io.sterna.broker.queue;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Messages of one priority that were never delivered, one behind the other: an object for each, or {@link PackedRuns}.
 * An entry is taken out by giving it another state than {@link EntryState#FRESH}; its slot stays, dead, until those
 * before it are dead, too, or the dead slots are more than the others. Owned by the partition's event loop.
 */
final class Stretch {
    private static final int FIRST_CAPACITY = 16;
    private static final Entry[] NO_ENTRIES = {};
    private static final byte[] NOTHING = {};

    /** At or below the sequences of all that are alive. */
    private long base;

    private long last = Long.MIN_VALUE;
    private @Nullable Entry[] entries = new Entry[FIRST_CAPACITY];

    // The slots from here on, up to those that were used, are taken; the first of them is alive.
    private int from;
    private int used;
    private int alive;

    /** Not empty while no entries are here. */
    private byte[] packed = NOTHING;

    /** When the first of what is packed expires; 0 for never. */
    private long packedMillis;

    // Kept by Fresh.
    boolean toBePacked;

    int alive() {
        return alive;
    }

    /** A sequence that tells where it is: those of what is alive here are not below it, those before it are. */
    long base() {
        return base;
    }

    /** The last sequence that has been added. */
    long last() {
        return last;
    }

    boolean isPacked() {
        return packed.length > 0;
    }

    /** When the first of the messages that are packed expires, or {@link Agenda#NEVER}. */
    long expiresAtMillis() {
        return packedMillis == 0 ? Agenda.NEVER : packedMillis;
    }

    /** Adds an entry above all others; false when there are so many slots already. */
    boolean addLast(Entry entry, int maxSlots) {
        assert !isPacked();
        if (used == maxSlots && 2 * alive <= maxSlots) {
            compact(maxSlots);
        }
        if (used == maxSlots) {
            return false;
        }
        if (used == entries.length) {
            entries = Arrays.copyOf(entries, Math.min(maxSlots, 2 * used));
        }
        entries[used++] = entry;
        alive++;
        last = entry.sequence();
        return true;
    }

    /** Nothing more is added. */
    void end() {
        base = first().sequence();
    }

    /** One of the entries has another state now. */
    void onLeft() {
        assert !isPacked() && alive > 0;
        alive--;
        while (from < used && !isAlive(get(from))) {
            entries[from++] = null;
        }
        if (alive == 0) {
            from = 0;
            used = 0;
        } else if (used - from > FIRST_CAPACITY && used - from > 2 * alive) {
            compact(Math.max(FIRST_CAPACITY, 2 * alive));
        }
    }

    private void compact(int capacity) {
        @Nullable Entry[] kept = new Entry[capacity];
        int count = 0;
        for (int index = from; index < used; index++) {
            if (isAlive(get(index))) {
                kept[count++] = get(index);
            }
        }
        entries = kept;
        from = 0;
        used = count;
    }

    /** Takes over all of the one that follows. */
    void takeAll(Stretch following) {
        assert !isPacked() && !following.isPacked();
        compact(alive + following.alive);
        for (int index = following.from; index < following.used; index++) {
            if (isAlive(following.get(index))) {
                entries[used++] = following.get(index);
            }
        }
        alive += following.alive;
        last = following.last;
        following.entries = NO_ENTRIES;
        following.from = 0;
        following.used = 0;
        following.alive = 0;
    }

    Entry first() {
        return get(from);
    }

    /** The first entry at or above a sequence, or null. */
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
    void collect(long fromSequence, long toSequence, List<Entry> into) {
        for (int index = indexFrom(fromSequence); index < used; index++) {
            Entry entry = get(index);
            if (entry.sequence() > toSequence) {
                break;
            }
            if (isAlive(entry)) {
                into.add(entry);
            }
        }
    }

    /** The first slot at or above a sequence. */
    private int indexFrom(long sequence) {
        assert !isPacked();
        int low = from;
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

    private Entry get(int index) {
        Entry entry = entries[index];
        if (entry == null) {
            throw new IndexOutOfBoundsException(index);
        }
        return entry;
    }

    private static boolean isAlive(Entry entry) {
        return entry.state() == EntryState.FRESH;
    }

    /**
     * Lets the objects go if there is nothing to say of any of these messages that can't be packed. From then on it is
     * for the caller to see when one of them expires.
     */
    boolean maybePack(Timing timing) {
        assert !isPacked();
        // Mostly one end or the other tells.
        if (alive == 0 || !isPackable(get(used - 1))) {
            return false;
        }
        for (int index = from; index < used; index++) {
            if (!isPackable(get(index))) {
                return false;
            }
        }
        compact(alive);
        packedMillis = takeFrom(timing);
        packed = PackedRuns.pack(base, packedMillis, entries);
        entries = NO_ENTRIES;
        used = 0;
        return true;
    }

    /** Has nothing happen to the entries by itself; gives when the first of them expires, 0 for never. */
    private long takeFrom(Timing timing) {
        long firstMillis = Agenda.NEVER;
        for (int index = from; index < used; index++) {
            long millis = get(index).traits().expiresAtMillis();
            if (millis != 0) {
                timing.forget(get(index));
                firstMillis = Math.min(firstMillis, millis);
            }
        }
        return firstMillis == Agenda.NEVER ? 0 : firstMillis;
    }

    private static boolean isPackable(Entry entry) {
        return !isAlive(entry) || entry.saysNothing();
    }

    /** Makes the objects again. */
    void unpack(MessageTraits traits, Timing timing) {
        assert isPacked();
        entries = PackedRuns.unpack(packed, base, packedMillis, alive, traits);
        used = alive;
        packed = NOTHING;
        if (packedMillis != 0) {
            packedMillis = 0;
            for (int index = 0; index < used; index++) {
                timing.onWaiting(get(index));
            }
        }
    }
}

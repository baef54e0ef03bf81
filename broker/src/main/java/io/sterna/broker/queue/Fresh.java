package io.sterna.broker.queue;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * The messages of one priority that were never delivered, rising by sequence, in stretches. Between the first and the
 * last one a stretch is packed when nobody needs its messages as objects, and unpacked when somebody looks at them, so
 * that a backlog costs a few bytes for each message. Owned by the partition's event loop.
 */
final class Fresh {
    /** So many that were unpacked last stay so: whoever waits there looks at them in each command. */
    private static final int MOST_UNPACKED = 8;

    private final int stretchSlots;
    private final Timing timing;

    /** What there is to say of a message that can be packed. */
    private final MessageTraits traits;

    /** All but the last one, by their bases; none is without a message. */
    private final TreeMap<Long, Stretch> ended = new TreeMap<>();

    private Stretch last = new Stretch();

    /** The first of all, which may be the last one. */
    private Stretch head = last;

    /** Those that are packed with messages that expire, the first to expire first. */
    private final TreeSet<Stretch> expiring =
            new TreeSet<>(Comparator.comparingLong(Stretch::expiresAtMillis).thenComparingLong(Stretch::base));

    private final List<Stretch> unpacked = new ArrayList<>(0);
    private final List<Stretch> toBePacked = new ArrayList<>(0);
    private int alive;

    /** @param stretchSlots so many messages are packed together */
    Fresh(int priority, int stretchSlots, Timing timing) {
        this.stretchSlots = stretchSlots;
        this.timing = timing;
        traits = MessageTraits.ofPriority(priority);
    }

    int size() {
        return alive;
    }

    @Nullable
    Entry first() {
        return alive == 0 ? null : open(head).first();
    }

    /** Whether an entry of that sequence would be the last one. */
    boolean endsBefore(long sequence) {
        return alive == 0 || (last.alive() == 0 ? ended.lastEntry().getValue() : last).last() < sequence;
    }

    void addLast(Entry entry) {
        assert endsBefore(entry.sequence()) && entry.state() == EntryState.FRESH;
        if (!last.addLast(entry, stretchSlots)) {
            Stretch full = last;
            full.end();
            ended.put(full.base(), full);
            last = new Stretch();
            last.addLast(entry, stretchSlots);
            packLater(full);
        }
        alive++;
    }

    /** An entry has another state now. */
    void onLeft(Entry entry) {
        Stretch stretch = stretchOf(entry.sequence());
        stretch.onLeft();
        alive--;
        if (stretch.alive() == 0) {
            remove(stretch);
        } else {
            maybeJoin(stretch);
            packLater(stretch);
        }
    }

    /** Where few are left of many, as after a consumer that took nearly all, they are put together. */
    private void maybeJoin(Stretch stretch) {
        if (stretch == head || stretch == last) {
            return;
        }
        Stretch before = ended.lowerEntry(stretch.base()).getValue();
        if (2 * (before.alive() + stretch.alive()) <= stretchSlots) {
            open(before).takeAll(stretch);
            remove(stretch);
            packLater(before);
        }
    }

    private void remove(Stretch stretch) {
        if (stretch != last) {
            ended.remove(stretch.base());
            unpacked.remove(stretch);
        }
        if (stretch == head) {
            Map.Entry<Long, Stretch> first = ended.firstEntry();
            head = first == null ? last : first.getValue();
        }
    }

    /** Where an entry of that sequence is, or would be. */
    private Stretch stretchOf(long sequence) {
        if (sequence <= head.last()) {
            return head;
        }
        Map.Entry<Long, Stretch> entry = ended.floorEntry(sequence);
        return entry == null || entry.getValue().last() < sequence ? last : entry.getValue();
    }

    private Stretch open(Stretch stretch) {
        if (stretch.isPacked()) {
            if (stretch.expiresAtMillis() != Agenda.NEVER) {
                expiring.remove(stretch);
            }
            stretch.unpack(traits, timing);
            unpacked.add(stretch);
        }
        return stretch;
    }

    /** When the first of the messages that are packed expires, or {@link Agenda#NEVER}. */
    long nextExpiryMillis() {
        return expiring.isEmpty() ? Agenda.NEVER : expiring.first().expiresAtMillis();
    }

    /**
     * Unpacks the messages of which one may be the next to which something happens, if that is no later than a time, so
     * that it is on the agenda: not all that is due by then, which may be everything.
     */
    void openExpiring(long untilMillis) {
        while (nextExpiryMillis() <= untilMillis
                && timing.wouldBeFirst(expiring.first().base(), nextExpiryMillis())) {
            open(expiring.first());
        }
    }

    /** The first entry that a place has not passed, or null. */
    @Nullable
    Entry next(Place place) {
        return firstFrom(place.sequence + 1);
    }

    /** The first entry at or above the sequence, or null. */
    @Nullable
    Entry firstFrom(long sequence) {
        Stretch stretch = head;
        if (sequence > stretch.last()) {
            Map.Entry<Long, Stretch> entry = ended.floorEntry(sequence);
            stretch = entry == null ? last : entry.getValue();
        }
        if (sequence <= stretch.last()) {
            Entry found = open(stretch).firstFrom(sequence);
            if (found != null) {
                return found;
            }
        }
        if (stretch == last) {
            return null;
        }
        Map.Entry<Long, Stretch> following = ended.higherEntry(stretch.base());
        if (following != null) {
            return open(following.getValue()).first();
        }
        return last.firstFrom(sequence);
    }

    /** Adds the entries from one sequence to another, both included, to a list. */
    void collect(long from, long to, List<Entry> into) {
        Long start = ended.floorKey(from);
        for (Stretch stretch : (start == null ? ended : ended.tailMap(start, true)).values()) {
            if (stretch.base() > to) {
                return;
            }
            if (stretch.last() >= from) {
                open(stretch).collect(from, to, into);
            }
        }
        last.collect(from, to, into);
    }

    /** The stretch of a fresh entry may be one to be packed now. */
    void mayBePacked(Entry entry) {
        packLater(stretchOf(entry.sequence()));
    }

    private void packLater(Stretch stretch) {
        if (!stretch.toBePacked && stretch != head && stretch != last) {
            stretch.toBePacked = true;
            toBePacked.add(stretch);
        }
    }

    /** Ends a command: packs what can be packed. Nobody may know entries of here who is not known to them. */
    void pack() {
        while (unpacked.size() > MOST_UNPACKED) {
            packLater(unpacked.remove(0));
        }
        if (toBePacked.isEmpty()) {
            return;
        }
        for (Stretch stretch : toBePacked) {
            stretch.toBePacked = false;
            if (stretch != head && !stretch.isPacked() && stretch.maybePack(timing)) {
                unpacked.remove(stretch);
                if (stretch.expiresAtMillis() != Agenda.NEVER) {
                    expiring.add(stretch);
                }
            }
        }
        toBePacked.clear();
    }
}

package io.sterna.broker.queue;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The lanes of a queue, one for each priority that has occurred. Owned by the partition's event loop. */
final class Lanes {
    private final List<Lane> highestFirst = new ArrayList<>(1);
    private final int stretchSlots;
    private final Timing timing;

    /** @param stretchSlots as {@link Lane#Lane} says */
    Lanes(int stretchSlots, Timing timing) {
        this.stretchSlots = stretchSlots;
        this.timing = timing;
    }

    /** Not to be changed. */
    List<Lane> highestFirst() {
        return highestFirst;
    }

    Lane of(Entry entry) {
        int index = 0;
        while (index < highestFirst.size() && highestFirst.get(index).priority() > entry.priority()) {
            index++;
        }
        if (index == highestFirst.size() || highestFirst.get(index).priority() < entry.priority()) {
            highestFirst.add(index, new Lane(entry.priority(), stretchSlots, timing));
        }
        return highestFirst.get(index);
    }

    int size() {
        int size = 0;
        for (int index = 0; index < highestFirst.size(); index++) {
            size += highestFirst.get(index).size();
        }
        return size;
    }

    /** The one that was sent first, or null. */
    @Nullable
    Entry oldest() {
        Entry oldest = null;
        for (Lane lane : highestFirst) {
            Entry first = lane.first();
            if (oldest == null || (first != null && first.sequence() < oldest.sequence())) {
                oldest = first;
            }
        }
        return oldest;
    }

    /** An entry of any priority, or null. */
    @Nullable
    Entry find(long sequence) {
        for (Lane lane : highestFirst) {
            for (Entry entry : lane.range(sequence, sequence)) {
                return entry;
            }
        }
        return null;
    }

    /** Whether the first message of any priority is in no group. */
    boolean anyStartsWithoutGroup() {
        for (Lane lane : highestFirst) {
            Entry first = lane.first();
            if (first != null && first.group == null) {
                return true;
            }
        }
        return false;
    }

    /** Everything, in the order of delivery. */
    List<Entry> waiting() {
        List<Entry> all = new ArrayList<>(size());
        highestFirst.forEach(lane -> all.addAll(lane.range(Long.MIN_VALUE, Long.MAX_VALUE)));
        all.sort(Entry.ORDER);
        return all;
    }

    /** When the first of the messages that are packed expires, or {@link Agenda#NEVER}. */
    long nextExpiryMillis() {
        long next = Agenda.NEVER;
        for (int index = 0; index < highestFirst.size(); index++) {
            next = Math.min(next, highestFirst.get(index).nextExpiryMillis());
        }
        return next;
    }

    /** As {@link Fresh#openExpiring}. */
    void openExpiring(long untilMillis) {
        for (int index = 0; index < highestFirst.size(); index++) {
            highestFirst.get(index).openExpiring(untilMillis);
        }
    }

    /** Ends a command, as {@link Lane#pack} says. */
    void pack() {
        for (int index = 0; index < highestFirst.size(); index++) {
            highestFirst.get(index).pack();
        }
    }
}

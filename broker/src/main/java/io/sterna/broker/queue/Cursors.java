package io.sterna.broker.queue;

import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * The cursors of a queue: one for all consumers that may have every message, one for each of the others. Owned by the
 * partition's event loop.
 */
final class Cursors {
    private final Lanes lanes;
    private final Turns turns;
    private final Groups groups;
    private final ScanBudget budget;
    private final Cursor shared;
    private final Set<Consumer> withTheirOwn = new LinkedHashSet<>();
    private final List<Entry> readInVain = new ArrayList<>();
    private boolean opened;

    Cursors(Lanes lanes, Roster roster, Turns turns, ScanBudget budget) {
        this.lanes = lanes;
        this.turns = turns;
        this.budget = budget;
        groups = new Groups(roster, turns, this, budget);
        shared = new Cursor(lanes, this, groups, budget, null);
    }

    Groups groups() {
        return groups;
    }

    Cursor shared() {
        return shared;
    }

    Cursor of(Consumer consumer) {
        Cursor own = consumer.cursor;
        return own == null ? shared : own;
    }

    /** An entry has become open where cursors may have passed. */
    void onOpened(Entry entry) {
        opened = true;
        shared.onOpened(entry);
        for (Consumer consumer : withTheirOwn) {
            of(consumer).onOpened(entry);
        }
    }

    /** Whether something was opened since it was last asked. */
    boolean takeOpened() {
        boolean was = opened;
        opened = false;
        return was;
    }

    /** An entry no longer waits. */
    void onLeft(Entry entry) {
        if (entry.comeBackTo) {
            entry.comeBackTo = false;
            shared.onLeft(entry);
            withTheirOwn.forEach(consumer -> of(consumer).onLeft(entry));
        }
    }

    void forgetAll() {
        shared.forgetAll();
        withTheirOwn.forEach(consumer -> of(consumer).forgetAll());
    }

    /** An entry was passed over; when it was read for that, it need not be kept. */
    void maybeReturn(Entry entry) {
        if (entry.borrowed) {
            readInVain.add(entry);
        }
    }

    boolean hasReadInVain() {
        return !readInVain.isEmpty();
    }

    List<Entry> takeReadInVain() {
        List<Entry> taken = List.copyOf(readInVain);
        readInVain.clear();
        return taken;
    }

    void add(Consumer consumer) {
        if (consumer.filters()) {
            giveOwn(consumer);
        }
    }

    void remove(Consumer consumer) {
        consumer.cursor = null;
        withTheirOwn.remove(consumer);
    }

    private void giveOwn(Consumer consumer) {
        consumer.cursor = new Cursor(lanes, this, groups, budget, consumer);
        withTheirOwn.add(consumer);
        turns.place(consumer);
    }

    /** An acquired entry is not to go to a consumer again. */
    void exclude(Entry entry, Consumer consumer) {
        if (entry.excludes(consumer)) {
            return;
        }
        entry.exclude(consumer);
        consumer.exclusions++;
        if (consumer.cursor == null) {
            giveOwn(consumer);
        }
    }

    /** An entry leaves the queue; its exclusions no longer count. */
    void forgetExclusions(Entry entry) {
        for (Consumer consumer : entry.excluded()) {
            if (--consumer.exclusions == 0 && !consumer.filters()) {
                remove(consumer);
                turns.place(consumer);
            }
        }
    }
}

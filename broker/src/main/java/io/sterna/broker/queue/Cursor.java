package io.sterna.broker.queue;

import java.util.List;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * A search for the next message, which goes on where it has stopped: it passes each message over once, and comes back
 * to those only that have become available since. Owned by the partition's event loop.
 */
final class Cursor {
    private final Lanes lanes;
    private final Cursors cursors;
    private final Groups groups;
    private final ScanBudget budget;

    /** For whom it searches; null for all that may have every message. */
    private final @Nullable Consumer consumer;

    private final @Nullable Place[] places = new Place[MessageTraits.MAX_PRIORITY + 1];

    // Open messages that lie behind its places.
    private final TreeSet<Entry> comeBackTo = new TreeSet<>(Entry.ORDER);
    private boolean turnedBack;

    Cursor(Lanes lanes, Cursors cursors, Groups groups, ScanBudget budget, @Nullable Consumer consumer) {
        this.lanes = lanes;
        this.cursors = cursors;
        this.groups = groups;
        this.budget = budget;
        this.consumer = consumer;
    }

    /** An entry has become open: returned, entered late, or first in its group. */
    void onOpened(Entry entry) {
        Place place = places[entry.priority()];
        if (place != null && entry.sequence() <= place.sequence) {
            entry.comeBackTo = true;
            comeBackTo.add(entry);
            turnedBack = true;
        }
    }

    /** An entry of the list no longer waits. */
    void onLeft(Entry entry) {
        comeBackTo.remove(entry);
    }

    void forgetAll() {
        comeBackTo.clear();
    }

    /** Whether an entry lies before it, or on its list. */
    boolean reaches(Entry entry) {
        Place place = places[entry.priority()];
        return place == null || entry.sequence() > place.sequence || comeBackTo.contains(entry);
    }

    /**
     * The first open message that it may give, or null. Where that can't be told without the payload, which is absent,
     * it is given too. When it gives null the budget says whether the search has come to the end.
     */
    @Nullable
    Entry seek() {
        Entry found;
        do {
            turnedBack = false;
            found = seekOnce();
        } while (turnedBack && !budget.refused());
        return found;
    }

    private @Nullable Entry seekOnce() {
        Entry back = comeBackTo.isEmpty() ? null : seekBack();
        List<Lane> highestFirst = lanes.highestFirst();
        for (int index = 0; index < highestFirst.size(); index++) {
            Lane lane = highestFirst.get(index);
            if (budget.refused() || (back != null && back.priority() >= lane.priority())) {
                break;
            }
            Entry ahead = seekAhead(lane);
            if (ahead != null) {
                return ahead;
            }
        }
        return budget.refused() ? null : back;
    }

    private @Nullable Entry seekBack() {
        while (!comeBackTo.isEmpty()) {
            Entry entry = comeBackTo.first();
            if (Groups.open(entry) && isFor(entry)) {
                return entry;
            }
            if (!budget.take()) {
                return null;
            }
            comeBackTo.remove(entry);
            onPassed(entry);
        }
        return null;
    }

    private @Nullable Entry seekAhead(Lane lane) {
        Place place = placeIn(lane);
        for (Entry entry = lane.next(place); entry != null; entry = lane.next(place)) {
            if (Groups.open(entry) && isFor(entry)) {
                return entry;
            }
            if (!budget.take()) {
                return null;
            }
            place.pass(entry);
            onPassed(entry);
        }
        return null;
    }

    private boolean isFor(Entry entry) {
        if (consumer == null || consumer.mustRead(entry)) {
            return true;
        }
        // Whether others may have the first of a group, when this one may not, has to be known too.
        boolean unread = entry.group != null && !entry.resident();
        return unread || consumer.mayHave(entry);
    }

    private void onPassed(Entry entry) {
        cursors.maybeReturn(entry);
        if (consumer != null && entry.group != null && Groups.open(entry)) {
            groups.onRejected(entry, consumer);
        }
    }

    private Place placeIn(Lane lane) {
        Place place = places[lane.priority()];
        if (place == null) {
            place = new Place();
            places[lane.priority()] = place;
        }
        return place;
    }
}

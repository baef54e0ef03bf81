package io.sterna.broker.queue;

import org.jspecify.annotations.Nullable;

/**
 * A consumer that looks at what waits in the queue, up to the last message that was there when it came, and takes
 * nothing (AMQP 1.0 §3.5.3, distribution mode copy). It does not come back to what has returned since. Owned by the
 * partition's event loop.
 */
final class Browser {
    private final Consumer consumer;
    private final Lanes lanes;
    private final Cursors cursors;
    private final ScanBudget budget;
    private final long upTo;
    private final @Nullable Place[] places = new Place[MessageTraits.MAX_PRIORITY + 1];

    Browser(Consumer consumer, Lanes lanes, Cursors cursors, ScanBudget budget, long upTo) {
        this.consumer = consumer;
        this.lanes = lanes;
        this.cursors = cursors;
        this.budget = budget;
        this.upTo = upTo;
    }

    Consumer consumer() {
        return consumer;
    }

    /** The next message to show, or one whose payload has to be read to know; null at the end, or out of budget. */
    @Nullable
    Entry next() {
        budget.beginSearch();
        for (Lane lane : lanes.highestFirst()) {
            Place place = placeIn(lane.priority());
            for (Entry entry = lane.next(place); entry != null; entry = lane.next(place)) {
                if (entry.sequence() > upTo) {
                    break;
                }
                if (!entry.resident() || consumer.wants(entry)) {
                    return entry;
                }
                if (!budget.take()) {
                    return null;
                }
                pass(entry);
            }
            // What comes back to this priority when lower ones have been shown is too late.
            place.passUpTo(upTo);
        }
        return null;
    }

    void pass(Entry entry) {
        placeIn(entry.priority()).pass(entry);
        cursors.maybeReturn(entry);
    }

    /** Whether a message still lies before it. */
    boolean reaches(Entry entry) {
        return entry.sequence() <= upTo && entry.sequence() > placeIn(entry.priority()).sequence;
    }

    private Place placeIn(int priority) {
        Place place = places[priority];
        if (place == null) {
            place = new Place();
            places[priority] = place;
        }
        return place;
    }
}

package io.sterna.broker.partition;

import io.sterna.store.Lane;
import io.sterna.store.LaneListener;
import io.sterna.store.LogRecord;
import io.sterna.store.Store;
import io.sterna.store.StoreException;
import java.util.ArrayDeque;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A loop's way into the store: appends records and runs what waits for them, in order, once they are durable. Fields
 * are the loop's, except for those that the store's threads set.
 */
final class LoopStore {
    private final Loop loop;
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private @Nullable Store store;
    private @Nullable Lane lane;
    private long appended;
    private long durable;

    /** Up to here the store has been told that something waits. */
    private long urgent;

    private boolean refused;
    private boolean flushDue;

    // Store's threads write, loop reads.
    private volatile long reported;
    private volatile @Nullable StoreException failure;
    private final AtomicBoolean reportOnItsWay = new AtomicBoolean();

    private record Waiting(long position, Runnable whenDurable) {}

    LoopStore(Loop loop) {
        this.loop = loop;
    }

    void open(Store durableStore) {
        store = durableStore;
        lane = durableStore.lane(new LaneListener() {
            @Override
            public void onDurable(long position) {
                reported = position;
                report();
            }

            @Override
            public void onFailed(StoreException cause) {
                failure = cause;
                report();
            }
        });
    }

    private void report() {
        if (reportOnItsWay.compareAndSet(false, true)) {
            loop.post(this::onReport);
        }
    }

    private void onReport() {
        reportOnItsWay.set(false);
        durable = reported;
        Waiting next = waiting.peekFirst();
        while (next != null && next.position <= durable) {
            waiting.removeFirst();
            next.whenDurable.run();
            next = waiting.peekFirst();
        }
        StoreException cause = failure;
        if (cause != null) {
            refused = true;
            waiting.clear(); // Nothing that waits here is ever promised to anybody.
            loop.stop("the store has failed: " + cause.getMessage());
        }
    }

    Store store() {
        if (store == null) {
            throw new IllegalStateException("the store is not open yet");
        }
        return store;
    }

    /** Appends a record; a store that has failed or is closed takes none, and what waits for it never happens. */
    void append(LogRecord record) {
        if (lane == null) {
            throw new IllegalStateException("the store is not open yet");
        }
        if (refused) {
            return;
        }
        try {
            appended = lane.stage(record);
            flushLater();
        } catch (IllegalStateException failedOrClosed) {
            // The store says so on this lane too, in a moment; until then what is durable is still reported.
            refused = true;
        }
    }

    private void flushLater() {
        if (!flushDue) {
            flushDue = true;
            loop.post(this::flush);
        }
    }

    /** At the end of the turn: one force for all that was appended in it, at once if something waits for it. */
    private void flush() {
        flushDue = false;
        Waiting last = waiting.peekLast();
        if (lane == null) {
            return;
        }
        if (last == null || last.position <= urgent) {
            lane.flushSoon();
        } else {
            urgent = appended;
            lane.flush();
        }
    }

    /**
     * Runs something once all that was appended so far is durable: at once when it is and nothing waits before it, so
     * that everything runs in the order in which it was asked for.
     */
    void afterAppended(Runnable whenDurable) {
        if (refused) {
            return;
        }
        if (appended <= durable && waiting.isEmpty()) {
            whenDurable.run();
        } else {
            waiting.addLast(new Waiting(appended, whenDurable));
            if (appended > urgent) {
                flushLater();
            }
        }
    }
}

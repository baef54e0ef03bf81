package io.sterna.broker.partition;

import io.sterna.store.Lane;
import io.sterna.store.LaneListener;
import io.sterna.store.LogRecord;
import io.sterna.store.Store;
import io.sterna.store.StoreException;
import java.util.ArrayDeque;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/**
 * A loop's way into the store: appends records and runs what waits for them, in order, once they are durable. Fields are
 * the loop's, except for the two that the journal thread sets.
 */
final class LoopStore {
    private final Loop loop;
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private @Nullable Store store;
    private @Nullable Lane lane;
    private long appended;
    private long durable;

    // Journal thread writes, loop reads.
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
        if (failure != null) {
            waiting.clear(); // Nothing that waits here is ever promised to anybody.
        }
    }

    Store store() {
        if (store == null) {
            throw new IllegalStateException("the store is not open yet");
        }
        return store;
    }

    /** Appends a record; a store that has failed takes none, and what waits for it never happens. */
    void append(LogRecord record) {
        if (lane == null) {
            throw new IllegalStateException("the store is not open yet");
        }
        if (failure == null) {
            appended = lane.append(record);
        }
    }

    /** Runs something once all that was appended so far is durable; at once when it is. */
    void afterAppended(Runnable whenDurable) {
        if (failure != null) {
            return;
        }
        if (appended <= durable) {
            whenDurable.run();
        } else {
            waiting.addLast(new Waiting(appended, whenDurable));
        }
    }

    /** Why nothing is stored any more. Any thread. */
    Optional<StoreException> failure() {
        return Optional.ofNullable(failure);
    }
}

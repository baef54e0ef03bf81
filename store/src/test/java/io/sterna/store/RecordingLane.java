package io.sterna.store;

import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;

/** A listener that remembers what it heard, and checks that positions rise. Any thread. */
public final class RecordingLane implements LaneListener {
    private final Object changed = new Object();
    private final AtomicLong durable = new AtomicLong();
    private final AtomicInteger calls = new AtomicInteger();
    private final AtomicInteger failures = new AtomicInteger();
    private final AtomicReference<StoreException> cause = new AtomicReference<>();
    private final AtomicReference<String> broken = new AtomicReference<>();

    @Override
    public void onDurable(long position) {
        long before = durable.getAndSet(position);
        if (position <= before) {
            broken.set(position + " after " + before);
        }
        if (failures.get() > 0) {
            broken.set(position + " after the failure");
        }
        calls.incrementAndGet();
        signal();
    }

    /** Waits until a position is durable or the store has failed, half a minute at most. */
    public void awaitDurable(long position) {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        synchronized (changed) {
            while (durable.get() < position && failures.get() == 0) {
                long millis = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime());
                if (millis <= 0) {
                    throw new AssertionError("durable up to " + durable.get() + ", not " + position);
                }
                try {
                    changed.wait(millis);
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            }
        }
    }

    private void signal() {
        synchronized (changed) {
            changed.notifyAll();
        }
    }

    @Override
    public void onFailed(StoreException failure) {
        cause.set(failure);
        failures.incrementAndGet();
        signal();
    }

    /** The last position that was reported durable. */
    public long durable() {
        return durable.get();
    }

    /** How often positions were reported. */
    public int calls() {
        return calls.get();
    }

    /** How often the failure was reported. */
    public int failures() {
        return failures.get();
    }

    /** Why the store failed. */
    public Optional<StoreException> cause() {
        return Optional.ofNullable(cause.get());
    }

    /** What the store did against the contract. */
    public Optional<String> broken() {
        return Optional.ofNullable(broken.get());
    }
}

package io.sterna.bench.load;

import java.util.concurrent.atomic.AtomicInteger;

/**
 * Counts how often the broker of a soak went away and came back. What a client was told in one and the same quiet
 * time has to hold; what was under way while the time changed may have happened or not. Any thread; one thread, that of
 * the soak, changes it.
 *
 * <p>An outage lasts from before the broker is told to end until it serves again and every connection that was open has
 * been restored. Times are even while the broker serves, odd during an outage.
 */
final class Outages {

    private final AtomicInteger time = new AtomicInteger();

    int now() {
        return time.get();
    }

    void begin() {
        change(true);
    }

    void end() {
        change(false);
    }

    /** Whether an outage was going on at a time, or there was one since. */
    boolean disturbedSince(int before) {
        return isOutage(before) || time.get() != before;
    }

    boolean isOutage() {
        return isOutage(time.get());
    }

    private void change(boolean outage) {
        if (isOutage() == outage) {
            throw new IllegalStateException(outage ? "an outage is going on" : "no outage is going on");
        }
        time.incrementAndGet();
    }

    static boolean isOutage(int time) {
        return time % 2 != 0;
    }
}

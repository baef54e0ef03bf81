package io.sterna.broker.partition;

import java.util.ArrayList;
import java.util.List;

/** Ends the intervals of those queues of a loop through which something goes, all at once. Owned by the loop. */
final class LoopRates {
    static final long INTERVAL_MILLIS = 10_000;

    private final Loop loop;
    private final List<Rates> watched = new ArrayList<>();
    private boolean armed;

    LoopRates(Loop loop) {
        this.loop = loop;
    }

    void watch(Rates rates) {
        watched.add(rates);
        arm();
    }

    private void arm() {
        if (!armed && !watched.isEmpty()) {
            armed = true;
            loop.after(INTERVAL_MILLIS, this::onInterval);
        }
    }

    private void onInterval() {
        armed = false;
        long nowMillis = loop.nowMillis();
        watched.removeIf(rates -> !rates.onInterval(nowMillis));
        arm();
    }
}

package io.sterna.broker.partition;

import io.sterna.store.LogOperation;
import java.util.ArrayList;
import java.util.List;

/** The log of a partition that another node has: it takes nothing. Owned by the partition's loop. */
final class ClosedLog implements PartitionLog {
    private final long epoch;
    private final List<Runnable> waiting = new ArrayList<>(0);
    private boolean givenUp;

    ClosedLog(long epoch) {
        this.epoch = epoch;
    }

    @Override
    public long epoch() {
        return epoch;
    }

    @Override
    public void append(LogOperation operation) {
        // Whoever has the partition now goes on from what was safe.
    }

    @Override
    public void afterAppended(Runnable whenSafe, Runnable orGone) {
        if (givenUp) {
            orGone.run();
        } else {
            waiting.add(orGone);
        }
    }

    @Override
    public void giveUp() {
        givenUp = true;
        List<Runnable> now = List.copyOf(waiting);
        waiting.clear();
        now.forEach(Runnable::run);
    }
}

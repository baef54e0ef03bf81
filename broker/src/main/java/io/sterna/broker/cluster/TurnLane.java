package io.sterna.broker.cluster;

import io.sterna.broker.partition.Loop;
import io.sterna.store.Lane;
import io.sterna.store.LogRecord;

/** A lane on which all that the replicas of a loop write in one turn is written and forced together. Owned by the loop. */
final class TurnLane implements Lane {
    private final Loop loop;
    private final Lane lane;
    private boolean flushDue;

    TurnLane(Loop loop, Lane lane) {
        this.loop = loop;
        this.lane = lane;
    }

    @Override
    public long stage(LogRecord record) {
        return lane.stage(record);
    }

    @Override
    public long stageUnordered(LogRecord record) {
        return lane.stageUnordered(record);
    }

    @Override
    public void flush() {
        if (!flushDue) {
            flushDue = true;
            loop.post(() -> {
                flushDue = false;
                lane.flush();
            });
        }
    }

    @Override
    public void flushSoon() {
        flush();
    }
}

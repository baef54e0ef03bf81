package io.sterna.broker.partition;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;

/**
 * What waits for a time of day on a loop: one timer for all of it, for the earliest. Owned by the loop; until {@link
 * #start} by the thread that recovers its partitions.
 */
public final class Alarms {
    /** So that what is due is at most so late when the clock is set forward. */
    private static final long MAX_WAIT_MILLIS = 10_000;

    private static final long NEVER = Long.MAX_VALUE;

    private final Loop loop;
    private final TreeSet<Alarm> set = new TreeSet<>(
            Comparator.comparingLong((Alarm alarm) -> alarm.atMillis).thenComparingLong(alarm -> alarm.id));
    private long lastId;
    private boolean started;

    /** When the earliest timer under way ends; those that were overtaken end later, and find nothing. */
    private long armedForMillis = NEVER;

    /** Something that is to happen at a time, once. */
    public final class Alarm {
        private final long id = ++lastId;
        private final Runnable task;
        private long atMillis = NEVER;

        private Alarm(Runnable task) {
            this.task = task;
        }

        /**
         * Sets the time, in place of the former one.
         *
         * @param newAtMillis may be past; {@link Long#MAX_VALUE} for never
         */
        public void set(long newAtMillis) {
            if (newAtMillis == atMillis) {
                return;
            }
            set.remove(this);
            atMillis = newAtMillis;
            if (newAtMillis != NEVER) {
                set.add(this);
                arm();
            }
        }
    }

    Alarms(Loop loop) {
        this.loop = loop;
    }

    /** An alarm that is not set; its task runs in a turn of its own. */
    public Alarm alarm(Runnable task) {
        return new Alarm(task);
    }

    void start() {
        started = true;
        arm();
    }

    private void arm() {
        if (!started || set.isEmpty() || set.first().atMillis >= armedForMillis) {
            return;
        }
        long nowMillis = loop.nowMillis();
        long waitMillis = Math.min(Math.max(1, set.first().atMillis - nowMillis), MAX_WAIT_MILLIS);
        long endMillis = nowMillis + waitMillis;
        armedForMillis = endMillis;
        loop.after(waitMillis, () -> onTimer(endMillis));
    }

    private void onTimer(long endMillis) {
        if (endMillis == armedForMillis) {
            armedForMillis = NEVER;
        }
        long nowMillis = loop.nowMillis();
        List<Alarm> due = new ArrayList<>();
        while (!set.isEmpty() && set.first().atMillis <= nowMillis) {
            Alarm alarm = set.first();
            set.remove(alarm);
            alarm.atMillis = NEVER;
            due.add(alarm);
        }
        due.forEach(alarm -> loop.post(alarm.task));
        arm();
    }
}

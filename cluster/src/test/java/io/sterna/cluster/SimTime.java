package io.sterna.cluster;

import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.Random;

/** Virtual time: everything that happens, happens here, one after the other, and again in the same way with the same seed. */
public final class SimTime {
    private final PriorityQueue<Event> events =
            new PriorityQueue<>(Comparator.comparingLong(Event::atMillis).thenComparingLong(Event::number));
    private final Random random;
    private long nowMillis;
    private long number;

    private record Event(long atMillis, long number, Runnable action) {}

    public SimTime(long seed) {
        random = new Random(seed);
    }

    public Random random() {
        return random;
    }

    /** From {@code least} to {@code most}. */
    public int between(int least, int most) {
        return least + random.nextInt(most - least + 1);
    }

    public boolean chance(int percent) {
        return random.nextInt(100) < percent;
    }

    public long nowMillis() {
        return nowMillis;
    }

    public void after(long delayMillis, Runnable action) {
        at(nowMillis + delayMillis, action);
    }

    public void at(long atMillis, Runnable action) {
        events.add(new Event(atMillis, number++, action));
    }

    /** Lets the next thing happen. */
    public void step() {
        Event next = events.remove();
        nowMillis = next.atMillis();
        next.action().run();
    }
}

package io.sterna.broker.partition;

/** Runs a task after so many steps; at once from 0. Owned by one loop. */
public final class Countdown {
    private final Runnable then;
    private int left;

    public Countdown(int count, Runnable then) {
        this.then = then;
        left = count;
        if (count == 0) {
            then.run();
        }
    }

    public void down() {
        if (--left == 0) {
            then.run();
        }
    }
}

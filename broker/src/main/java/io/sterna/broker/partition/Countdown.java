package io.sterna.broker.partition;

/** Runs a task when it has been counted down; at once from 0. */
final class Countdown {
    private final Runnable then;
    private int left;

    Countdown(int count, Runnable then) {
        this.then = then;
        left = count;
        if (count == 0) {
            then.run();
        }
    }

    void down() {
        if (--left == 0) {
            then.run();
        }
    }
}

package io.sterna.broker.amqp;

/** Runs a task after so many steps; at once from 0. Owned by one loop. */
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

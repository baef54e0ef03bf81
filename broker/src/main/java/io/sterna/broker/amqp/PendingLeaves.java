package io.sterna.broker.amqp;

import java.util.ArrayList;
import java.util.List;

/**
 * The consumers of a connection that are giving up their place at a queue: until what they have settled is durable. Owned
 * by the connection's loop.
 */
final class PendingLeaves {
    private final List<Runnable> waiting = new ArrayList<>();
    private int pending;

    void begin() {
        pending++;
    }

    void end() {
        pending--;
        if (pending == 0) {
            List<Runnable> now = List.copyOf(waiting);
            waiting.clear();
            now.forEach(Runnable::run);
        }
    }

    /** Runs something when no leave is pending; at once when none is. */
    void whenNone(Runnable task) {
        if (pending == 0) {
            task.run();
        } else {
            waiting.add(task);
        }
    }
}

package io.sterna.broker.partition;

/** The event loop under a {@link Loop}. Any thread. */
public interface EventLoop {

    /** Runs a task with one of the next turns, after those given before. */
    void execute(Runnable turn);

    /** Runs a task on the loop when the time has passed. */
    void schedule(long delayMillis, Runnable task);

    /** The time of day, milliseconds since 1970-01-01T00:00Z; may jump when the clock is set. */
    long nowMillis();

    /** Whether the calling thread is the loop's. */
    boolean isCurrent();
}

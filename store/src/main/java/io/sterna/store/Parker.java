package io.sterna.store;

import java.lang.invoke.VarHandle;
import java.util.concurrent.locks.LockSupport;

/** Lets one thread sleep while it has nothing to do. Waking costs a fence while that thread is busy. */
final class Parker {
    // Any thread.
    private volatile boolean parked;
    private final Thread thread;

    Parker(Thread thread) {
        this.thread = thread;
    }

    /** Any thread; after the work was made visible to the sleeper. */
    void wake() {
        // The work must not be published after parked is read: neither side would see the other, and it would sleep on.
        VarHandle.fullFence();
        if (parked) {
            parked = false;
            LockSupport.unpark(thread);
        }
    }

    /** Owner: from now on {@link #wake} wakes. Look for work once more, then {@link #park}, then {@link #stay}. */
    void prepare() {
        parked = true;
    }

    /** Owner. */
    void park() {
        if (parked) {
            LockSupport.park(this);
        }
    }

    /** Owner, for at most so long. */
    void park(long nanos) {
        if (parked) {
            LockSupport.parkNanos(this, nanos);
        }
    }

    /** Owner: awake. */
    void stay() {
        parked = false;
    }
}

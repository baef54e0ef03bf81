package io.sterna.store;

import java.util.concurrent.TimeUnit;

/** Tells, once each time, when nothing has come for so long that what the work has left can be tidied up. Worker. */
final class Idleness {
    static final long NANOS = TimeUnit.SECONDS.toNanos(5);

    private long workedAtNanos = System.nanoTime();
    private boolean told;

    /** Something has come, or what was to be tidied up has to wait: the time begins anew. */
    void beginAnew() {
        workedAtNanos = System.nanoTime();
        told = false;
    }

    /** Whether it has just begun. */
    boolean begins() {
        if (told || System.nanoTime() - workedAtNanos < NANOS) {
            return false;
        }
        told = true;
        return true;
    }

    /** Whether {@link #begins} has said so, and nothing has come since. */
    boolean hasBegun() {
        return told;
    }
}

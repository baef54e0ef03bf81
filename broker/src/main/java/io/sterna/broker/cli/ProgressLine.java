package io.sterna.broker.cli;

import io.sterna.store.StoreInspector;
import java.util.concurrent.TimeUnit;

/** Says on standard error how far it is, every few seconds: a short inspection says nothing. */
final class ProgressLine implements StoreInspector.Progress {
    private static final long PAUSE_NANOS = TimeUnit.SECONDS.toNanos(5);

    private long next = System.nanoTime() + PAUSE_NANOS;

    @Override
    public void onProgress(long bytes, long ofBytes) {
        long now = System.nanoTime();
        if (now - next >= 0) {
            next = now + PAUSE_NANOS;
            System.err.println("sterna: read " + Sizes.text(bytes) + " of " + Sizes.text(ofBytes) + " of messages");
        }
    }
}

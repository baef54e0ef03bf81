package io.sterna.broker;

import io.sterna.broker.partition.DiskWatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/** Has the disk looked at now and then, on a thread of its own: a disk that hangs holds up nobody else. Any thread. */
final class DiskTimer implements AutoCloseable {
    private final DiskWatch watch;
    private final ScheduledThreadPoolExecutor executor;

    /** Begins. */
    DiskTimer(DiskWatch watch) {
        this.watch = watch;
        executor = new ScheduledThreadPoolExecutor(1, task -> {
            Thread thread = new Thread(task, "sterna-disk");
            thread.setDaemon(true);
            return thread;
        });
        lookLater();
    }

    private void lookLater() {
        try {
            ScheduledFuture<?> unused = executor.schedule(this::look, watch.nextLookMillis(), TimeUnit.MILLISECONDS);
        } catch (RejectedExecutionException closed) {
            // Nobody wants to know any more.
        }
    }

    private void look() {
        try {
            watch.look();
        } finally {
            lookLater();
        }
    }

    /** Ends; does not wait for a disk that hangs. */
    @Override
    public void close() {
        executor.shutdownNow();
    }
}

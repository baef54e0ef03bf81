package io.sterna.store;

import java.util.ArrayDeque;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.function.Supplier;
import org.h2.mvstore.MVStoreException;

/**
 * What was asked for and takes more than one slice. Each job is answered once, also when the worker ends before. Any thread,
 * but for {@link #beginNext}, {@link #isIdle} and {@link #step}.
 */
final class ContentJobs {
    private final Supplier<StoreException> reason;
    private final Queue<Job> waiting = new ConcurrentLinkedQueue<>();
    private final Queue<Job> begun = new ArrayDeque<>();
    private volatile boolean ended;

    /** Something to be done in slices. The worker's, once it was added. */
    interface Job {
        /**
         * Does the next slice.
         *
         * @return false when it was the last one, and the answer was given
         */
        boolean step() throws StoreException;

        void onFailed(StoreException cause);
    }

    /** @param reason why jobs can't be done when the worker has ended */
    ContentJobs(Supplier<StoreException> reason) {
        this.reason = reason;
    }

    /** Lets a job wait; the worker is then to begin one more, when it has done what was to be done before. */
    void add(Job job) {
        waiting.add(job);
        if (ended) {
            failAll();
        }
    }

    /** The worker: begins the job that waits longest, if one still waits. */
    void beginNext() {
        Optional.ofNullable(waiting.poll()).ifPresent(begun::add);
    }

    /** The worker: whether no job is begun. */
    boolean isIdle() {
        return begun.isEmpty();
    }

    /** The worker, as it ends: what waits and what comes is refused. */
    void end() {
        ended = true;
        begun.forEach(job -> job.onFailed(reason.get()));
        begun.clear();
        failAll();
    }

    private void failAll() {
        for (Job job = waiting.poll(); job != null; job = waiting.poll()) {
            job.onFailed(reason.get());
        }
    }

    /** The worker: does a slice of one of the jobs, in turn; false when there is none. */
    boolean step() {
        Optional<Job> next = Optional.ofNullable(begun.poll());
        next.filter(this::stepOnce).ifPresent(begun::add);
        return next.isPresent();
    }

    private boolean stepOnce(Job job) {
        try {
            return job.step();
        } catch (StoreException e) {
            job.onFailed(e);
        } catch (MVStoreException e) {
            job.onFailed(new StoreException("Reading from the message store failed: " + e.getMessage(), e));
        } catch (RuntimeException | Error e) {
            // The worker ends of it, and this job does not wait any more.
            job.onFailed(new StoreException("Reading from the store failed with " + e, e));
            throw e;
        }
        return false;
    }
}

package io.sterna.bench.load;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/**
 * The threads that put load on a broker. They run until they are told to stop; the first that fails ends the scenario.
 *
 * <p>Owned by the thread that runs the scenario; {@link #isRunning} and {@link #fail} are for any thread.
 */
final class Crew implements AutoCloseable {

    private static final Duration END = Duration.ofSeconds(45);
    private static final Duration POLL = Duration.ofMillis(20);

    /** What a thread does; it returns soon after {@link Crew#isRunning} has become false. */
    interface Work {
        void run() throws Exception;
    }

    private final List<Thread> threads = new ArrayList<>();
    private final CountDownLatch failed = new CountDownLatch(1);
    private final AtomicReference<@Nullable Throwable> cause = new AtomicReference<>();
    private volatile boolean running = true;

    boolean isRunning() {
        return running;
    }

    void start(String name, Work work) {
        Thread thread = new Thread(() -> perform(work), "load-" + name);
        thread.setDaemon(true);
        threads.add(thread);
        thread.start();
    }

    /** Ends the scenario; later calls change nothing. */
    void fail(Throwable failure) {
        if (cause.compareAndSet(null, failure)) {
            running = false;
            failed.countDown();
        }
    }

    /** Waits for so long, or until a thread fails. */
    void awaitFailure(Duration time) throws InterruptedException, ScenarioFailedException {
        if (failed.await(time.toNanos(), TimeUnit.NANOSECONDS)) {
            throwFailure();
        }
    }

    /** Tells the threads to stop and waits for their end. */
    void stop() throws InterruptedException, ScenarioFailedException {
        running = false;
        long deadline = System.nanoTime() + END.toNanos();
        for (Thread thread : threads) {
            thread.join(Math.max(1, TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime())));
            if (thread.isAlive()) {
                throw new ScenarioFailedException(thread.getName() + " did not end within " + END.toSeconds() + " s");
            }
        }
        throwFailure();
    }

    /** Waits until the threads have ended by themselves, or one fails. */
    void awaitEnd(Duration limit) throws InterruptedException, ScenarioFailedException {
        long deadline = System.nanoTime() + limit.toNanos();
        for (Thread thread : threads) {
            while (thread.isAlive()) {
                if (System.nanoTime() - deadline >= 0) {
                    throw new ScenarioFailedException(
                            thread.getName() + " did not come to its end within " + limit.toSeconds() + " s");
                }
                awaitFailure(POLL);
            }
        }
        throwFailure();
    }

    /** Stops the threads without waiting; those that still run are woken up. */
    @Override
    public void close() {
        running = false;
        threads.forEach(Thread::interrupt);
    }

    private void perform(Work work) {
        try {
            work.run();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            fail(e);
        } catch (Exception | AssertionError e) {
            fail(e);
        }
    }

    private void throwFailure() throws ScenarioFailedException {
        Throwable failure = cause.get();
        if (failure != null) {
            throw new ScenarioFailedException(String.valueOf(failure.getMessage()), failure);
        }
    }
}

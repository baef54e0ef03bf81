package io.sterna.broker.partition;

import java.lang.invoke.VarHandle;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.jctools.queues.MpscUnboundedArrayQueue;

/**
 * Tasks for one thread, from any number of threads: any number of tasks, one wake-up. Those of one thread stay in their
 * order.
 */
final class Mailbox {
    private final MpscUnboundedArrayQueue<Runnable> tasks;
    private final AtomicBoolean awake = new AtomicBoolean();
    private final Executor owner;
    private final Consumer<Runnable> runner;
    private final int maxTasksATurn;

    /**
     * Makes an empty one.
     *
     * @param chunkTasks the queue grows by so many, a power of 2
     * @param maxTasksATurn after so many other work of the thread gets its turn
     * @param owner runs what it is given on the thread, later
     * @param runner runs a task on the thread; never throws
     */
    Mailbox(int chunkTasks, int maxTasksATurn, Executor owner, Consumer<Runnable> runner) {
        tasks = new MpscUnboundedArrayQueue<>(chunkTasks);
        this.maxTasksATurn = maxTasksATurn;
        this.owner = owner;
        this.runner = runner;
    }

    /** Any thread. */
    void post(Runnable task) {
        tasks.offer(task);
        // When the queue grows, an offer ends with stores that may still be on their way while awake is read: then
        // neither
        // would this thread see that the owner has gone to rest, nor the owner the task, and it would lie here.
        VarHandle.fullFence();
        if (!awake.get()) {
            wake();
        }
    }

    private void wake() {
        if (awake.compareAndSet(false, true)) {
            owner.execute(this::drain);
        }
    }

    private void drain() {
        awake.set(false);
        for (int count = 0; count < maxTasksATurn; count++) {
            Runnable task = tasks.poll();
            if (task == null) {
                return;
            }
            runner.accept(task);
        }
        wake();
    }
}

package io.sterna.broker.partition;

import io.sterna.store.Store;
import io.vertx.core.Context;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jctools.queues.MpscUnboundedArrayQueue;

/**
 * An event loop as partitions and connections see it. Whatever crosses from one loop to another goes through the mailbox:
 * any number of items, one wake-up. What waits there is bounded by the credit that links were given, since each item
 * belongs to a delivery, a settlement or an attach that its peer was allowed to have under way.
 */
public final class Loop {
    private static final int CHUNK_ITEMS = 1024;

    /** After so many items other work of the loop, sockets above all, gets its turn. */
    private static final int MAX_ITEMS_A_TURN = 4096;

    private final Context context;
    private final Thread thread;
    private final MpscUnboundedArrayQueue<Runnable> mailbox = new MpscUnboundedArrayQueue<>(CHUNK_ITEMS);
    private final AtomicBoolean awake = new AtomicBoolean();
    private final LoopStore store;
    private final LoopMemory memory;

    /**
     * Ties a loop to its context; called on it.
     *
     * @param context of one event loop
     * @param memoryBytes this loop's share of the memory for message payloads
     */
    public Loop(Context context, long memoryBytes) {
        this.context = context;
        thread = Thread.currentThread();
        store = new LoopStore(this);
        memory = new LoopMemory(memoryBytes);
    }

    /** Opens this loop's lane; called once the store has been recovered. */
    void open(Store durable) {
        store.open(durable);
    }

    /** Whether the calling thread is this loop's. Any thread. */
    public boolean isCurrent() {
        return Thread.currentThread() == thread;
    }

    /** Runs a task on this loop: at once when called there, else with the next turn. Any thread. */
    public void run(Runnable task) {
        if (isCurrent()) {
            task.run();
        } else {
            post(task);
        }
    }

    /** Runs a task on this loop after what is in the mailbox now; never at once. Any thread. */
    public void post(Runnable task) {
        mailbox.offer(task);
        if (!awake.get() && awake.compareAndSet(false, true)) {
            context.runOnContext(nothing -> drain());
        }
    }

    private void drain() {
        awake.set(false);
        for (int count = 0; count < MAX_ITEMS_A_TURN; count++) {
            Runnable task = mailbox.poll();
            if (task == null) {
                return;
            }
            task.run();
        }
        if (awake.compareAndSet(false, true)) {
            context.runOnContext(nothing -> drain());
        }
    }

    LoopStore store() {
        return store;
    }

    LoopMemory memory() {
        return memory;
    }
}

package io.sterna.broker.partition;

import io.sterna.store.Store;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * An event loop as partitions and connections see it. Whatever crosses from one loop to another goes through the
 * mailbox: any number of items, one wake-up. What waits there is bounded by the credit that links were given, since
 * each item belongs to a delivery, a settlement or an attach that its peer was allowed to have under way.
 *
 * <p>Items from one loop arrive in their order. {@link #run} on the loop itself comes before what is in the mailbox.
 */
public final class Loop implements Brake {
    private static final Logger log = LoggerFactory.getLogger(Loop.class);
    private static final int CHUNK_TASKS = 1024;

    /** After so many tasks other work of the loop, sockets above all, gets its turn. */
    private static final int MAX_TASKS_A_TURN = 4096;

    private final EventLoop eventLoop;
    private final Mailbox mailbox;
    private final LoopStore store;
    private final LoopMemory memory;
    private final LoopSpill spill = new LoopSpill(this);
    private final InboundMemory inbound;
    private final DiskBrake disk = new DiskBrake(this);
    private final Alarms alarms = new Alarms(this);
    private final LoopFigures figures = new LoopFigures();
    private final LoopRates rates = new LoopRates(this);
    private final List<Consumer<String>> problemListeners = new ArrayList<>(2);

    // Loop writes, any thread reads.
    private volatile @Nullable String problem;

    /**
     * Makes the loop, on any thread.
     *
     * @param memoryBytes this loop's share of the memory for message payloads
     */
    public Loop(EventLoop eventLoop, long memoryBytes) {
        this.eventLoop = eventLoop;
        mailbox = new Mailbox(CHUNK_TASKS, MAX_TASKS_A_TURN, eventLoop::execute, this::runSafely);
        store = new LoopStore(this);
        memory = new LoopMemory(this, memoryBytes);
        inbound = new InboundMemory(this, memory, memoryBytes);
    }

    /** Opens this loop's lane; called once the store has been recovered. */
    void open(Store durable) {
        store.open(durable);
        post(alarms::start);
    }

    /** Whether the calling thread is this loop's. Any thread. */
    public boolean isCurrent() {
        return eventLoop.isCurrent();
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
        mailbox.post(task);
    }

    /** Runs a task on this loop when the time has passed. */
    public void after(long delayMillis, Runnable task) {
        eventLoop.schedule(delayMillis, () -> runSafely(task));
    }

    /** The time of day, milliseconds since 1970-01-01T00:00Z. */
    public long nowMillis() {
        return eventLoop.nowMillis();
    }

    /**
     * Partitions and connections answer for defects of their own. One that gets here is in what they share, and nothing
     * on this loop can be relied upon any more.
     */
    private void runSafely(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException | AssertionError defect) {
            log.error("all partitions of this event loop stop because of a defect", defect);
            stop("an event loop has stopped because of a defect; see the broker's log, and restart it");
        }
    }

    /**
     * This loop's partitions serve nobody any more. On the loop.
     *
     * @param reason for clients and operators
     */
    void stop(String reason) {
        if (problem == null) {
            problem = reason;
            problemListeners.forEach(listener -> listener.accept(reason));
        }
    }

    /**
     * Adds one who is told, on the loop, when this loop's partitions have to stop serving. Called before they begin.
     */
    public void onProblem(Consumer<String> listener) {
        problemListeners.add(listener);
    }

    boolean serves() {
        return problem == null;
    }

    /** Why this loop's partitions do not serve; empty while they do. Any thread. */
    public Optional<String> problem() {
        return Optional.ofNullable(problem);
    }

    /** Runs a task on this loop once all that was appended here so far is durable; never when the store fails. */
    public void afterAppended(Runnable whenDurable) {
        post(() -> store.afterAppended(whenDurable));
    }

    /**
     * Sets memory for messages aside that are in no queue yet. On the loop.
     *
     * @return false when there is not so much for them; nothing was set aside then
     */
    public boolean setAside(long bytes) {
        return memory.setAside(bytes);
    }

    /** Gives back memory that was set aside. On the loop. */
    public void giveBack(long bytes) {
        memory.giveBack(bytes);
    }

    /** What the clients on this loop have sent and what is in no queue yet. On the loop. */
    public InboundMemory inbound() {
        return inbound;
    }

    /** Holds the producers of the clients on this loop back while the disk has too little room. On the loop. */
    public DiskBrake disk() {
        return disk;
    }

    /**
     * A producer has come that may send to any queue: it is held back if there is no room on this loop. On the loop.
     */
    public void admit(Producer producer) {
        memory.admit(producer);
    }

    @Override
    public void release(Producer producer) {
        run(() -> memory.forget(producer));
    }

    LoopStore store() {
        return store;
    }

    LoopSpill spill() {
        return spill;
    }

    LoopMemory memory() {
        return memory;
    }

    /** What waits for a time on this loop. On the loop. */
    public Alarms alarms() {
        return alarms;
    }

    LoopRates rates() {
        return rates;
    }

    LoopFigures figures() {
        return figures;
    }
}

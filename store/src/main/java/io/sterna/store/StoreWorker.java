package io.sterna.store;

import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jctools.queues.MpscUnboundedArrayQueue;
import org.jctools.queues.SpscArrayQueue;

/**
 * The one worker: keeps the index of what is alive, answers reads, and between them does in slices what the
 * {@link Housekeeper} wants.
 *
 * <p>Everything here belongs to the worker's thread but for the methods that say otherwise.
 */
final class StoreWorker implements JournalListener {
    private static final int TASKS_PER_TURN = 256;
    /**
     * The worker follows the journal so many batches behind, or so long: waking it for each costs more than its work.
     */
    private static final int MAX_BATCHES_BEHIND = 64;

    private static final long MAX_NANOS_BEHIND = TimeUnit.MILLISECONDS.toNanos(20);

    private static final long NANOS_BETWEEN_TRIES = TimeUnit.MILLISECONDS.toNanos(500);

    private final MpscUnboundedArrayQueue<Runnable> tasks = new MpscUnboundedArrayQueue<>(1024);
    /** From the worker back to the journal thread. */
    private final SpscArrayQueue<IndexBatch> spares = new SpscArrayQueue<>(MAX_BATCHES_BEHIND);

    private final StoreState state;
    private final BlockStore blocks;
    private final JournalReader reader;
    private final DiskRoom room;
    private final JournalSpace journalSpace;
    private final Housekeeper housekeeper;
    private final PendingReads reads;
    private final ContentJobs jobs;
    private final PartitionContents contents;
    private final JournalWriter journal;
    private final Thread thread;
    private final Parker parker;

    // Journal thread
    private int batchesBehind;

    // Any thread
    private final LongAdder checkpoints = new LongAdder();
    private final AtomicInteger segmentsInUse = new AtomicInteger();
    private volatile long messageStoreBytes;
    private volatile boolean stopped;
    private volatile boolean ending;
    // Whether the worker sleeps until it is woken, and does not look for batches by itself in time.
    private volatile boolean resting;

    StoreWorker(
            WorkerParts parts,
            JournalEnd end,
            Reserve reserve,
            DamageLog damages,
            FailureListener failures,
            Supplier<StoreException> reason) {
        state = parts.state();
        blocks = parts.blocks();
        reader = parts.reader();
        MessageFinder finder = new MessageFinder(parts, damages::add);
        reads = new PendingReads(finder, reason);
        jobs = new ContentJobs(reason);
        contents = new PartitionContents(parts, finder, this::add);
        journal = new JournalWriter(parts.config(), parts.pool(), end, this, failures);
        room = new DiskRoom(parts, reserve);
        journalSpace = new JournalSpace(parts, room);
        Checkpointer checkpointer = new Checkpointer(parts, damages::add, journal::note);
        housekeeper = new Housekeeper(parts, end.lastRecord(), journalSpace, room, checkpointer);
        thread = new Thread(
                () -> {
                    try {
                        run();
                    } catch (StoreException | IOException | RuntimeException | Error e) {
                        failures.onFailed(ending ? "Closing failed" : "Moving messages out of the journal failed", e);
                    } finally {
                        reads.end();
                        jobs.end();
                    }
                },
                "sterna-store-worker");
        parker = new Parker(thread);
        updateFigures();
    }

    JournalWriter journal() {
        return journal;
    }

    /** Before the start: the first thing written is a note of what recovery has saved. */
    void begin(CheckpointNote note) {
        housekeeper.begin(note);
    }

    /** Starts this and the journal's thread. */
    void start() {
        thread.start();
        journal.start();
    }

    /** Any thread: ends when the journal is drained and a last checkpoint is written, as far as the disk has room. */
    void awaitDrained() {
        ending = true;
        parker.wake();
        Threads.joinUninterruptibly(thread);
    }

    /** Any thread: ends now. */
    void stop() {
        stopped = true;
        parker.wake();
    }

    /** Any thread. */
    void read(PendingReads.Read read) {
        reads.add(read);
        add(reads::answerNext);
    }

    /** Any thread asks it. */
    Contents contents() {
        return contents;
    }

    private void add(ContentJobs.Job job) {
        jobs.add(job);
        // After the batches that were durable before: a job sees them.
        add(jobs::beginNext);
    }

    long checkpointCount() {
        return checkpoints.sum();
    }

    int segmentsInUse() {
        return segmentsInUse.get();
    }

    long messageStoreBytes() {
        return messageStoreBytes;
    }

    @Override
    public void onSegmentOpened(JournalSegment segment) {
        add(() -> {
            journalSpace.onOpened(segment);
            updateFigures();
        });
    }

    @Override
    public IndexBatch onBatchDurable(IndexBatch batch, long newLastRecord) {
        tasks.offer(() -> {
            batch.replay(state);
            housekeeper.onWork(newLastRecord);
            batch.clear();
            spares.offer(batch);
        });
        // As in Parker: when the queue grows, the offer may not be seen yet when resting is read.
        VarHandle.fullFence();
        if (resting || ++batchesBehind >= MAX_BATCHES_BEHIND) {
            batchesBehind = 0;
            parker.wake();
        }
        IndexBatch spare = spares.poll();
        return spare == null ? new IndexBatch() : spare;
    }

    @Override
    public void onNoteDurable(CheckpointNote note) {
        add(() -> {
            try {
                onNoted(note);
            } catch (IOException e) {
                throw new java.io.UncheckedIOException(e);
            }
        });
    }

    @Override
    public void onSegmentNeeded(SegmentNeed need) {
        add(() -> journalSpace.onNeeded(need));
    }

    @Override
    public void onDrained() {
        add(housekeeper::onDrained);
    }

    private void add(Runnable task) {
        tasks.offer(task);
        parker.wake();
    }

    private void run() throws StoreException, IOException {
        boolean dozed = false;
        while (!stopped && !housekeeper.isFinished()) {
            boolean worked = runTasks();
            room.onTurn();
            if (journalSpace.maybeAllocate()) {
                journal.wake();
            }
            housekeeper.maybeStart();
            worked |= housekeeper.step();
            worked |= jobs.step();
            if (worked) {
                dozed = false;
            } else if (ending && housekeeper.isStuck()) {
                housekeeper.endWithoutRoom();
                return;
            } else {
                housekeeper.maybeMakeReserve();
                sleep(dozed);
                dozed = true;
            }
        }
    }

    /**
     * First for a short time, since batches may come that nobody wakes us for; if none came, until we are woken, or
     * there is time to tidy up. Nobody tells when the disk has room.
     */
    private void sleep(boolean dozed) {
        parker.prepare();
        resting = dozed;
        if (tasks.isEmpty() && jobs.isIdle() && !stopped && !housekeeper.isFinished()) {
            if (!dozed) {
                parker.park(MAX_NANOS_BEHIND);
            } else if (room.isMissed() || journalSpace.isNeeded()) {
                parker.park(NANOS_BETWEEN_TRIES);
            } else if (!housekeeper.isAtRest()) {
                parker.park(Idleness.NANOS);
            } else {
                parker.park();
            }
        }
        resting = false;
        parker.stay();
    }

    private boolean runTasks() {
        for (int i = 0; i < TASKS_PER_TURN; i++) {
            Runnable task = tasks.poll();
            if (task == null) {
                return i > 0;
            }
            task.run();
        }
        return true;
    }

    private void onNoted(CheckpointNote note) throws IOException {
        housekeeper.onNoted(note);
        checkpoints.increment();
        reader.forget();
        journal.wake();
        updateFigures();
    }

    private void updateFigures() {
        segmentsInUse.set(journalSpace.count());
        messageStoreBytes = blocks.fileBytes();
    }
}

package io.sterna.store;

import java.io.IOException;
import java.lang.invoke.VarHandle;
import java.util.EnumSet;
import java.util.Iterator;
import java.util.NavigableMap;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.LongAdder;
import java.util.function.Supplier;
import org.jctools.queues.MpscUnboundedArrayQueue;

/**
 * The one worker: keeps the index of what is alive, runs checkpoints in slices, and answers reads between them.
 *
 * <p>Everything here belongs to the worker's thread but for the methods that say otherwise.
 */
final class StoreWorker implements JournalListener {
    private static final int TASKS_PER_TURN = 256;
    /** Updates held in memory before a checkpoint is worth its while. */
    private static final int MAX_PENDING_UPDATES = 100_000;
    /** Values held in memory before a checkpoint is worth its while. */
    private static final long MAX_PENDING_VALUE_BYTES = 32 << 20;
    /** Useless bytes in MVStore, in slices, before a checkpoint is worth its while. */
    private static final long RECLAIM_SLICES = 16;
    /** Size of MVStore's file, in slices, that is not worth making smaller. */
    private static final long SLACK_SLICES = 4;
    /** The worker follows the journal so many batches behind, or so long: waking it for each costs more than its work. */
    private static final int MAX_BATCHES_BEHIND = 64;

    private static final long MAX_NANOS_BEHIND = TimeUnit.MILLISECONDS.toNanos(20);

    private final MpscUnboundedArrayQueue<Runnable> tasks = new MpscUnboundedArrayQueue<>(1024);
    private final StoreConfig config;
    private final StoreState state;
    private final BlockStore blocks;
    private final JournalReader reader;
    private final SegmentPool pool;
    private final Idleness idleness = new Idleness();
    private final NavigableMap<Integer, JournalSegment> segments;
    private final PendingReads reads;
    private final Checkpointer checkpointer;
    private final JournalWriter journal;
    private final Thread thread;
    private final Parker parker;

    private long lastRecord;
    private long noted;
    /** So many updates the last checkpoint could do nothing about: their messages stayed in the journal. */
    private int updatesLeft;

    /** What the journal waits for a segment for. */
    private final Set<SegmentNeed> needs = EnumSet.noneOf(SegmentNeed.class);

    private boolean drained;
    private boolean finalCheckpoint;
    private boolean finished;

    // Journal thread
    private int batchesBehind;

    // Any thread
    private final LongAdder checkpoints = new LongAdder();
    private final AtomicInteger segmentsInUse = new AtomicInteger();
    private volatile long messageStoreBytes;
    private volatile boolean stopped;
    // Whether the worker sleeps until it is woken, and does not look for batches by itself in time.
    private volatile boolean resting;

    StoreWorker(
            WorkerParts parts,
            JournalEnd end,
            DamageLog damages,
            FailureListener failures,
            Supplier<StoreException> reason) {
        config = parts.config();
        state = parts.state();
        blocks = parts.blocks();
        reader = parts.reader();
        pool = parts.pool();
        segments = parts.segments();
        lastRecord = end.lastRecord();
        reads = new PendingReads(new MessageFinder(parts, damages::add), reason);
        journal = new JournalWriter(config, pool, end, this, failures);
        checkpointer = new Checkpointer(parts, damages::add, journal::note);
        thread = new Thread(
                () -> {
                    try {
                        run();
                    } catch (StoreException | IOException | RuntimeException | Error e) {
                        failures.onFailed("Moving messages out of the journal failed", e);
                    } finally {
                        reads.end();
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
        noted = note.replayFrom();
        checkpointer.noteRecovered(note);
    }

    /** Starts this and the journal's thread. */
    void start() {
        thread.start();
        journal.start();
    }

    /** Any thread: ends when the journal is drained and a last checkpoint is written. */
    void awaitDrained() {
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
            segments.put(segment.number(), segment);
            needs.clear();
            updateFigures();
        });
    }

    @Override
    public void onBatchDurable(IndexBatch batch, long newLastRecord) {
        tasks.offer(() -> {
            batch.replay(state);
            lastRecord = newLastRecord;
            idleness.onWork();
        });
        // As in Parker: when the queue grows, the offer may not be seen yet when resting is read.
        VarHandle.fullFence();
        if (resting || ++batchesBehind >= MAX_BATCHES_BEHIND) {
            batchesBehind = 0;
            parker.wake();
        }
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
        add(() -> needs.add(need));
    }

    @Override
    public void onDrained() {
        add(() -> drained = true);
    }

    private void add(Runnable task) {
        tasks.offer(task);
        parker.wake();
    }

    private void run() throws StoreException, IOException {
        boolean dozed = false;
        while (!stopped && !finished) {
            boolean worked = runTasks();
            if (!needs.isEmpty() || pool.isLow()) {
                allocateSegment();
            }
            maybeStartCheckpoint();
            worked |= checkpointer.step();
            if (worked) {
                dozed = false;
            } else {
                sleep(dozed);
                dozed = true;
            }
        }
    }

    /**
     * First for a short time, since batches may come that nobody wakes us for; if none came, until we are woken, or there
     * is time to tidy up.
     */
    private void sleep(boolean dozed) {
        parker.prepare();
        resting = dozed;
        if (tasks.isEmpty() && !stopped && !finished) {
            if (!dozed) {
                parker.park(MAX_NANOS_BEHIND);
            } else if (idleness.hasBegun()) {
                parker.park();
            } else {
                parker.park(Idleness.NANOS);
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

    private void allocateSegment() throws IOException {
        if (needs.contains(SegmentNeed.NOTE)) {
            pool.allocateForNote();
        } else {
            pool.maybeAllocate();
        }
        journal.wake();
    }

    private void maybeStartCheckpoint() throws IOException {
        if (!checkpointer.isIdle() || finished) {
            return;
        }
        if (blocks.mustBeCopied()) {
            checkpointer.startCopy();
        } else if (drained) {
            finalCheckpoint = true;
            // What was noted may be further on: notes are records too, which are not counted here.
            checkpointer.start(Long.MAX_VALUE, Math.max(noted, lastRecord + 1));
        } else if (mustFreeSegments() && segments.size() > 1) {
            start(segments.size() - 1);
        } else if (isJournalHalfFull()
                || state.pendingUpdates() - updatesLeft >= MAX_PENDING_UPDATES
                || state.values().bytes() >= MAX_PENDING_VALUE_BYTES) {
            start(segments.size() / 2);
        } else if (state.reclaimableBytes() >= Math.max(RECLAIM_SLICES * config.sliceBytes(), messageStoreBytes / 2)) {
            start(0);
        } else if (blocks.isWasteful(SLACK_SLICES * config.sliceBytes())) {
            checkpointer.startCopy();
        } else if (idleness.begins() && isWorthTidying()) {
            start(segments.size() - 1);
        } else if (idleness.hasBegun()) {
            pool.deleteSpare();
        }
    }

    private boolean isWorthTidying() {
        return segments.size() > 1 || state.reclaimableBytes() >= SLACK_SLICES * config.sliceBytes();
    }

    /** Whether the journal waits for what only a checkpoint can free. */
    private boolean mustFreeSegments() {
        return needs.contains(SegmentNeed.LONG_RECORD) || (!needs.isEmpty() && pool.isExhausted());
    }

    /** Begins a checkpoint that sets so many of the oldest segments free. */
    private void start(int count) {
        Iterator<JournalSegment> oldest = segments.values().iterator();
        JournalSegment first = oldest.next();
        for (int i = 0; i < count; i++) {
            first = oldest.next();
        }
        updatesLeft = state.pendingUpdates();
        // The first segment may begin before what was noted: a replay from there would find its messages twice.
        checkpointer.start(Location.of(first.number(), 0), Math.max(noted, first.firstRecord()));
    }

    /** The last segment alone, however long, can't be set free. */
    private boolean isJournalHalfFull() {
        long bytes = 0;
        for (JournalSegment segment : segments.values()) {
            bytes += segment.file().bytes();
        }
        return segments.size() > 1 && bytes * 2 >= (long) config.segmentBytes() * config.maxSegments();
    }

    private void onNoted(CheckpointNote note) throws IOException {
        checkpointer.onNoted(note);
        checkpoints.increment();
        noted = note.replayFrom();
        updatesLeft = Math.min(updatesLeft, state.pendingUpdates());
        reader.forget();
        // The segment of the first record that is needed stays, and so does the one that the note is in: the last.
        while (segments.size() > 1
                && segments.higherEntry(segments.firstKey()).getValue().firstRecord() <= note.replayFrom()) {
            pool.release(segments.pollFirstEntry().getValue().file());
        }
        journal.wake();
        updateFigures();
        if (finalCheckpoint) {
            finished = true;
        }
    }

    private void updateFigures() {
        segmentsInUse.set(segments.size());
        messageStoreBytes = blocks.fileBytes();
    }
}

package io.sterna.store;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.LongAdder;

/**
 * Writes the records of all lanes into the journal and forces them: all that arrived while one force ran goes into the
 * next write. What nobody waits for is written at once, and forced with the next record that somebody waits for, at the
 * latest after {@value #MAX_UNFORCED_MILLIS} ms (docs/decisions/0022).
 *
 * <p>Everything here belongs to the journal thread but for the methods that say otherwise. A batch lies in one segment,
 * and a segment is forced before the next one is begun.
 */
final class JournalWriter {
    /** What one lane may take of a batch before the others have their turn. */
    private static final int TURN_RECORDS = 256;

    private static final long MAX_UNFORCED_MILLIS = 10;

    private final StoreConfig config;
    private final SegmentPool pool;
    private final JournalListener listener;
    private final RecordOutput out;
    private final List<StoreLane> lanes = new CopyOnWriteArrayList<>();
    private final Queue<CheckpointNote> notes = new ConcurrentLinkedQueue<>();
    private final Thread thread;
    private final Parker parker;

    private JournalSegment segment;
    private long lastRecord;
    private long forcedRecord;
    /** Whether something is written that is to be forced later, and when, as {@link System#nanoTime} tells it. */
    private boolean unforced;

    private long forceAtNanos;

    private IndexBatch batch = new IndexBatch();
    private int firstLane;
    private boolean drained;

    // Any thread
    private final LongAdder records = new LongAdder();
    private final LongAdder bytes = new LongAdder();
    private final LongAdder forces = new LongAdder();
    private volatile boolean closing;
    private volatile boolean stopped;

    JournalWriter(
            StoreConfig config, SegmentPool pool, JournalEnd end, JournalListener listener, FailureListener failures) {
        this.config = config;
        this.pool = pool;
        this.listener = listener;
        segment = end.segment();
        lastRecord = end.lastRecord();
        forcedRecord = lastRecord;
        out = new RecordOutput(config.batchBytes(), segment.file().file());
        out.moveTo(segment.file().file(), end.position());
        thread = new Thread(
                () -> {
                    try {
                        run();
                    } catch (IOException | RuntimeException | Error e) {
                        failures.onFailed("Writing to the journal failed", e);
                    }
                },
                "sterna-journal");
        parker = new Parker(thread);
    }

    void start() {
        thread.start();
    }

    /** Any thread. */
    void add(StoreLane lane) {
        lanes.add(lane);
    }

    /** Any thread. */
    List<StoreLane> lanes() {
        return lanes;
    }

    /** Any thread: there is something to write, or a segment to go on to. */
    void wake() {
        parker.wake();
    }

    /** Any thread: writes a note, durably, and tells the listener. */
    void note(CheckpointNote note) {
        notes.add(note);
        wake();
    }

    /** Any thread: the listener is told as soon as everything is written. Notes are still taken. */
    void drain() {
        closing = true;
        wake();
    }

    /** Any thread: ends now. */
    void stop() {
        stopped = true;
        wake();
    }

    /** Any thread but this one. */
    void join() {
        Threads.joinUninterruptibly(thread);
    }

    long recordCount() {
        return records.sum();
    }

    long byteCount() {
        return bytes.sum();
    }

    long forceCount() {
        return forces.sum();
    }

    private void run() throws IOException {
        while (!stopped) {
            // Read before the lanes: what was appended before the closing is then seen by this round.
            boolean last = closing;
            boolean worked = writeNotes();
            worked |= writeBatch();
            if (!worked) {
                if (last && !drained) {
                    finishBatch();
                    drained = true;
                    listener.onDrained();
                }
                rest();
            }
        }
    }

    /** Until there is work, or time to force. */
    private void rest() throws IOException {
        long leftNanos = unforced ? forceAtNanos - System.nanoTime() : 0;
        if (unforced && leftNanos <= 0) {
            finishBatch();
            return;
        }
        parker.prepare();
        if (!hasWork()) {
            if (unforced) {
                parker.park(leftNanos);
            } else {
                parker.park();
            }
        }
        parker.stay();
    }

    private boolean isUrgent() {
        return stopped || (closing && !drained) || !notes.isEmpty() || isAwaited();
    }

    private boolean hasWork() {
        if (isUrgent()) {
            return true;
        }
        for (StoreLane lane : lanes) {
            if (lane.peek() != null) {
                return true;
            }
        }
        return false;
    }

    private boolean writeBatch() throws IOException {
        long start = byteCount();
        boolean progress = true;
        boolean worked = false;
        int count = lanes.size();
        while (progress && !stopped) {
            progress = false;
            for (int i = 0; i < count; i++) {
                progress |= takeTurn(lanes.get((firstLane + i) % count));
                if (byteCount() - start >= config.batchBytes()) {
                    firstLane = (firstLane + i + 1) % count;
                    finishBatch();
                    return true;
                }
            }
            worked |= progress;
        }
        if (isAwaited()) {
            finishBatch();
        } else if (worked) {
            writeUnforced();
        }
        return worked;
    }

    private boolean isAwaited() {
        for (StoreLane lane : lanes) {
            if (lane.isAwaited()) {
                return true;
            }
        }
        return false;
    }

    /** From here on it outlives the process, and a crash of the machine once the batch is finished. */
    private void writeUnforced() throws IOException {
        if (!unforced) {
            unforced = true;
            forceAtNanos = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(MAX_UNFORCED_MILLIS);
        }
        out.flush();
    }

    private boolean takeTurn(StoreLane lane) throws IOException {
        long start = out.position();
        int count = 0;
        LogRecord record;
        while (count < TURN_RECORDS
                && (record = lane.peek()) != null
                && (count == 0 || out.position() - start < config.batchBytes())) {
            int length = (int) RecordCodec.bytes(record);
            while (out.position() + RecordCodec.aligned(length) > segment.recordLimit()) {
                finishBatch();
                if (!roll(RecordCodec.aligned(length))) {
                    return false;
                }
                start = out.position();
            }
            RecordCodec.write(record, length, segment.number(), lastRecord + 1, forcedRecord, out, batch);
            lastRecord++;
            lane.taken();
            records.increment();
            bytes.add(length);
            count++;
        }
        return count > 0;
    }

    /** Forces what was written and tells everyone. */
    private void finishBatch() throws IOException {
        if (lastRecord == forcedRecord) {
            return;
        }
        unforced = false;
        force();
        batch = listener.onBatchDurable(batch, lastRecord);
        for (StoreLane lane : lanes) {
            lane.maybeReport();
        }
    }

    private void force() throws IOException {
        out.force();
        forces.increment();
        forcedRecord = lastRecord;
    }

    /** Between batches. */
    private boolean writeNotes() throws IOException {
        boolean worked = false;
        if (!notes.isEmpty()) {
            finishBatch();
        }
        while (!notes.isEmpty() && !stopped) {
            if (!noteFits() && !roll(RecordCodec.aligned(RecordCodec.NOTE_BYTES))) {
                return worked;
            }
            writeNote();
            worked = true;
        }
        return worked;
    }

    private boolean noteFits() {
        return out.position() + RecordCodec.aligned(RecordCodec.NOTE_BYTES)
                <= segment.file().bytes();
    }

    private void writeNote() throws IOException {
        CheckpointNote note = notes.remove();
        RecordCodec.writeNote(note, segment.number(), lastRecord + 1, forcedRecord, out);
        lastRecord++;
        force();
        listener.onNoteDurable(note);
    }

    /**
     * Goes on to another segment; what was written is forced. Waits for a checkpoint when there is none: durability is
     * late then, and that is all. It is not the segment for a long record when a note had to have one first.
     *
     * @return false when the store was stopped meanwhile
     */
    private boolean roll(long recordBytes) throws IOException {
        boolean oversized =
                JournalSegment.HEADER_BYTES + recordBytes + JournalSegment.NOTE_RESERVE_BYTES > config.segmentBytes();
        Optional<SegmentFile> next = nextFile(oversized, recordBytes);
        while (next.isEmpty()) {
            if (stopped) {
                return false;
            }
            // The checkpoint that is to free a segment needs its note; it goes into what is kept free for that.
            while (!notes.isEmpty() && noteFits()) {
                writeNote();
            }
            boolean forNote = !notes.isEmpty() && !noteFits();
            SegmentNeed ofRecord = oversized ? SegmentNeed.LONG_RECORD : SegmentNeed.RECORD;
            listener.onSegmentNeeded(forNote ? SegmentNeed.NOTE : ofRecord);
            parker.prepare();
            next = nextFile(oversized && !forNote, recordBytes);
            if (next.isEmpty() && !stopped && (forNote || notes.isEmpty())) {
                parker.park();
            }
            parker.stay();
            if (next.isEmpty()) {
                next = nextFile(oversized && !forNote, recordBytes);
            }
        }
        segment = new JournalSegment(next.get(), segment.number() + 1, lastRecord + 1);
        segment.writeHeader();
        out.moveTo(segment.file().file(), JournalSegment.HEADER_BYTES);
        listener.onSegmentOpened(segment);
        return true;
    }

    private Optional<SegmentFile> nextFile(boolean oversized, long recordBytes) throws IOException {
        return oversized ? pool.pollOversized(segment.number() + 1, recordBytes) : pool.poll();
    }
}

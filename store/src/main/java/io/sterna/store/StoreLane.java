package io.sterna.store;

import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.jctools.queues.SpscUnboundedArrayQueue;

/**
 * A lane into the journal. Unbounded, because an append never blocks: what waits here is bounded by the credit that the
 * broker gives to producers.
 */
final class StoreLane implements Lane {
    private static final int CHUNK = 1024;

    private final DurableStore store;
    private final LaneListener listener;

    // Event loop adds, journal thread takes
    private final SpscUnboundedArrayQueue<LogRecord> records = new SpscUnboundedArrayQueue<>(CHUNK);

    // Event loop
    private long appended;
    private final SequenceGuard sequences;

    /** Up to here somebody waits; event loop writes, journal thread reads. */
    private volatile long awaited;

    // Journal thread
    private long taken;
    private long reported;

    // Any thread
    private final AtomicReference<StoreException> failure = new AtomicReference<>();
    private final AtomicReference<Telling> telling = new AtomicReference<>(Telling.NOTHING);

    /**
     * What the listener hears now. The journal thread goes from NOTHING to DURABLE and back; whoever comes first when the
     * store has failed goes from NOTHING to FAILURE, after which nothing is heard.
     */
    private enum Telling {
        NOTHING,
        DURABLE,
        FAILURE
    }

    StoreLane(DurableStore store, LaneListener listener, Map<Integer, Long> recoveredSequences) {
        this.store = store;
        this.listener = listener;
        sequences = new SequenceGuard(recoveredSequences);
    }

    @Override
    public long stage(LogRecord record) {
        check(record);
        sequences.check(record.partition(), record.operation());
        return add(record);
    }

    @Override
    public long stageUnordered(LogRecord record) {
        check(record);
        return add(record);
    }

    private void check(LogRecord record) {
        store.checkAccepting();
        if (record.partition() < 0) {
            throw new IllegalArgumentException("partition " + record.partition() + " is negative");
        }
        long bytes = RecordCodec.bytes(record);
        if (bytes > MAX_RECORD_BYTES) {
            throw new IllegalArgumentException("a record of " + bytes + " bytes is longer than " + MAX_RECORD_BYTES
                    + ", the most that the journal takes");
        }
    }

    private long add(LogRecord record) {
        records.offer(record);
        appended++;
        return appended;
    }

    @Override
    public void flush() {
        awaited = appended;
        store.wakeJournal();
    }

    @Override
    public void flushSoon() {
        store.wakeJournal();
    }

    /** Journal thread: whether somebody waits for more than was reported. */
    boolean isAwaited() {
        return awaited > reported;
    }

    /** Journal thread: the next record, which stays until {@link #taken}; null when there is none. */
    @SuppressWarnings("NullAway") // The hot path: an Optional for each record would be garbage.
    LogRecord peek() {
        return records.relaxedPeek();
    }

    /** Journal thread: the record that was peeked at is written. */
    void taken() {
        records.poll();
        taken++;
    }

    /** Journal thread: all that was taken is durable. */
    void maybeReport() {
        if (taken > reported && telling.compareAndSet(Telling.NOTHING, Telling.DURABLE)) {
            reported = taken;
            try {
                listener.onDurable(taken);
            } finally {
                telling.set(Telling.NOTHING);
                maybeTellFailure();
            }
        }
    }

    /** Any thread: the store has failed. */
    void fail(StoreException cause) {
        failure.compareAndSet(null, cause);
        maybeTellFailure();
    }

    /** Not while the listener hears that something is durable: the journal thread comes here when it has. */
    private void maybeTellFailure() {
        StoreException cause = failure.get();
        if (cause != null && telling.compareAndSet(Telling.NOTHING, Telling.FAILURE)) {
            listener.onFailed(cause);
        }
    }
}

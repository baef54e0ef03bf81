package io.sterna.store;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.h2.mvstore.MVStoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The store on disk: a journal, and MVStore behind it.
 *
 * <p>Any thread, as {@link Store} says. {@link #recover} and {@link #close} are called by the thread that owns the store.
 */
public final class DurableStore implements Store {
    private static final Logger log = LoggerFactory.getLogger(DurableStore.class);

    private final PatientDisk disk;
    private final StoreConfig config;
    private final AutoCloseable lock;
    private final DamageLog damages = new DamageLog();
    private final AtomicReference<StoreException> failure = new AtomicReference<>();
    private volatile boolean accepting;
    private volatile Optional<Running> running = Optional.empty();
    private volatile long diskId;
    private boolean recovered;
    private boolean closed;

    /** What exists between recovery and closing. */
    private record Running(WorkerParts parts, StoreWorker worker, SpillFiles spill, Map<Integer, Long> sequences) {
        JournalWriter journal() {
            return worker.journal();
        }
    }

    private DurableStore(Disk disk, StoreConfig config, AutoCloseable lock) {
        this.disk = new PatientDisk(disk, config.reserveBytes());
        this.config = config;
        this.lock = lock;
    }

    /**
     * Takes a data directory, which is created when it is missing, with a journal that suits its disk.
     *
     * @throws DirectoryInUseException when another store has it
     * @throws StoreException when it can't be created or written to
     */
    public static DurableStore open(Path dataDirectory) throws StoreException {
        DirectoryLock lock = DirectoryLock.take(dataDirectory);
        FileDisk disk = new FileDisk(dataDirectory);
        return new DurableStore(disk, StoreConfig.defaults().forDisk(disk.totalBytes()), lock);
    }

    /**
     * Takes a data directory, which is created when it is missing.
     *
     * @throws DirectoryInUseException when another store has it
     * @throws StoreException when it can't be created or written to
     */
    public static DurableStore open(Path dataDirectory, StoreConfig config) throws StoreException {
        DirectoryLock lock = DirectoryLock.take(dataDirectory);
        return new DurableStore(new FileDisk(dataDirectory), config, lock);
    }

    /** Opens on a disk of a test's own, without a lock. */
    static DurableStore open(Disk disk, StoreConfig config) {
        return new DurableStore(disk, config, () -> {});
    }

    @Override
    public void recover(RecoveryVisitor visitor) throws StoreException {
        if (recovered || closed) {
            throw new IllegalStateException("a store is recovered once, before it is closed");
        }
        recovered = true;
        start(parts -> {}, parts -> new RecoveryReport(parts, visitor).run(damages));
    }

    @Override
    public void recoverPartitions(RecoveryVisitor visitor) throws StoreException {
        if (recovered || closed) {
            throw new IllegalStateException("a store is recovered once, before it is closed");
        }
        recovered = true;
        start(parts -> {}, parts -> new RecoveryReport(parts, visitor).runPartitions(damages));
    }

    /**
     * Recovers, and gives up what can't be read. What can be is put into files without damage when the store is closed.
     *
     * @param progress hears how much was read
     */
    void repair(StoreInspector.Progress progress) throws StoreException {
        recovered = true;
        start(
                parts -> {
                    parts.blocks().scrub();
                    for (PayloadCheck.Unreadable message : new PayloadCheck(parts, progress).run(damages)) {
                        parts.state().giveUp(message.owner(), message.sequence());
                    }
                },
                parts -> new RecoveryReport(parts, new NoVisitor()).run(damages));
    }

    /** Done between recovery and start. */
    private interface Preparation {
        void prepare(WorkerParts parts) throws IOException, StoreException;
    }

    private void start(Preparation preparation, Preparation report) throws StoreException {
        try {
            SpillFiles spill = SpillFiles.open(disk);
            makeRoom();
            diskId = DiskId.of(disk, damages);
            Recovery.Result result = new Recovery(disk, config, damages).run();
            preparation.prepare(result.parts());
            report.prepare(result.parts());
            StoreWorker worker = new StoreWorker(
                    result.parts(), result.end(), disk.reserve(), damages, this::onFailed, this::reason);
            worker.begin(result.freshNote());
            running = Optional.of(new Running(
                    result.parts(), worker, spill, result.parts().state().highestSequences()));
            accepting = true;
            disk.begin();
            worker.start();
        } catch (IOException | MVStoreException e) {
            if (disk.isFull(0)) {
                throw new StoreException(
                        "The disk of the data directory " + disk.path("") + " has no room: " + e.getMessage()
                                + ". Free " + mebibytes(config.reserveBytes()) + " MiB on it, and start again.",
                        e);
            }
            throw new StoreException("Cannot read the data directory " + disk.path("") + ": " + e.getMessage(), e);
        }
    }

    /** What recovery saves takes room, and so does a segment, which it may need. */
    private void makeRoom() throws IOException {
        disk.reserve().adopt();
        if (disk.isFull(config.reserveBytes())) {
            disk.reserve().release();
        }
    }

    /** Rounded up. */
    private static long mebibytes(long bytes) {
        return (bytes >> 20) + 1;
    }

    @Override
    public long diskId() {
        if (diskId == 0) {
            throw new IllegalStateException("the store is not recovered yet");
        }
        return diskId;
    }

    @Override
    public Lane lane(LaneListener listener) {
        checkAccepting();
        JournalWriter journal = running.orElseThrow().journal();
        StoreLane lane = new StoreLane(this, listener, running.orElseThrow().sequences());
        journal.add(lane);
        StoreException cause = failure.get();
        if (cause != null) {
            lane.fail(cause);
        }
        return lane;
    }

    @Override
    public void read(long queueId, long fromSequence, int maxMessages, long maxBytes, MessageReader reader) {
        if (accepting) {
            running.orElseThrow()
                    .worker()
                    .read(new PendingReads.Read(queueId, fromSequence, maxMessages, maxBytes, reader));
        } else {
            reader.onFailed(reason());
        }
    }

    @Override
    public Contents contents() {
        return running.orElseThrow().worker().contents();
    }

    @Override
    public Spill spill() {
        return running.orElseThrow().spill();
    }

    /** Any thread: why nothing can be read. */
    private StoreException reason() {
        return Optional.ofNullable(failure.get()).orElseGet(() -> new StoreException("The store is closed."));
    }

    @Override
    public StoreMetrics metrics() {
        Optional<Running> now = running;
        if (now.isEmpty()) {
            return new StoreMetrics(0, 0, 0, 0, 0, 0, 0, damages.all().size());
        }
        StoreWorker worker = now.get().worker();
        JournalWriter journal = now.get().journal();
        return new StoreMetrics(
                journal.recordCount(),
                journal.byteCount(),
                journal.forceCount(),
                worker.checkpointCount(),
                worker.segmentsInUse(),
                now.get().parts().pool().fileBytes(),
                worker.messageStoreBytes(),
                damages.all().size());
    }

    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        accepting = false;
        disk.end();
        try {
            if (running.isPresent()) {
                close(running.get());
            }
        } finally {
            try {
                lock.close();
            } catch (Exception e) {
                log.warn("Cannot release the lock of {}: {}", disk.path(""), e.getMessage());
            }
        }
    }

    private void close(Running now) {
        now.spill().close();
        now.journal().drain();
        now.worker().awaitDrained();
        now.journal().stop();
        now.journal().join();
        try {
            now.parts().blocks().close();
            now.parts().pool().closeFree();
            for (JournalSegment segment : now.parts().segments().values()) {
                segment.file().file().close();
            }
        } catch (IOException | MVStoreException e) {
            log.warn("Closing the files in {} failed: {}", disk.path(""), e.getMessage());
        }
    }

    /** Event loops, before each append. */
    void checkAccepting() {
        if (!accepting) {
            StoreException cause = failure.get();
            throw cause == null
                    ? new IllegalStateException("the store is closed or not recovered yet")
                    : new IllegalStateException("the store has failed", cause);
        }
    }

    /** Event loops, after each append. */
    void wakeJournal() {
        running.orElseThrow().journal().wake();
    }

    /** The store's threads: nothing can be promised any more. */
    private void onFailed(String what, Throwable cause) {
        StoreException reason = new StoreException(
                what + " in " + disk.path("") + ": " + cause.getMessage()
                        + ". The store accepts nothing more; repair the disk or free space on it, then restart the broker.",
                cause);
        if (!failure.compareAndSet(null, reason)) {
            return;
        }
        log.error("{}", reason.getMessage(), cause);
        accepting = false;
        Running now = running.orElseThrow();
        now.journal().stop();
        now.worker().stop();
        now.journal().lanes().forEach(lane -> lane.fail(reason));
    }
}

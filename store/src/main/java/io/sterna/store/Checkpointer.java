package io.sterna.store;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import org.h2.mvstore.MVStoreException;

/**
 * Moves what is alive in the journal's oldest segments into MVStore, brings MVStore up to date with what was settled and
 * changed, and saves it. Works in small steps, between which the worker does other things. Owned by the worker.
 *
 * <p>What is saved holds the effects of all records before the cut and of some after it. That does no harm: those after
 * it are replayed, and each of them has the same effect on a message, a node or a partition that already shows it.
 */
final class Checkpointer {
    private static final int HEADERS_PER_STEP = 64;

    private final StoreState state;
    private final BlockStore store;
    private final BlockMover mover;
    private final BlockUpdater updater;
    private final ReferenceWriter references;
    private final StoreConfig config;
    private final BlockMerger merger;
    private final Consumer<CheckpointNote> notes;

    private Phase phase = Phase.IDLE;
    private long cut;
    private long replayFrom;
    private final Deque<QueueState> toMove = new ArrayDeque<>();
    private final Deque<Map.Entry<Block, QueueState>> toUpdate = new ArrayDeque<>();
    private final Deque<ReferenceChunk> toRefer = new ArrayDeque<>();
    private final Set<QueueState> touched = new HashSet<>();
    private final Deque<QueueState> toMerge = new ArrayDeque<>();
    private long mergeFrom;
    private ValueChanges values = new ValueChanges();
    private Optional<MessageCopier> copying = Optional.empty();
    private Optional<CheckpointNote> awaited = Optional.empty();

    /**
     * IDLE → MOVING → UPDATING → REFERRING → MERGING → DELETING → PUTTING_VALUES → SAVING → NOTING → IDLE, each when the one before
     * has no more to do;
     * or IDLE → COPYING → NOTING → IDLE, or back to IDLE when the copy finds no room.
     */
    private enum Phase {
        IDLE,
        MOVING,
        UPDATING,
        REFERRING,
        MERGING,
        DELETING,
        PUTTING_VALUES,
        SAVING,
        COPYING,
        NOTING
    }

    Checkpointer(WorkerParts parts, Consumer<StoreException> damages, Consumer<CheckpointNote> notes) {
        this.state = parts.state();
        this.store = parts.blocks();
        this.mover = new BlockMover(parts, damages);
        this.updater = new BlockUpdater(state, store);
        this.references = new ReferenceWriter(state, store::nodes);
        this.config = parts.config();
        this.merger = new BlockMerger(state, store, config.blockBytes(), damages);
        this.notes = notes;
    }

    boolean isIdle() {
        return phase == Phase.IDLE;
    }

    /**
     * Begins a checkpoint.
     *
     * @param newCut location before which nothing is needed of the journal afterwards
     * @param newReplayFrom number of the first record at or after the cut
     */
    void start(long newCut, long newReplayFrom) {
        cut = newCut;
        replayFrom = newReplayFrom;
        toMove.addAll(state.owners());
        phase = Phase.MOVING;
    }

    /**
     * Does the next slice.
     *
     * @return false when there is nothing to do before the note is durable, or at all
     */
    boolean step() throws StoreException, IOException {
        switch (phase) {
            case MOVING -> move();
            case UPDATING -> update();
            case REFERRING -> refer();
            case MERGING -> merge();
            case DELETING -> delete();
            case PUTTING_VALUES -> putValues();
            case SAVING -> save();
            case COPYING -> copy();
            case IDLE, NOTING -> {
                return false;
            }
        }
        return true;
    }

    /** How much room the disk has to have for the next step, about; 0 when that writes nothing. */
    long roomForStep() {
        return switch (phase) {
            case IDLE, NOTING -> 0;
            case MOVING -> config.stepBytes() + firstBytes();
            // A small one is better tried than given up: it would give back so much more.
            case COPYING -> Math.min(config.stepBytes(), store.copyBytes());
            default -> config.stepBytes();
        };
    }

    /** Of the message that is moved next. */
    private long firstBytes() {
        return Optional.ofNullable(toMove.peek())
                .filter(queue -> !queue.isDeleted())
                .map(queue -> (long) queue.index().firstBytesBefore(cut))
                .orElse(0L);
    }

    /** Whether all is written, and waits for its note in the journal. */
    boolean isNoting() {
        return phase == Phase.NOTING;
    }

    boolean isCopying() {
        return phase == Phase.COPYING;
    }

    /** Stops copying, and forgets what was copied. */
    void giveUpCopy() throws IOException {
        copying = Optional.empty();
        store.giveUpCopy();
        phase = Phase.IDLE;
    }

    /** Counts what recovery has saved as a checkpoint, and has it noted. */
    void noteRecovered(CheckpointNote note) {
        replayFrom = note.replayFrom();
        awaited = Optional.of(note);
        phase = Phase.NOTING;
        notes.accept(note);
    }

    /**
     * Begins to copy what lives in MVStore's file into a new one.
     *
     * @return false when the disk turns out to have no room
     */
    boolean startCopy() throws IOException {
        copying = store.beginCopy();
        if (copying.isPresent()) {
            phase = Phase.COPYING;
        }
        return copying.isPresent();
    }

    /** The note is on stable storage: the checkpoint or the copy is complete. */
    void onNoted(CheckpointNote note) throws IOException {
        if (!awaited.equals(Optional.of(note))) {
            throw new IllegalStateException("noted " + note + " instead of " + awaited);
        }
        store.switchToCopy();
        awaited = Optional.empty();
        phase = Phase.IDLE;
    }

    private void move() throws StoreException {
        long bytes = 0;
        while (bytes < config.sliceBytes()) {
            QueueState queue = toMove.peek();
            if (queue == null) {
                toUpdate.addAll(state.takeChangedBlocks());
                phase = Phase.UPDATING;
                return;
            }
            if (bytes > 0 && firstBytes() > config.sliceBytes()) {
                // It needs more room than others.
                return;
            }
            if (!queue.isDeleted() && queue.index().reachesBefore(cut)) {
                bytes += mover.moveBlock(queue, cut);
                touched.add(queue);
            } else {
                toMove.remove();
            }
            bytes += Long.BYTES;
        }
    }

    private void update() throws StoreException {
        for (int i = 0; i < HEADERS_PER_STEP; i++) {
            Map.Entry<Block, QueueState> next = toUpdate.poll();
            if (next == null) {
                toRefer.addAll(state.references().takeChanged());
                phase = Phase.REFERRING;
                return;
            }
            if (!next.getValue().isDeleted() && updater.update(next.getValue(), next.getKey())) {
                touched.add(next.getValue());
            }
        }
    }

    private void refer() throws StoreException {
        for (int i = 0; i < HEADERS_PER_STEP; i++) {
            ReferenceChunk chunk = toRefer.poll();
            if (chunk == null) {
                toMerge.addAll(touched);
                touched.clear();
                mergeFrom = Long.MIN_VALUE;
                phase = Phase.MERGING;
                return;
            }
            if (!chunk.queue().isDeleted()) {
                references.put(chunk);
            }
        }
        store.maybeCommit();
    }

    private void merge() throws StoreException {
        QueueState queue = toMerge.peek();
        if (queue == null) {
            phase = Phase.DELETING;
            return;
        }
        mergeFrom = queue.isDeleted() ? Long.MAX_VALUE : merger.mergeNext(queue, mergeFrom);
        if (mergeFrom == Long.MAX_VALUE) {
            toMerge.remove();
            mergeFrom = Long.MIN_VALUE;
        }
    }

    private void delete() {
        QueueState queue = state.deletedQueues().peek();
        if (queue == null) {
            values = state.takeChangedValues();
            phase = Phase.PUTTING_VALUES;
            return;
        }
        for (int i = 0; i < HEADERS_PER_STEP; i++) {
            Map.Entry<Long, Block> entry = queue.blocks().pollFirstEntry();
            if (entry == null) {
                references.deleteAll(queue);
                state.deletedQueues().remove();
                break;
            }
            store.remove(entry.getValue());
        }
        store.maybeCommit();
    }

    private void putValues() {
        if (!values.step(store.nodes())) {
            phase = Phase.SAVING;
        }
        store.maybeCommit();
    }

    private void save() {
        store.nodes().putChanges(state);
        note(store.save(replayFrom));
    }

    private void copy() throws IOException {
        MessageCopier copier = copying.orElseThrow();
        try {
            if (!copier.step()) {
                note(copier.save(replayFrom));
                copying = Optional.empty();
            }
        } catch (MVStoreException e) {
            if (!DiskFileStore.foundNoRoom(e)) {
                throw e;
            }
            giveUpCopy();
        }
    }

    private void note(CheckpointNote note) {
        awaited = Optional.of(note);
        phase = Phase.NOTING;
        notes.accept(awaited.get());
    }
}

package io.sterna.store;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.HashSet;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.Consumer;

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
    /** Blocks of which was told that their header is damaged, by number. */
    private final Set<Long> withoutHeader = new HashSet<>();

    private final Deque<QueueState> toMerge = new ArrayDeque<>();
    private long mergeFrom;
    private ValueChanges values = new ValueChanges();
    private Optional<MessageCopier> copying = Optional.empty();
    private Optional<CheckpointNote> awaited = Optional.empty();

    /**
     * IDLE → MOVING → UPDATING → REFERRING → MERGING → DELETING → PUTTING_VALUES → SAVING → NOTING → IDLE, each when the one before
     * has no more to do;
     * or IDLE → COPYING → NOTING → IDLE.
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
    boolean step() throws StoreException {
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

    /** Counts what recovery has saved as a checkpoint, and has it noted. */
    void noteRecovered(CheckpointNote note) {
        replayFrom = note.replayFrom();
        awaited = Optional.of(note);
        phase = Phase.NOTING;
        notes.accept(note);
    }

    /** Begins to copy what lives in MVStore's file into a new one. */
    void startCopy() throws IOException {
        copying = Optional.of(store.beginCopy());
        phase = Phase.COPYING;
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
            if (!next.getValue().isDeleted()) {
                update(next.getValue(), next.getKey());
            }
        }
    }

    private void update(QueueState queue, Block block) throws StoreException {
        if (block.live() == 0) {
            queue.blocks().remove(block.firstSequence());
            store.remove(block);
            // Its last message may have been settled since the changes were taken, which counts as one more.
            state.forgetChange(block);
            return;
        }
        Optional<BlockHeader> found = header(queue, block);
        if (found.isEmpty()) {
            return;
        }
        BlockHeader header = found.get();
        NavigableMap<Integer, Update> updates = new TreeMap<>(header.updates());
        for (int at = 0; at < block.count(); at++) {
            if (!block.isLive(at)) {
                updates.remove(at);
            } else if (!queue.updates().isEmpty()) {
                int place = at;
                state.takeUpdate(queue, block.sequence(at)).ifPresent(update -> updates.put(place, update));
            }
        }
        store.putHeader(block.number(), header.with(block.settled().clone(), updates));
        store.maybeCommit();
        touched.add(queue);
    }

    /** Empty when it is damaged: nothing can be read of the block then, and no later start finds it. */
    private Optional<BlockHeader> header(QueueState queue, Block block) throws StoreException {
        try {
            return Optional.of(store.header(block.number()));
        } catch (DamageException e) {
            if (withoutHeader.add(block.number())) {
                store.onHeaderDamage(
                        block.number(),
                        new StoreException(
                                e.getMessage() + " The block holds messages of " + state.nameOf(queue)
                                        + ", which can't be delivered.",
                                e));
            }
            return Optional.empty();
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
        for (long nodeId : state.takeChangedNodes()) {
            StoreState.NodeEntry node = state.nodes().get(nodeId);
            if (node == null) {
                store.nodes().removeNode(nodeId);
            } else {
                store.nodes().putNode(node.partition(), node.node());
            }
        }
        for (int partition : state.takeChangedPartitions()) {
            StoreState.Mark mark = state.partitions().get(partition);
            store.nodes().putPartition(partition, mark.epoch(), mark.index());
        }
        note(store.save(replayFrom));
    }

    private void copy() {
        MessageCopier copier = copying.orElseThrow();
        if (!copier.step()) {
            note(copier.save(replayFrom));
            copying = Optional.empty();
        }
    }

    private void note(CheckpointNote note) {
        awaited = Optional.of(note);
        phase = Phase.NOTING;
        notes.accept(awaited.get());
    }
}

package io.sterna.store;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;

/** Checkpoints of a recovered store that no worker runs, as many steps at a time as a test wants. */
final class Checkpoints {
    private final Deque<CheckpointNote> notes = new ArrayDeque<>();
    private final WorkerParts parts;
    private final Checkpointer checkpointer;

    Checkpoints(CrashDisk disk, StoreConfig config) throws IOException, StoreException {
        this(disk, config, new DamageLog());
    }

    private Checkpoints(CrashDisk disk, StoreConfig config, DamageLog damages) throws IOException, StoreException {
        this(new Recovery(disk, config, damages).run().parts(), damages);
    }

    Checkpoints(WorkerParts parts, DamageLog damages) {
        this.parts = parts;
        checkpointer = new Checkpointer(parts, damages::add, notes::add);
    }

    StoreState state() {
        return parts.state();
    }

    BlockStore blocks() {
        return parts.blocks();
    }

    /** Begins one that sets nothing of the journal free. */
    void start() {
        checkpointer.start(0, 1);
    }

    void step() throws IOException, StoreException {
        checkpointer.step();
    }

    void finish() throws IOException, StoreException {
        while (checkpointer.step()) {
            // Until the note is to be written.
        }
        checkpointer.onNoted(notes.removeLast());
    }

    void run() throws IOException, StoreException {
        start();
        finish();
    }

    void copy() throws IOException, StoreException {
        checkpointer.startCopy();
        finish();
    }
}

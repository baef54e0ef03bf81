package io.sterna.store;

import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Decides when messages are to be moved out of the journal, when the message file is to be copied and when there is
 * time to tidy up, and carries on what was begun as far as the disk has room. Owned by the worker.
 */
final class Housekeeper {
    /** Updates held in memory before a checkpoint is worth its while. */
    private static final int MAX_PENDING_UPDATES = 100_000;
    /** Values held in memory before a checkpoint is worth its while. */
    private static final long MAX_PENDING_VALUE_BYTES = 32 << 20;
    /** Bytes of MVStore that became useless, in slices, before a checkpoint is worth its while. */
    private static final long RECLAIM_SLICES = 64;
    /** Size of MVStore's file, in slices, that is not worth making smaller. */
    private static final long SLACK_SLICES = 16;
    /**
     * The same while there is nothing else to do: a drained store is not to take more than its journal and the reserve.
     */
    private static final long SLACK_BYTES_AT_REST = 1 << 20;

    private static final Logger log = LoggerFactory.getLogger(Housekeeper.class);

    private final Disk disk;
    private final StoreConfig config;
    private final StoreState state;
    private final BlockStore blocks;
    private final JournalSpace journal;
    private final DiskRoom room;
    private final Checkpointer checkpointer;
    private final Idleness idleness = new Idleness();

    private long lastRecord;
    private long noted;
    /** So many updates the last checkpoint could do nothing about: their messages stayed in the journal. */
    private int updatesLeft;

    private boolean drained;
    private boolean lastCheckpoint;
    private boolean finished;

    Housekeeper(WorkerParts parts, long lastRecord, JournalSpace journal, DiskRoom room, Checkpointer checkpointer) {
        disk = parts.disk();
        config = parts.config();
        state = parts.state();
        blocks = parts.blocks();
        this.lastRecord = lastRecord;
        this.journal = journal;
        this.room = room;
        this.checkpointer = checkpointer;
    }

    /** Before anything else: has noted what recovery has saved. */
    void begin(CheckpointNote note) {
        noted = note.replayFrom();
        checkpointer.noteRecovered(note);
    }

    /** The state has the effects of all records up to this one. */
    void onWork(long newLastRecord) {
        lastRecord = newLastRecord;
        idleness.beginAnew();
    }

    /** Nothing more will come: a last checkpoint follows. */
    void onDrained() {
        drained = true;
    }

    /** A checkpoint or a copy is complete. */
    void onNoted(CheckpointNote note) throws IOException {
        checkpointer.onNoted(note);
        noted = note.replayFrom();
        updatesLeft = Math.min(updatesLeft, state.pendingUpdates());
        journal.free(note.replayFrom());
        finished = lastCheckpoint;
    }

    /** Whether the last checkpoint is complete. */
    boolean isFinished() {
        return finished;
    }

    /** Whether nothing has come for long, and it was tidied up. */
    boolean isAtRest() {
        return idleness.hasBegun();
    }

    /** Begins what is due, if nothing is under way. */
    void maybeStart() throws IOException {
        if (!checkpointer.isIdle() || finished) {
            return;
        }
        if (blocks.mustBeCopied()) {
            maybeStartCopy();
        } else if (drained) {
            lastCheckpoint = true;
            // What was noted may be further on: notes are records too, which are not counted here.
            checkpointer.start(Long.MAX_VALUE, Math.max(noted, lastRecord + 1));
        } else if (journal.mustBeFreed()) {
            start(journal.countToFree());
        } else if (journal.isHalfFull() && room.hasForSegment()) {
            start(journal.count() / 2);
        } else if (state.pendingUpdates() - updatesLeft >= MAX_PENDING_UPDATES
                || state.values().bytes() >= MAX_PENDING_VALUE_BYTES) {
            start(room.hasForSegment() ? journal.count() / 2 : 0);
        } else if (state.reclaimableBytes()
                >= Math.max(RECLAIM_SLICES * config.sliceBytes(), blocks.neededBytes() / 2)) {
            start(0);
        } else if (!blocks.isWasteful(SLACK_SLICES * config.sliceBytes()) || !maybeStartCopy()) {
            maybeTidyUp();
        }
    }

    /** Begins a checkpoint that sets so many of the oldest segments free. */
    private void start(int count) {
        updatesLeft = state.pendingUpdates();
        JournalSegment first = journal.firstAfter(count);
        // It may begin before what was noted: a replay from there would find its messages twice.
        checkpointer.start(Location.of(first.number(), 0), Math.max(noted, first.firstRecord()));
    }

    private boolean maybeStartCopy() throws IOException {
        if (!room.hasToSaveSpace(config.roomToCopy(blocks.copyBytes()))) {
            return false;
        }
        boolean started = checkpointer.startCopy();
        if (!started) {
            room.onMissed();
        }
        return started;
    }

    private void maybeTidyUp() throws IOException {
        if (idleness.begins() && isWorthTidying()) {
            if (room.hasToSaveSpace(config.roomToMove(journal.bytesToMove()))) {
                start(journal.count() - 1);
            } else {
                // What is moved takes room before it gives any back.
                journal.deleteSpare();
                idleness.beginAnew();
            }
        } else if (idleness.hasBegun()) {
            journal.deleteSpare();
            if (blocks.isWasteful(SLACK_BYTES_AT_REST)) {
                maybeStartCopy();
            }
        }
    }

    private boolean isWorthTidying() {
        return journal.count() > 1
                || state.reclaimableBytes() >= Math.min(SLACK_BYTES_AT_REST, SLACK_SLICES * config.sliceBytes());
    }

    /**
     * Does the next step of what was begun. When the disk has no room for it a copy is given up; a checkpoint takes
     * what is kept for it, and what the journal can do without, and then waits.
     *
     * @return false when there is nothing to do, or no room for it
     */
    boolean step() throws StoreException, IOException {
        long bytes = checkpointer.roomForStep();
        if (room.hasForStep(bytes)) {
            return checkpointer.step();
        }
        if (checkpointer.isCopying()) {
            checkpointer.giveUpCopy();
            return true;
        }
        // The last checkpoint can be left out.
        if (!drained && room.makeForCheckpoint()) {
            return true;
        }
        room.onCheckpointWaits(bytes);
        return false;
    }

    /** When nothing was done in this turn: makes the reserve, unless a checkpoint has taken it and waits for more. */
    void maybeMakeReserve() throws IOException {
        if (checkpointer.isIdle()) {
            room.maybeMakeReserve();
        }
    }

    /** Whether nothing goes on for the lack of room, when nothing was done in this turn. */
    boolean isStuck() {
        boolean waits = checkpointer.isNoting() ? journal.isNeededForNote() : drained || journal.isNeeded();
        return waits && room.isMissed();
    }

    /**
     * Leaves out what the disk has no room for; what is in the journal is safe there.
     *
     * @throws StoreException when something is not in the journal; it has been promised to nobody
     */
    void endWithoutRoom() throws StoreException {
        if (!drained) {
            throw new StoreException(
                    "the disk has no room for all that was still to be stored; nothing of that was confirmed");
        }
        log.warn(
                "The disk of {} has no room for a last checkpoint. Nothing is lost by that, the next start will read more"
                        + " of the journal; free space on the disk before.",
                disk.path(""));
    }
}

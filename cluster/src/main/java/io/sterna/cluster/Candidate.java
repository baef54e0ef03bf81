package io.sterna.cluster;

import io.sterna.cluster.ReplicaMessage.Append;
import io.sterna.cluster.ReplicaMessage.Appended;
import io.sterna.cluster.ReplicaMessage.Attached;
import io.sterna.cluster.ReplicaMessage.Dropped;
import io.sterna.cluster.ReplicaMessage.Join;
import io.sterna.cluster.ReplicaMessage.Part;
import io.sterna.cluster.ReplicaMessage.PartApplied;

/**
 * Not in sync. Where a replica is wanted here, it lets the owner make its content equal: it tells what it holds, and from then
 * on takes new records and, between them, what differs. When anything is missing it begins again. Owned by the replica's loop.
 *
 * <p>Nothing is touched before the owner agrees: it does not while it asks the table to make this node a member. What is
 * held of another lineage counts for nothing: it is removed then.
 *
 * <pre>
 * IDLE -(a replica is wanted)-> READING -(what is held)-> ASKING -(Attached)-> ATTACHED
 * ATTACHED -(silence, or something is missing)-> READING
 * </pre>
 */
final class Candidate extends Role {
    /** The pause between two requests to join gets longer, up to so many times. */
    private static final int MOST_PAUSES = 5;

    private final Receiver receiver;
    private Phase phase = Phase.IDLE;
    private long attempt;
    private Holdings held = Holdings.NOTHING;
    private long stream;
    private int lastPart;

    /** Parts that are on disk. */
    private int partsApplied;

    /** When anything came from the owner, even a part of a message. */
    private long octetsMillis;

    /** When a message came on this stream. */
    private long heardMillis;

    /** Something has come since it last answered. */
    private boolean heard;

    private long askedMillis;

    /** How often; what is held may take much to tell. */
    private int asked;

    private long answeredMillis;

    private enum Phase {
        IDLE,
        READING,
        ASKING,
        ATTACHED
    }

    Candidate(ReplicaContext context, PartitionView view) {
        super(context, view);
        receiver = new Receiver(context);
    }

    @Override
    void begin() {
        if (journal().standing().known().findAny().isEmpty()) {
            // Should all who have the partition lose their disks, others still know that it was there, and on which
            // disks.
            journal().write(journal().standing().proposing(view()));
        }
        start();
    }

    @Override
    void tick() {
        long now = context().nowMillis();
        if (phase == Phase.IDLE || (phase == Phase.ATTACHED && isAlone(now))) {
            start();
        } else if (phase == Phase.ASKING
                && now - askedMillis >= asked * context().times().resendMillis()) {
            ask();
        } else if (phase == Phase.ATTACHED
                && heard
                && now - answeredMillis >= context().times().heartbeatMillis()) {
            answer();
        }
    }

    /** The owner is silent, or says nothing on this stream. */
    private boolean isAlone(long now) {
        ReplicaSettings.Times times = context().times();
        return now - octetsMillis > times.backupTimeoutMillis() || now - heardMillis > times.answerTimeoutMillis();
    }

    private void start() {
        boolean hasOwner = !view().owner().equals(context().self());
        if (hasOwner && context().wanted().contains(context().self())) {
            phase = Phase.READING;
            attempt = context().newAttempt();
            context().log().readHoldings(attempt);
        } else {
            phase = Phase.IDLE;
        }
    }

    void onHoldings(long itsAttempt, Holdings holdings) {
        if (phase == Phase.READING && itsAttempt == attempt) {
            phase = Phase.ASKING;
            held = holdings;
            asked = 0;
            ask();
        }
    }

    private void ask() {
        askedMillis = context().nowMillis();
        asked = Math.min(asked + 1, MOST_PAUSES);
        Holdings counting = holdsOtherLineage() ? Holdings.NOTHING : held;
        send(view().owner(), new Join(partition(), epoch(), attempt, context().disk(), counting));
    }

    /** What is here is of another lineage, or there is nothing that says of which. */
    private boolean holdsOtherLineage() {
        Standing standing = journal().standing();
        return standing.view().isEmpty() || context().rules().isOfOtherLineage(standing, view());
    }

    @Override
    void onOctets(String from) {
        if (from.equals(view().owner())) {
            octetsMillis = context().nowMillis();
            heard = true;
        }
    }

    private void onHeard() {
        heardMillis = context().nowMillis();
        octetsMillis = heardMillis;
        heard = true;
    }

    @Override
    void onMessage(String from, ReplicaMessage message) {
        if (message instanceof Attached attached) {
            onAttached(attached);
        } else if (message instanceof Append append) {
            onAppend(append);
        } else if (message instanceof Part part) {
            onPart(part);
        } else if (message instanceof Dropped dropped && phase == Phase.ATTACHED && dropped.stream() == stream) {
            start();
        }
    }

    private void onAttached(Attached attached) {
        if (phase == Phase.ASKING && attached.attempt() == attempt) {
            phase = Phase.ATTACHED;
            held = Holdings.NOTHING;
            stream = attached.stream();
            lastPart = 0;
            partsApplied = 0;
            onHeard();
            if (holdsOtherLineage()) {
                // In this order: what is left of it must never look as if it was of this lineage, nor as if it was all.
                journal().write(journal().standing().withWhole(false));
                journal().clear();
            }
            // Not whole, it must not be taken back into an older view, in which it was in sync.
            journal().write(journal().standing().promising(view()).withWhole(false));
            context().restartAt(attached.from());
        }
    }

    private void onAppend(Append append) {
        if (phase != Phase.ATTACHED || append.stream() != stream) {
            return;
        }
        onHeard();
        if (append.parts() != lastPart || !receiver.take(append)) {
            start();
        } else if (append.records().isEmpty()) {
            answer();
        } else {
            whenStillAttached(this::answer);
        }
    }

    private void onPart(Part part) {
        if (phase != Phase.ATTACHED || part.stream() != stream || part.number() <= lastPart) {
            return;
        }
        onHeard();
        if (part.number() != lastPart + 1 || !part.asOf().equals(journal().end())) {
            start();
            return;
        }
        lastPart++;
        journal().apply(part.difference());
        if (part.difference().last()) {
            // Records came without what the parts have brought: they must never be sent on.
            if (context().rules().forgetsReduced()) {
                context().restartAt(part.asOf());
            }
            journal().write(journal().standing().withWhole(true));
        }
        whenStillAttached(() -> {
            partsApplied = part.number();
            answer();
        });
    }

    /** Runs when all that was written is on disk, if it is for the same stream by then. */
    private void whenStillAttached(Runnable action) {
        long its = stream;
        whenDurable(() -> {
            if (phase == Phase.ATTACHED && stream == its) {
                action.run();
            }
        });
    }

    /** Tells how far it is; also what it has told before, since an answer may have been lost. */
    private void answer() {
        answeredMillis = context().nowMillis();
        heard = false;
        long durable = journal().durable().index();
        long end = journal().end().index();
        send(view().owner(), new Appended(partition(), epoch(), stream, durable, end, false));
        if (partsApplied > 0) {
            send(view().owner(), new PartApplied(partition(), epoch(), stream, partsApplied));
        }
    }
}

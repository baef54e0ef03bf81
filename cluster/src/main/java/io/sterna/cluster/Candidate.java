package io.sterna.cluster;

import io.sterna.cluster.ReplicaMessage.Append;
import io.sterna.cluster.ReplicaMessage.Appended;
import io.sterna.cluster.ReplicaMessage.Attached;
import io.sterna.cluster.ReplicaMessage.Join;
import io.sterna.cluster.ReplicaMessage.Part;
import io.sterna.cluster.ReplicaMessage.PartApplied;

/**
 * Not in sync. Where a replica is wanted here, it lets the owner make its content equal: it tells what it holds, and from then
 * on takes new records and, between them, what differs. When anything is missing it begins again. Owned by the replica's loop.
 *
 * <p>Nothing is touched before the owner agrees: it does not while it asks the table to make this node a member.
 *
 * <pre>
 * IDLE -(a replica is wanted)-> READING -(what is held)-> ASKING -(Attached)-> ATTACHED
 * ATTACHED -(silence, or something is missing)-> READING
 * </pre>
 */
final class Candidate extends Role {
    private final Receiver receiver;
    private Phase phase = Phase.IDLE;
    private long attempt;
    private Holdings held = Holdings.NOTHING;
    private long stream;
    private int lastPart;

    /** Parts that are on disk. */
    private int partsApplied;

    /** When anything came from the owner, even a part of a message. */
    private long heardMillis;

    /** Something has come since it last answered. */
    private boolean heard;

    private long askedMillis;
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
        start();
    }

    @Override
    void tick() {
        long now = context().nowMillis();
        boolean silent = now - heardMillis > context().times().backupTimeoutMillis();
        if (phase == Phase.IDLE || (phase == Phase.ATTACHED && silent)) {
            start();
        } else if (phase == Phase.ASKING
                && now - askedMillis >= context().times().resendMillis()) {
            ask();
        } else if (phase == Phase.ATTACHED
                && heard
                && now - answeredMillis >= context().times().heartbeatMillis()) {
            answer();
        }
    }

    private void start() {
        if (context().wanted().contains(context().self())) {
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
            ask();
        }
    }

    private void ask() {
        askedMillis = context().nowMillis();
        send(view().owner(), new Join(partition(), epoch(), attempt, held));
    }

    @Override
    void onOctets(String from) {
        if (from.equals(view().owner())) {
            onHeard();
        }
    }

    private void onHeard() {
        heardMillis = context().nowMillis();
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
            // Records came without what the parts have brought: they are of no use to anybody else.
            context().restartAt(part.asOf());
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

    @Override
    void flush() {
        // It answers at once.
    }
}

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
 * IDLE -(a replica is wanted)-> ASKING -(Attached)-> ATTACHED -(silence, or something is missing)-> ASKING
 * </pre>
 */
final class Candidate extends Role {
    private final Receiver receiver;
    private Phase phase = Phase.IDLE;
    private long attempt;
    private long stream;
    private int lastPart;

    /** Parts that are on disk. */
    private int partsApplied;

    private long heardMillis;
    private long askedMillis;

    private enum Phase {
        IDLE,
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
        }
    }

    private void start() {
        if (context().wanted().contains(context().self())) {
            phase = Phase.ASKING;
            attempt = context().newAttempt();
            ask();
        } else {
            phase = Phase.IDLE;
        }
    }

    private void ask() {
        askedMillis = context().nowMillis();
        send(
                view().owner(),
                new Join(partition(), epoch(), attempt, context().log().holdings()));
    }

    @Override
    void onMessage(String from, ReplicaMessage message) {
        if (message instanceof Attached attached) {
            onAttached(attached);
        } else if (message instanceof Append append) {
            onAppend(from, append);
        } else if (message instanceof Part part) {
            onPart(from, part);
        }
    }

    private void onAttached(Attached attached) {
        if (phase == Phase.ASKING && attached.attempt() == attempt) {
            phase = Phase.ATTACHED;
            stream = attached.stream();
            lastPart = 0;
            partsApplied = 0;
            heardMillis = context().nowMillis();
            // Not whole, it must not be taken back into an older view, in which it was in sync.
            journal().write(journal().standing().promising(view()).withWhole(false));
            context().restartAt(attached.from());
        }
    }

    private void onAppend(String from, Append append) {
        if (phase != Phase.ATTACHED || append.stream() != stream) {
            return;
        }
        heardMillis = context().nowMillis();
        if (!receiver.take(append)) {
            start();
            return;
        }
        whenDurable(() -> {
            if (append.stream() != stream) {
                return;
            }
            long durable = journal().durable().index();
            long end = journal().end().index();
            send(from, new Appended(partition(), epoch(), append.stream(), durable, end, false));
            if (append.records().isEmpty() && partsApplied > 0) {
                // The answer to the part may have been lost.
                send(from, new PartApplied(partition(), epoch(), append.stream(), partsApplied));
            }
        });
    }

    private void onPart(String from, Part part) {
        if (phase != Phase.ATTACHED || part.stream() != stream || part.number() <= lastPart) {
            return;
        }
        heardMillis = context().nowMillis();
        if (part.number() != lastPart + 1 || !part.asOf().equals(journal().end())) {
            start();
            return;
        }
        lastPart++;
        journal().apply(part.difference());
        if (part.difference().last()) {
            journal().write(journal().standing().withWhole(true));
        }
        whenDurable(() -> {
            if (part.stream() == stream) {
                partsApplied = part.number();
            }
            send(from, new PartApplied(partition(), epoch(), part.stream(), part.number()));
        });
    }
}

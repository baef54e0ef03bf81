package io.sterna.cluster;

import io.sterna.cluster.ReplicaMessage.Append;
import io.sterna.cluster.ReplicaMessage.Appended;
import io.sterna.cluster.ReplicaMessage.Begin;
import io.sterna.cluster.ReplicaMessage.Begun;

/**
 * In sync, and not the owner: it promises to take nothing of older epochs, and from then on writes what the owner sends.
 * Owned by the replica's loop.
 */
final class Backup extends Role {
    private final Receiver receiver;

    /** What is in the log is of the owner's history: the promise of this epoch was on disk before anything of it came. */
    private boolean promised;

    Backup(ReplicaContext context, PartitionView view) {
        super(context, view);
        receiver = new Receiver(context);
    }

    @Override
    void begin() {
        requireWhole();
        promised = journal().durableStanding().epoch() == epoch();
    }

    @Override
    void onMessage(String from, ReplicaMessage message) {
        if (message instanceof Begin) {
            onBegin(from);
        } else if (message instanceof Append append) {
            onAppend(from, append);
        }
    }

    private void onBegin(String from) {
        if (journal().standing().epoch() < epoch()) {
            journal().write(journal().standing().promising(view()));
        }
        whenDurable(() -> {
            promised = true;
            send(from, new Begun(partition(), epoch(), journal().durable()));
        });
    }

    private void onAppend(String from, Append append) {
        if (!promised || append.stream() != ReplicaMessage.IN_SYNC) {
            return;
        }
        if (!receiver.take(append)) {
            send(from, appended(true));
        } else if (append.records().isEmpty()) {
            send(from, appended(false));
        } else {
            whenDurable(() -> send(from, appended(false)));
        }
    }

    private Appended appended(boolean gap) {
        return new Appended(
                partition(),
                epoch(),
                ReplicaMessage.IN_SYNC,
                journal().durable().index(),
                journal().end().index(),
                gap);
    }

    @Override
    void tick() {
        // The owner does what has to be done in time.
    }
}

package io.sterna.cluster;

import io.sterna.cluster.ReplicaMessage.Append;
import io.sterna.cluster.ReplicaMessage.Appended;
import io.sterna.cluster.ReplicaMessage.Begin;
import io.sterna.cluster.ReplicaMessage.Begun;
import java.util.Optional;

/**
 * In sync, and not the owner: it promises to take nothing of older epochs, and from then on writes what the owner sends.
 * Owned by the replica's loop.
 */
final class Backup extends Role {
    private final Receiver receiver;

    /** What is in the log is of the owner's history: the promise of this epoch was on disk before anything of it came. */
    private boolean promised;

    /** Something has come from the owner since it was last answered. */
    private boolean heard;

    private long answeredMillis;

    Backup(ReplicaContext context, PartitionView view) {
        super(context, view);
        receiver = new Receiver(context);
    }

    @Override
    void begin() {
        promised = journal().durableStanding().view().equals(Optional.of(view()));
    }

    @Override
    void onMessage(String from, ReplicaMessage message) {
        if (message instanceof Begin) {
            onBegin(from);
        } else if (message instanceof Append append) {
            onAppend(append);
        }
    }

    private void onBegin(String from) {
        if (!journal().standing().view().equals(Optional.of(view()))) {
            journal().write(journal().standing().promising(view()));
        }
        whenDurable(() -> {
            promised = true;
            send(from, new Begun(partition(), epoch(), journal().durable()));
        });
    }

    @Override
    void onOctets(String from) {
        heard |= from.equals(view().owner());
    }

    private void onAppend(Append append) {
        heard = true;
        if (!promised || append.stream() != ReplicaMessage.IN_SYNC) {
            return;
        }
        if (!receiver.take(append)) {
            answer(true);
        } else if (append.records().isEmpty()) {
            answer(false);
        } else {
            whenDurable(() -> answer(false));
        }
    }

    private void answer(boolean gap) {
        heard = false;
        answeredMillis = context().nowMillis();
        long durable = journal().durable().index();
        long written = journal().end().index();
        send(view().owner(), new Appended(partition(), epoch(), ReplicaMessage.IN_SYNC, durable, written, gap));
    }

    /** The owner hears of this one while a message of its own takes long, or the disk does. */
    @Override
    void tick() {
        if (promised
                && heard
                && context().nowMillis() - answeredMillis >= context().times().heartbeatMillis()) {
            answer(false);
        }
    }
}

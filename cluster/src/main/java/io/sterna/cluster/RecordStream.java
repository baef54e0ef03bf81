package io.sterna.cluster;

import io.sterna.cluster.ReplicaMessage.Append;
import io.sterna.store.LogRecord;
import java.util.List;

/** The way of an owner's records to one other node. Owned by the replica's loop. */
final class RecordStream {
    private final String node;
    private final Owner owner;
    private final long number;
    private int parts;
    private long sentMillis;

    /** @param number {@link ReplicaMessage#IN_SYNC}, or the one that a candidate is attached to */
    RecordStream(String node, Owner owner, long number) {
        this.node = node;
        this.owner = owner;
        this.number = number;
    }

    String node() {
        return node;
    }

    long number() {
        return number;
    }

    /** A part of the difference goes out on this stream, too; its number. */
    int nextPart() {
        onOtherSent();
        return ++parts;
    }

    int parts() {
        return parts;
    }

    /** The node hears of the owner by something else that was sent just now. */
    void onOtherSent() {
        sentMillis = owner.context().nowMillis();
    }

    /** Records follow the one at {@code before}. */
    void send(Position before, List<LogRecord> records) {
        onOtherSent();
        long committed = owner.context().committed();
        owner.send(node, new Append(owner.partition(), owner.epoch(), number, parts, before, records, committed));
    }

    /** Lets the node hear of the owner again when that is due. */
    void maybeSendHeartbeat(Position before) {
        long silentMillis = owner.context().nowMillis() - sentMillis;
        if (silentMillis >= owner.context().times().heartbeatMillis()) {
            send(before, List.of());
        }
    }
}

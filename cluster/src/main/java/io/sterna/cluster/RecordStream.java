package io.sterna.cluster;

import io.sterna.cluster.ReplicaMessage.Append;
import io.sterna.store.LogRecord;
import java.util.List;

/**
 * The records of an owner's log on their way to one other node, in order. It may be set back, to send again. Owned by the
 * replica's loop.
 */
final class RecordStream {
    private final String node;
    private final Owner owner;
    private final long number;
    private long sent;
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

    /** The index of the last record that was sent. */
    long sent() {
        return sent;
    }

    /** The next record to be sent is the one after this. */
    void goOnAfter(long index) {
        sent = index;
    }

    /** The node hears of the owner by something else that was sent just now. */
    void onOtherSent() {
        sentMillis = owner.context().nowMillis();
    }

    /** Sends all that was not sent. */
    void pump() {
        Journal journal = owner.journal();
        while (sent < journal.end().index()) {
            send(journal.from(sent + 1, owner.context().limits().batchRecords()));
        }
    }

    /** Whether the node should hear of the owner again. */
    boolean isHeartbeatDue() {
        return owner.context().nowMillis() - sentMillis
                >= owner.context().times().heartbeatMillis();
    }

    void sendHeartbeat() {
        send(List.of());
    }

    private void send(List<LogRecord> records) {
        Position before = owner.journal().at(sent).orElseThrow();
        long committed = owner.context().committed();
        sent += records.size();
        onOtherSent();
        owner.send(node, new Append(owner.partition(), owner.epoch(), number, before, records, committed));
    }
}

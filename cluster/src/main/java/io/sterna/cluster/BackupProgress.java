package io.sterna.cluster;

import io.sterna.cluster.ReplicaMessage.Append;
import io.sterna.cluster.ReplicaMessage.Appended;
import io.sterna.store.LogRecord;
import java.util.List;
import java.util.Optional;

/**
 * How far one in-sync backup is, as its owner knows. Owned by the replica's loop.
 *
 * <p>Invariant: {@code acknowledged ≤ sent ≤ end of the owner's log}.
 */
final class BackupProgress {
    private final String node;
    private final Owner owner;
    private Optional<Position> begun = Optional.empty();
    private long sent;
    private long acknowledged;
    private long heardMillis;

    /** From here on it is to blame for being silent. */
    private long expectedMillis;

    private long sentMillis;

    /** When it had all, or last got on. */
    private long progressMillis;

    BackupProgress(String node, Owner owner) {
        this.node = node;
        this.owner = owner;
        heardMillis = now();
        onResumed();
    }

    String node() {
        return node;
    }

    /** Where its log ended when it promised; empty until then. */
    Optional<Position> begun() {
        return begun;
    }

    void onBegun(Position end) {
        if (begun.isEmpty()) {
            begun = Optional.of(end);
            sent = end.index();
            acknowledged = end.index();
        }
        heardMillis = now();
        onResumed();
    }

    /** All up to here is on its disk. */
    long acknowledged() {
        return acknowledged;
    }

    /** It is not to blame for what was not heard while this node slept. */
    void onResumed() {
        expectedMillis = now();
        progressMillis = now();
    }

    void onAppended(Appended appended) {
        heardMillis = now();
        if (appended.durable() > acknowledged) {
            acknowledged = appended.durable();
            progressMillis = now();
        }
        sent = Math.max(sent, acknowledged);
        if (appended.gap()) {
            sent = Math.max(acknowledged, appended.written());
            pump();
        }
    }

    /** Sends all that was not sent. */
    void pump() {
        Journal journal = owner.journal();
        while (sent < journal.end().index()) {
            send(journal.from(sent + 1, owner.context().limits().batchRecords()));
        }
    }

    private void send(List<LogRecord> records) {
        Position before = owner.journal().at(sent).orElseThrow();
        long committed = owner.context().committed();
        sent += records.size();
        sentMillis = now();
        owner.send(
                node, new Append(owner.partition(), owner.epoch(), ReplicaMessage.IN_SYNC, before, records, committed));
    }

    void tick() {
        long end = owner.journal().end().index();
        if (acknowledged == end) {
            progressMillis = now();
        }
        if (now() - sentMillis < owner.context().times().heartbeatMillis()) {
            return;
        }
        if (acknowledged < sent
                && now() - progressMillis >= owner.context().times().resendMillis()) {
            sent = acknowledged;
            pump();
        } else {
            send(List.of());
        }
    }

    boolean isLate() {
        long timeout = owner.context().times().backupTimeoutMillis();
        return now() - Math.max(heardMillis, expectedMillis) > timeout || now() - progressMillis > timeout;
    }

    boolean isSilent() {
        return now() - heardMillis > owner.context().times().deliveryTimeoutMillis();
    }

    private long now() {
        return owner.context().nowMillis();
    }
}

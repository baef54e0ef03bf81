package io.sterna.cluster;

import io.sterna.cluster.ReplicaMessage.Appended;
import java.util.Optional;

/**
 * How far one in-sync backup is, as its owner knows. Owned by the replica's loop.
 *
 * <p>Invariant: {@code acknowledged ≤ sent ≤ end of the owner's log}.
 */
final class BackupProgress {
    private final Owner owner;
    private final RecordStream stream;
    private Optional<Position> begun = Optional.empty();
    private long acknowledged;
    private long heardMillis;

    /** From here on it is to blame for being silent. */
    private long expectedMillis;

    /** When it had all, or last got on. */
    private long progressMillis;

    BackupProgress(String node, Owner owner) {
        this.owner = owner;
        stream = new RecordStream(node, owner, ReplicaMessage.IN_SYNC);
        heardMillis = now();
        onResumed();
    }

    String node() {
        return stream.node();
    }

    /** Where its log ended when it promised; empty until then. */
    Optional<Position> begun() {
        return begun;
    }

    void onBegun(Position end) {
        if (begun.isEmpty()) {
            begun = Optional.of(end);
            stream.goOnAfter(end.index());
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
        stream.goOnAfter(Math.max(stream.sent(), acknowledged));
        if (appended.gap()) {
            stream.goOnAfter(Math.max(acknowledged, appended.written()));
            stream.pump();
        }
    }

    /** Sends all that was not sent. */
    void pump() {
        stream.pump();
    }

    void tick() {
        long end = owner.journal().end().index();
        if (acknowledged == end) {
            progressMillis = now();
        }
        if (!stream.isHeartbeatDue()) {
            return;
        }
        if (acknowledged < stream.sent()
                && now() - progressMillis >= owner.context().times().resendMillis()) {
            stream.goOnAfter(acknowledged);
            stream.pump();
        } else {
            stream.sendHeartbeat();
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

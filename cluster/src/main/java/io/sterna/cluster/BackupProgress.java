package io.sterna.cluster;

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
    private final Owner owner;
    private final RecordStream stream;
    private Optional<Position> begun = Optional.empty();
    private long sent;
    private long acknowledged;

    /** The end of its log when it last told of a gap, and was sent what follows. */
    private long gap = -1;

    private long gapMillis;

    /** When an answer has come. */
    private long heardMillis;

    /** When anything has come, even a part of a message. */
    private long octetsMillis;

    /** From here on it is to blame for being silent. */
    private long expectedMillis;

    /** When it had nothing to write, or had last written something. */
    private long progressMillis;

    /** It answers, but gets nothing onto its disk. */
    private boolean stuck;

    /** Its connection was closed, and nothing has come from it since. */
    private boolean gone;

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
            gone = false;
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
        stuck = false;
    }

    void onOctets() {
        gone = false;
        octetsMillis = now();
    }

    void onAppended(Appended appended) {
        gone = false;
        heardMillis = now();
        boolean idle = appended.written() <= appended.durable();
        if (idle || appended.durable() > acknowledged) {
            progressMillis = now();
        }
        stuck = now() - progressMillis > owner.context().times().backupTimeoutMillis();
        acknowledged = Math.max(acknowledged, appended.durable());
        sent = Math.max(sent, acknowledged);
        if (appended.gap()) {
            onGap(appended.written());
        }
    }

    /** All that was under way behind the gap is answered in the same way; what is missing is sent once. */
    private void onGap(long written) {
        if (written != gap || now() - gapMillis >= owner.context().times().resendMillis()) {
            gap = written;
            gapMillis = now();
            sent = Math.max(acknowledged, written);
            flush();
        }
    }

    /** Sends all that was not sent. */
    void flush() {
        Journal journal = owner.journal();
        while (sent < journal.end().index()) {
            List<LogRecord> records =
                    journal.batchAfter(sent, owner.context().limits().batchBytes());
            stream.send(before(), records);
            sent += records.size();
        }
    }

    private Position before() {
        return owner.journal().at(sent).orElseThrow();
    }

    void tick() {
        stream.maybeSendHeartbeat(before());
    }

    /** It is late when nothing comes from it any more: it is not waited for. */
    void onGone() {
        gone = true;
    }

    boolean isGone() {
        return gone;
    }

    boolean isLate() {
        ReplicaSettings.Times times = owner.context().times();
        long answeredMillis = Math.max(heardMillis, expectedMillis);
        return stuck
                || gone
                || now() - Math.max(answeredMillis, octetsMillis) > times.backupTimeoutMillis()
                || now() - answeredMillis > times.answerTimeoutMillis();
    }

    boolean isSilent() {
        return now() - heardMillis > owner.context().times().deliveryTimeoutMillis();
    }

    private long now() {
        return owner.context().nowMillis();
    }
}

package io.sterna.cluster;

import io.sterna.cluster.ReplicaMessage.Attached;
import io.sterna.cluster.ReplicaMessage.Part;

/**
 * An owner's side of one attempt of a candidate to catch up: records go out as they are appended, and between them, one
 * after the other, the parts of the difference. Nothing is sent twice: where something is missing the candidate begins
 * again, or is dropped and begins again. Owned by the replica's loop.
 */
final class CatchUp {
    private final Owner owner;
    private final long attempt;
    private final RecordStream stream;
    private long acknowledged;
    private boolean reading;
    private int partsSent;
    private int partsApplied;
    private boolean allSent;
    private long heardMillis;
    private long nextPartMillis;

    /** When the last part was sent. */
    private long partMillis;

    CatchUp(String node, Owner owner, long attempt, long stream) {
        this.owner = owner;
        this.attempt = attempt;
        this.stream = new RecordStream(node, owner, stream);
    }

    String node() {
        return stream.node();
    }

    long attempt() {
        return attempt;
    }

    long stream() {
        return stream.number();
    }

    void begin(Holdings held) {
        owner.context().log().openDifference(stream(), held);
        Position from = owner.journal().end();
        stream.goOnAfter(from.index());
        acknowledged = from.index(); // Of use only when complete, and then it is so.
        onResumed();
        stream.onOtherSent();
        owner.send(node(), new Attached(owner.partition(), owner.epoch(), attempt, stream(), from));
        readPart();
    }

    void end() {
        owner.context().log().closeDifference(stream());
    }

    void onResumed() {
        heardMillis = now();
        partMillis = now();
    }

    private void readPart() {
        reading = true;
        owner.context().log().readDifference(stream(), owner.context().limits().partMessages());
    }

    void onDifference(Difference difference) {
        pump();
        reading = false;
        allSent = difference.last();
        stream.onOtherSent();
        partMillis = now();
        Position asOf = owner.journal().end();
        owner.send(node(), new Part(owner.partition(), owner.epoch(), stream(), ++partsSent, asOf, difference));
    }

    void onPartApplied(int number) {
        heardMillis = now();
        if (number > partsApplied) {
            partsApplied = number;
            nextPartMillis = now() + owner.context().times().partPauseMillis();
        }
    }

    void onAppended(long durable) {
        heardMillis = now();
        acknowledged = Math.max(acknowledged, durable);
    }

    /** All up to here is on its disk, once its content is {@linkplain #isComplete complete}. */
    long acknowledged() {
        return acknowledged;
    }

    boolean isComplete() {
        return allSent && partsApplied == partsSent;
    }

    /** Sends all that was not sent. */
    void pump() {
        stream.pump();
    }

    void tick() {
        if (!reading && !allSent && partsApplied == partsSent && now() >= nextPartMillis) {
            readPart();
        }
        if (stream.isHeartbeatDue()) {
            stream.sendHeartbeat();
        }
    }

    /** It does not answer, a part has not arrived, or it is too far behind for what is under way to it. */
    boolean isLost() {
        long timeout = owner.context().times().backupTimeoutMillis();
        return now() - heardMillis > timeout
                || (partsApplied < partsSent && now() - partMillis > timeout)
                || stream.sent() - acknowledged > 2L * owner.context().limits().maxUncommitted();
    }

    private long now() {
        return owner.context().nowMillis();
    }
}

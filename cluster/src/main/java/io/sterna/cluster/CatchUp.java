package io.sterna.cluster;

import io.sterna.cluster.ReplicaMessage.Attached;
import io.sterna.cluster.ReplicaMessage.Join;
import io.sterna.cluster.ReplicaMessage.Part;
import io.sterna.store.LogRecord;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;

/**
 * An owner's side of one attempt of a candidate to catch up: records go out as they are appended, without what parts of the
 * difference are still to bring, and between them, one after the other, the parts. Nothing is sent twice: where something is
 * missing the candidate begins again, or is dropped and begins again. Owned by the replica's loop.
 */
final class CatchUp {
    private final Owner owner;
    private final Join join;
    private final RecordStream stream;

    /** Reduced, and to be sent when the turn ends. */
    private final List<LogRecord> pending = new ArrayList<>();

    private final ArrayDeque<UnderWay> underWay = new ArrayDeque<>();
    private long underWayBytes;

    /** The last record that was sent. */
    private Position sent = Position.START;

    private long acknowledged;
    private boolean reading;
    private int partsApplied;
    private boolean allSent;

    /** When anything has come, even a part of a message. */
    private long octetsMillis;

    /** When an answer has come. */
    private long heardMillis;

    private boolean answered;

    private long nextPartMillis;

    private record UnderWay(long lastIndex, long bytes) {}

    CatchUp(String node, Owner owner, Join join, long stream) {
        this.owner = owner;
        this.join = join;
        this.stream = new RecordStream(node, owner, stream);
    }

    String node() {
        return stream.node();
    }

    long attempt() {
        return join.attempt();
    }

    /** The data directory that it holds it in. */
    long disk() {
        return join.disk();
    }

    long stream() {
        return stream.number();
    }

    void begin() {
        owner.context().log().openDifference(stream(), join.held());
        sent = owner.journal().end();
        acknowledged = sent.index(); // Of use only when complete, and then it is so.
        onResumed();
        stream.onOtherSent();
        owner.send(node(), new Attached(owner.partition(), owner.epoch(), attempt(), stream(), sent));
        readPart();
    }

    void end() {
        owner.context().log().closeDifference(stream());
    }

    /** It is not to blame for what was not heard while this node slept. */
    void onResumed() {
        heardMillis = now();
        octetsMillis = now();
    }

    void onOctets() {
        octetsMillis = now();
    }

    // ---- Parts

    private void readPart() {
        reading = true;
        owner.context().log().readDifference(stream(), owner.context().limits().partBytes());
    }

    void onDifference(Difference difference) {
        flush();
        reading = false;
        allSent = difference.last();
        Position asOf = owner.journal().end();
        int number = stream.nextPart();
        owner.send(node(), new Part(owner.partition(), owner.epoch(), stream(), number, asOf, difference));
        if (allSent) {
            owner.context().log().closeDifference(stream());
        }
    }

    private void onAnswer() {
        heardMillis = now();
        answered = true;
    }

    void onPartApplied(int number) {
        onAnswer();
        if (number > partsApplied) {
            partsApplied = number;
            nextPartMillis = now() + owner.context().times().partPauseMillis();
        }
    }

    /** The content is made equal, and only records are still to come. */
    boolean isComplete() {
        return allSent && partsApplied == stream.parts();
    }

    // ---- Records

    /** A record was appended just now. */
    void add(LogRecord record) {
        pending.add(allSent ? record : owner.context().log().reduce(stream(), record));
    }

    /** Sends all that was not sent. */
    void flush() {
        int maxBytes = owner.context().limits().batchBytes();
        while (!pending.isEmpty()) {
            List<LogRecord> batch = pending.subList(0, Journal.batch(pending, maxBytes));
            stream.send(sent, batch);
            sent = Position.of(batch.get(batch.size() - 1));
            underWay.add(new UnderWay(sent.index(), RecordSize.of(batch)));
            underWayBytes += RecordSize.of(batch);
            batch.clear();
        }
    }

    void onAppended(long durable) {
        onAnswer();
        acknowledged = Math.max(acknowledged, durable);
        while (!underWay.isEmpty() && underWay.peekFirst().lastIndex() <= acknowledged) {
            underWayBytes -= underWay.removeFirst().bytes();
        }
    }

    /** All up to here is on its disk, once its content is {@linkplain #isComplete complete}. */
    long acknowledged() {
        return acknowledged;
    }

    void tick() {
        if (!reading && !allSent && partsApplied == stream.parts() && now() >= nextPartMillis) {
            readPart();
        }
        stream.maybeSendHeartbeat(sent);
    }

    /** Nothing comes from it, or it is too far behind for what is under way to it. */
    boolean isLost() {
        ReplicaSettings.Times times = owner.context().times();
        // Before its first answer it may not know that it is attached.
        long patience = answered ? times.answerTimeoutMillis() : times.backupTimeoutMillis();
        return now() - Math.max(heardMillis, octetsMillis) > times.backupTimeoutMillis()
                || now() - heardMillis > patience
                || underWayBytes > 2L * owner.context().limits().maxUncommittedBytes();
    }

    private long now() {
        return owner.context().nowMillis();
    }
}

package io.sterna.cluster;

import io.sterna.store.LogOperation;
import io.sterna.store.LogOperation.Atomic;
import io.sterna.store.LogOperation.Enqueued;
import io.sterna.store.LogOperation.NodeCreated;
import io.sterna.store.LogOperation.Published;
import io.sterna.store.LogRecord;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/**
 * How far a candidate's messages are: where the parts of a difference are in each queue and under each topic, and what of new
 * records is therefore left to them. One for each stream. Owned by the replica's loop.
 *
 * <p>A record's messages are above all that its queue or topic has, so that they are above the place of the parts unless
 * these have reached the end.
 */
public class DifferenceCursor {
    private final Map<MessageOwner, Long> places = new HashMap<>();
    private final Set<MessageOwner> reached = new HashSet<>();

    private final NavigableSet<MessageOwner> lacking = new TreeSet<>();

    private final List<LogOperation> meanwhile = new ArrayList<>();
    private boolean reading;
    private boolean begun;
    private boolean finished;

    /** The candidate lacks messages: parts have to bring what comes after the place. */
    public void lacks(MessageOwner owner) {
        if (!reached.contains(owner)) {
            lacking.add(owner);
        }
    }

    /** Whatever still has messages that the candidate lacks, as far as that is known. */
    public List<MessageOwner> lacking() {
        return List.copyOf(lacking);
    }

    /** Up to here the candidate has what there is; {@link Long#MIN_VALUE} at first. */
    public long place(MessageOwner owner) {
        return places.getOrDefault(owner, Long.MIN_VALUE);
    }

    /** The content is going to be read, with at least all that was appended before. */
    public void beginRead() {
        reading = true;
        meanwhile.clear();
    }

    /** What was appended since {@link #beginRead}; nothing of it is remembered any more. */
    public List<LogOperation> endRead() {
        reading = false;
        List<LogOperation> operations = List.copyOf(meanwhile);
        meanwhile.clear();
        return operations;
    }

    /** The part that is sent now is the first one, after which nothing of the candidate's is deleted by parts. */
    public void begin() {
        begun = true;
    }

    /** The part that is sent now is the last one. */
    public void finish() {
        finished = true;
    }

    /** The part that is sent now has brought messages up to here. */
    public void moveTo(MessageOwner owner, long sequence) {
        places.put(owner, sequence);
    }

    /** The part that is sent now has brought all that there is. */
    public void reachEnd(MessageOwner owner) {
        reached.add(owner);
        lacking.remove(owner);
        places.remove(owner);
    }

    /** As {@link ReplicaLog#reduce}. */
    public LogRecord reduce(LogRecord record) {
        LogOperation operation = record.operation();
        List<LogOperation> all = operation instanceof Atomic atomic ? atomic.operations() : List.of(operation);
        List<LogOperation> kept = new ArrayList<>();
        for (LogOperation each : all) {
            if (reading) {
                meanwhile.add(each);
            }
            if (begun && each instanceof NodeCreated created) {
                // The candidate has all there is of it: nothing.
                reachEnd(MessageOwner.queue(created.nodeId()));
                reachEnd(MessageOwner.topic(created.nodeId()));
            }
            Optional<MessageOwner> owner = ownerOf(each);
            if (finished || owner.isEmpty() || reached.contains(owner.get())) {
                kept.add(each);
            } else {
                lacking.add(owner.get());
            }
        }
        return kept.size() == all.size()
                ? record
                : new LogRecord(record.partition(), record.epoch(), record.index(), new Atomic(kept));
    }

    private static Optional<MessageOwner> ownerOf(LogOperation operation) {
        if (operation instanceof Enqueued enqueued) {
            return Optional.of(MessageOwner.queue(enqueued.queueId()));
        } else if (operation instanceof Published published) {
            return Optional.of(MessageOwner.topic(published.topicId()));
        }
        return Optional.empty();
    }
}

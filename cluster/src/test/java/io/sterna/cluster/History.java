package io.sterna.cluster;

import io.sterna.cluster.Violation.Invariant;
import io.sterna.store.LogRecord;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Everything that has happened to a partition in one lineage. */
final class History {
    private final SimContents contents;
    private final long lineage;
    private final Position base;
    private final SimContent begin;
    private final SimContent model;
    private final Map<Position, Known> known = new HashMap<>();
    private final List<LogRecord> committed = new ArrayList<>();
    private final Map<Integer, Integer> lastNumbers = new HashMap<>();

    private record Known(LogRecord record, Position before) {}

    /**
     * @param contents to compare with
     * @param base the last record of what was there before
     * @param begin the content then
     */
    History(SimContents contents, long lineage, Position base, SimContent begin) {
        this.contents = contents;
        this.lineage = lineage;
        this.base = base;
        this.begin = begin;
        model = begin.copy();
    }

    /** What is committed, as a content. */
    SimContent model() {
        return model;
    }

    int committedCount() {
        return committed.size();
    }

    Position base() {
        return base;
    }

    /** The last record that is committed. */
    Position last() {
        return committed.isEmpty() ? base : Position.of(committed.get(committed.size() - 1));
    }

    /** Whether a record is committed. */
    boolean has(Position position) {
        long place = position.index() - base.index() - 1;
        return place >= 0
                && place < committed.size()
                && Position.of(committed.get((int) place)).equals(position);
    }

    /** What was committed up to an index. */
    SimContent modelAt(long index) {
        if (index >= last().index()) {
            return model;
        }
        SimContent then = begin.copy();
        for (LogRecord record : committed.subList(0, (int) Math.max(0, index - base.index()))) {
            then.append(record.operation());
        }
        return then;
    }

    void onAppended(String node, LogRecord record, Position before) {
        Known its = new Known(record, before);
        Known others = known.putIfAbsent(Position.of(record), its);
        if (others != null && !others.equals(its)) {
            throw new Violation(
                    Invariant.ONE_HISTORY, node + " has " + record + " after " + before + ", others have " + others);
        }
    }

    /** What is committed once is so for ever, and so is all that was before it. */
    void onCommitted(String node, LogRecord record) {
        if (record.index() <= base.index()) {
            return;
        }
        Deque<LogRecord> fresh = new ArrayDeque<>();
        Position at = Position.of(record);
        while (at.index() > last().index()) {
            Known its = known.get(at);
            fresh.addFirst(its.record());
            at = its.before();
        }
        if (!at.equals(base) && !has(at)) {
            throw new Violation(
                    Invariant.COMMITTED_STAYS,
                    node + " commits " + Position.of(record) + " after " + at
                            + ", but committed was another one, up to " + last());
        }
        fresh.forEach(this::commit);
    }

    private void commit(LogRecord record) {
        committed.add(record);
        model.append(record.operation());
        contents.onCommitted(lineage, record, model);
        for (SimMessage its : SimContents.messagesOf(record.operation())) {
            ByteBuffer message = ByteBuffer.wrap(its.message());
            int producer = message.getInt();
            int number = message.getInt();
            Integer before = lastNumbers.put(producer, number);
            if (before != null && before >= number) {
                throw new Violation(
                        Invariant.ORDER, "message " + number + " of producer " + producer + " came after " + before);
            }
        }
    }
}

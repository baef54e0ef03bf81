package io.sterna.cluster;

import io.sterna.store.LogOperation.Acknowledged;
import io.sterna.store.LogOperation.Enqueued;
import io.sterna.store.LogRecord;
import java.util.ArrayList;
import java.util.List;

/** What of a replica is on stable storage. It outlives the process. */
final class SimDisk {
    private Standing standing = Standing.BLANK;
    private Position base = Position.START;
    private final List<LogRecord> tail = new ArrayList<>();
    private SimContent content = new SimContent();
    private boolean damaged;

    Standing standing() {
        return standing;
    }

    void standing(Standing newStanding) {
        standing = newStanding;
    }

    Position base() {
        return base;
    }

    Position end() {
        return tail.isEmpty() ? base : Position.of(tail.get(tail.size() - 1));
    }

    SimContent content() {
        return content;
    }

    /** What the next life finds: it knows no more than what is there. */
    SimContent recover() {
        content = content.copy();
        return content.copy();
    }

    void append(List<LogRecord> records) {
        for (LogRecord record : records) {
            tail.add(record);
            content.append(record.operation());
        }
    }

    /** Something can't be read any more, and was given up at the start. */
    void damage() {
        damaged = true;
        standing = standing.withWhole(false);
        content.queues().forEach((id, queue) -> {
            if (!queue.messages().isEmpty()) {
                content.append(new Acknowledged(id, new long[] {queue.messages().firstKey()}));
            }
        });
    }

    boolean isDamaged() {
        return damaged;
    }

    void restartAt(Position position) {
        damaged = false;
        base = position;
        tail.clear();
    }

    void clear() {
        base = Position.START;
        tail.clear();
        content.clear();
    }

    void apply(Difference difference) {
        difference.operations().forEach(content::append);
    }

    /** Whether a record is here; what is older than the log is taken to be. */
    boolean has(Position position) {
        return position.index() <= base.index()
                || (position.index() <= end().index() && at(position.index()).equals(position));
    }

    /** Where the record with this index is from; the base when it is older. */
    Position at(long index) {
        return index <= base.index() ? base : Position.of(tail.get((int) (index - base.index() - 1)));
    }

    /** What a log does that takes a good record for a torn one. */
    void cut() {
        if (!tail.isEmpty()) {
            LogRecord last = tail.remove(tail.size() - 1);
            if (last.operation() instanceof Enqueued enqueued) {
                content.append(new Acknowledged(enqueued.queueId(), new long[] {enqueued.sequence()}));
            }
        }
    }

    List<LogRecord> tail() {
        return tail;
    }

    /** The log keeps no more than {@code count} records that are behind. */
    void forget(int count) {
        if (count > 0) {
            base = Position.of(tail.get(count - 1));
            tail.subList(0, count).clear();
        }
    }
}

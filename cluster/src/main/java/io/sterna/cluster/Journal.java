package io.sterna.cluster;

import io.sterna.store.LogRecord;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A replica's log as the replica knows it: how far it goes, how far it is on disk, and the records that somebody may still
 * lack. Owned by the replica's loop.
 *
 * <p>Invariant: {@code tail} holds the records {@code base.index + 1 … end.index}.
 */
final class Journal {
    private final ReplicaLog log;
    private final List<LogRecord> tail;
    private final ArrayDeque<Waiting> waiting = new ArrayDeque<>();
    private Position base;
    private Position end;
    private Position durable;
    private Standing standing;
    private Standing durableStanding;
    private long bytes;
    private long written;
    private long reported;

    /** How often the log was begun anew: what was appended before does not count as on disk any more. */
    private int restarts;

    private record Waiting(long ticket, Runnable action) {}

    Journal(ReplicaLog log, ReplicaLog.Recovered recovered) {
        this.log = log;
        base = recovered.base();
        tail = new ArrayList<>(recovered.tail());
        bytes = RecordSize.of(tail);
        end = tail.isEmpty() ? base : Position.of(tail.get(tail.size() - 1));
        durable = end;
        standing = recovered.standing();
        durableStanding = standing;
    }

    /** The record before the first that is kept. */
    Position base() {
        return base;
    }

    /** The last record. */
    Position end() {
        return end;
    }

    /** The last record that is on disk. */
    Position durable() {
        return durable;
    }

    Standing standing() {
        return standing;
    }

    Standing durableStanding() {
        return durableStanding;
    }

    /** How much is kept, by {@link RecordSize}. */
    long bytes() {
        return bytes;
    }

    void append(List<LogRecord> records) {
        for (LogRecord record : records) {
            if (record.index() != end.index() + 1 || record.epoch() < end.epoch()) {
                throw new IllegalStateException("record " + Position.of(record) + " after " + end);
            }
            tail.add(record);
            bytes += RecordSize.of(record);
            end = Position.of(record);
        }
        written = log.append(records);
        noteDurable(end);
    }

    private void noteDurable(Position position) {
        int its = restarts;
        afterwards(() -> {
            if (its == restarts) {
                durable = position;
            }
        });
    }

    void write(Standing newStanding) {
        standing = newStanding;
        written = log.write(newStanding);
        afterwards(() -> durableStanding = newStanding);
    }

    /** The log goes on after {@code position}; until that is on disk, nothing of it is. */
    void restartAt(Position position) {
        beginAt(position);
        written = log.restartAt(position);
        noteDurable(position);
    }

    /** Removes everything. */
    void clear() {
        beginAt(Position.START);
        written = log.clear();
    }

    private void beginAt(Position position) {
        tail.clear();
        bytes = 0;
        base = position;
        end = position;
        durable = Position.START;
        restarts++;
    }

    void apply(Difference difference) {
        written = log.apply(difference);
    }

    /** Runs when all that was written so far is on disk; at once when it is and nothing waits before it. */
    void afterwards(Runnable action) {
        if (written <= reported && waiting.isEmpty()) {
            action.run();
        } else {
            waiting.add(new Waiting(written, action));
        }
    }

    void onDurable(long ticket) {
        reported = Math.max(reported, ticket);
        while (!waiting.isEmpty() && waiting.peekFirst().ticket() <= reported) {
            waiting.removeFirst().action().run();
        }
    }

    /** The record at an index, where that is still known. */
    Optional<Position> at(long index) {
        if (index == base.index()) {
            return Optional.of(base);
        }
        long place = index - base.index() - 1;
        return place >= 0 && place < tail.size() ? Optional.of(Position.of(tail.get((int) place))) : Optional.empty();
    }

    /** Whether a log that ends here is a beginning of this one, and what it lacks is still there. */
    boolean continues(Position position) {
        return at(position.index()).filter(position::equals).isPresent();
    }

    /** The records after the index {@code after}, which is not below the base, up to the index {@code last}. */
    List<LogRecord> between(long after, long last) {
        int first = (int) (after - base.index());
        return List.copyOf(tail.subList(first, (int) Math.min(tail.size(), last - base.index())));
    }

    /** Records after an index that is not below the base: one at least, and about {@code maxBytes}. */
    List<LogRecord> batchAfter(long after, int maxBytes) {
        int first = (int) (after - base.index());
        return List.copyOf(tail.subList(first, first + batch(tail.subList(first, tail.size()), maxBytes)));
    }

    /** How many of these records go into one message: one at least. */
    static int batch(List<LogRecord> records, int maxBytes) {
        long size = 0;
        for (int count = 0; count < records.size(); count++) {
            size += RecordSize.of(records.get(count));
            if (size > maxBytes) {
                return Math.max(1, count);
            }
        }
        return records.size();
    }

    /** Nobody will ask for records up to here again. */
    void release(long index) {
        int count = (int) Math.min(tail.size(), Math.min(index, durable.index()) - base.index());
        if (count > 0) {
            base = Position.of(tail.get(count - 1));
            bytes -= RecordSize.of(tail.subList(0, count));
            tail.subList(0, count).clear();
            log.released(base.index());
        }
    }
}

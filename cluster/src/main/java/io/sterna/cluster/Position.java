package io.sterna.cluster;

import io.sterna.store.LogRecord;

/**
 * Names a record of a partition's log. In an epoch one owner alone appends, each index once, so that the same name never
 * means two records; and two logs that hold the same record are the same up to it.
 *
 * @param epoch in which the record was appended
 * @param index its place in the log, from 1 on
 */
public record Position(long epoch, long index) implements Comparable<Position> {
    /** Before the first record. */
    public static final Position START = new Position(0, 0);

    static Position of(LogRecord record) {
        return new Position(record.epoch(), record.index());
    }

    /** Of two logs of in-sync members, the longer one is that whose end is greater. */
    @Override
    public int compareTo(Position other) {
        return epoch == other.epoch ? Long.compare(index, other.index) : Long.compare(epoch, other.epoch);
    }
}

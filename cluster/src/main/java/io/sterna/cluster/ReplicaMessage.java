package io.sterna.cluster;

import io.sterna.store.LogRecord;
import java.util.List;

/**
 * What replicas of a partition tell each other. Each message belongs to a generation of the table, which travels beside it,
 * and is passed over by those who follow another one. In the same way it belongs to an epoch: who knows a newer one answers
 * with {@link Refused}, who only knows older ones asks the table.
 *
 * <pre>
 * owner                              backup
 *   | Begin view               ----->  |  promises on disk to take nothing of an older epoch
 *   | &lt;-----  Begun end of its log     |
 *   | Append records           ----->  |  writes, forces
 *   | &lt;-----  Appended up to           |
 *
 * owner                              candidate
 *   | &lt;-----  Join what it holds       |
 *   | Attached from here on    ----->  |
 *   | Append, Part             ----->  |  in the order in which they were sent
 *   | &lt;-----  Appended, PartApplied    |
 *   | Dropped when it is over  ----->  |  begins again
 * </pre>
 */
public sealed interface ReplicaMessage {
    /** The stream to an in-sync backup; those to candidates have numbers above. */
    long IN_SYNC = 0;

    int partition();

    long epoch();

    /** A new owner begins. */
    record Begin(PartitionView view) implements ReplicaMessage {
        @Override
        public int partition() {
            return view.partition();
        }

        @Override
        public long epoch() {
            return view.epoch();
        }
    }

    /** The promise is on disk, and so is the log up to {@code end}. */
    record Begun(int partition, long epoch, Position end) implements ReplicaMessage {}

    /**
     * Records follow; none, to show that the owner lives.
     *
     * @param stream {@link #IN_SYNC}, or the one that a candidate is attached to
     * @param parts how many parts of the difference were sent on this stream before it
     * @param before the record before them
     * @param committed the owner has committed up to here
     */
    record Append(
            int partition, long epoch, long stream, int parts, Position before, List<LogRecord> records, long committed)
            implements ReplicaMessage {
        public Append {
            records = List.copyOf(records);
        }
    }

    /**
     * The log is on disk up to {@code durable}. Also without being asked, while octets come from the owner.
     *
     * @param written the log's end
     * @param gap records after {@code written} were sent but those between are missing
     */
    record Appended(int partition, long epoch, long stream, long durable, long written, boolean gap)
            implements ReplicaMessage {}

    /** There is an epoch that the other one does not know. */
    record Refused(int partition, long epoch) implements ReplicaMessage {}

    /**
     * A node that is not in sync wants to be.
     *
     * @param attempt chosen by it, never the same twice: an answer to what it held before is not taken for one to this
     * @param disk the data directory that it holds it in
     */
    record Join(int partition, long epoch, long attempt, long disk, Holdings held) implements ReplicaMessage {}

    /**
     * Records after {@code from} will be sent; how the content differs at {@code from}, too.
     *
     * @param stream a number that the owner gives once in an epoch, since a request to join may come twice
     */
    record Attached(int partition, long epoch, long attempt, long stream, Position from) implements ReplicaMessage {}

    /**
     * A part of the difference.
     *
     * @param number 1, 2, 3, … in this stream
     * @param asOf the owner's log end for which it holds
     */
    record Part(int partition, long epoch, long stream, int number, Position asOf, Difference difference)
            implements ReplicaMessage {}

    /** The part is on disk. */
    record PartApplied(int partition, long epoch, long stream, int number) implements ReplicaMessage {}

    /** Nothing will be sent on this stream any more: who is attached to it has to begin again. */
    record Dropped(int partition, long epoch, long stream) implements ReplicaMessage {}
}

package io.sterna.cluster;

import io.sterna.store.LogRecord;
import java.util.List;

/**
 * A replica's disk. Methods that write return at once with a ticket, rising from call to call; what they wrote is on stable
 * storage when {@link Replica#onDurable} has told that ticket or a higher one. After a crash a prefix of what was
 * written is there, at least all that was told, and it says so as {@link Recovered}. Called on the replica's loop.
 */
public interface ReplicaLog {

    /**
     * What a node finds at its start.
     *
     * @param base the last record before {@code tail}, or where the log was restarted
     * @param tail records after it, as many as there still are; at least those after the last one that was {@linkplain
     *     ReplicaLog#released released}, where these can be had: if not, others who lack them catch up by difference
     */
    record Recovered(Standing standing, Position base, List<LogRecord> tail) {
        public Recovered {
            tail = List.copyOf(tail);
        }
    }

    /**
     * Appends records to the log, and does to the content what they say. In each queue, and under each topic, sequences
     * rise, also across what {@link #apply} brings. Nothing comes to a queue that was deleted, not even by the same record.
     */
    long append(List<LogRecord> records);

    /** Replaces the standing. */
    long write(Standing standing);

    /** The log goes on after this position, whatever it held, and records before are not kept; the content stays as it is. */
    long restartAt(Position position);

    /** Removes all of the log and of the content. The standing stays. */
    long clear();

    /** Changes the content without the log. Messages that it brings have rising sequences in their queue or under their topic. */
    long apply(Difference difference);

    /** Records up to this index are committed: nobody will ask for them again. */
    void released(long index);

    /** Asks what the content is, with all that was written before. It comes as {@link Replica#onHoldings}. */
    void readHoldings(long attempt);

    /**
     * Begins to tell how a replica that holds {@code held} differs from this log's content.
     *
     * @param stream names it; above those of differences that were opened before
     */
    void openDifference(long stream, Holdings held);

    /**
     * Asks for the next part. It comes as {@link Replica#onDifference}, and is right as of all that was appended until that
     * call, committed or not: what was appended after the content was read is taken into account.
     *
     * @param maxBytes about so much, by {@link RecordSize}; at least one message
     */
    void readDifference(long stream, int maxBytes);

    /**
     * What of a record is for the candidate of this stream: without messages of queues, and of topics, whose end no part
     * has reached yet, since the parts bring them in order. Place and name of the record stay. Called once for each record
     * that is appended after {@link #openDifference}, in order, in the turn in which it is appended, until the last part is
     * told. What it leaves out has to be in a part, so that a part is not the last one while messages are left out of which
     * it has nothing.
     */
    LogRecord reduce(long stream, LogRecord record);

    /** Nobody asks for this difference any more. Passed over when it is not open. */
    void closeDifference(long stream);
}

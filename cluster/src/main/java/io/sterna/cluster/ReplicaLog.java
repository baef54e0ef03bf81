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
     * @param base the last record before {@code tail}, or where a catch-up began
     * @param tail records after it, as many as there still are; at least those after the last one that was {@linkplain
     *     ReplicaLog#released released}, where these can be had: if not, others who lack them catch up by difference
     */
    record Recovered(Standing standing, Position base, List<LogRecord> tail) {
        public Recovered {
            tail = List.copyOf(tail);
        }
    }

    /** Appends records to the log, and does to the content what they say. */
    long append(List<LogRecord> records);

    /** Replaces the standing. */
    long write(Standing standing);

    /** The log goes on after this position, whatever it held; the content stays as it is. */
    long restartAt(Position position);

    /** Changes the content without the log. */
    long apply(Difference difference);

    /** Records up to this index are committed: nobody will ask for them again. */
    void released(long index);

    /** What the content is, with all that was written. */
    Holdings holdings();

    /**
     * Begins to tell how a replica that holds {@code held} differs from what this log's content is now.
     *
     * @param stream names it; above those of differences that were opened before
     */
    void openDifference(long stream, Holdings held);

    /**
     * Asks for the next part. It comes as {@link Replica#onDifference}, and is right with respect to all that was appended
     * until then, committed or not. Messages appended since {@link #openDifference} are in no part.
     */
    void readDifference(long stream, int maxMessages);

    /** Nobody asks for this difference any more. Passed over when it is not open. */
    void closeDifference(long stream);
}

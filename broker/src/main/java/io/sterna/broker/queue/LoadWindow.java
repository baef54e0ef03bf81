package io.sterna.broker.queue;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Says when payloads are asked for, where from, and for whom. At most one load is in flight. Loads for all consumers
 * and loads for one alone alternate when both are wanted. For all consumers the next one is due when half of what the
 * last one brought is delivered, so that a consumer seldom waits and at most one and a half loads wait in memory. Owned
 * by the partition's event loop.
 */
final class LoadWindow {
    /** Stands for no sequence; above all of them. */
    static final long NONE = Long.MAX_VALUE;

    private boolean inFlight;
    private boolean failed;

    // Of the load in flight: what it covers, the last message that was in the queue when it was asked for, and the
    // message that somebody waits for; and for whom it is, null for all.
    private long from;
    private long newest;
    private int priority;
    private @Nullable Consumer reader;

    // Of the last load for all: the message whose delivery makes the next one due, and where that begins.
    private long halfway = NONE;
    private long nextFrom = NONE;
    private boolean readAheadDue;

    boolean inFlight() {
        return inFlight;
    }

    boolean failed() {
        return failed;
    }

    void onDelivered(long sequence) {
        if (sequence >= halfway) {
            halfway = NONE;
            readAheadDue = true;
        }
    }

    boolean mayAsk() {
        return !inFlight && !failed;
    }

    /** Whether the last load was for all consumers. */
    boolean lastWasForAll() {
        return reader == null;
    }

    /** Where a load ahead for all consumers has to begin now, or {@link #NONE}. */
    long aheadFrom() {
        return readAheadDue ? nextFrom : NONE;
    }

    /** The priority of the message for which it was last asked. */
    int priority() {
        return priority;
    }

    /**
     * A load is asked for.
     *
     * @param wantedPriority the priority of the message that is waited for
     * @param forReader for whom alone, null for all
     */
    void onAsked(long fromSequence, long newestSequence, int wantedPriority, @Nullable Consumer forReader) {
        inFlight = true;
        from = fromSequence;
        newest = newestSequence;
        priority = wantedPriority;
        reader = forReader;
        if (forReader == null) {
            halfway = NONE;
            readAheadDue = false;
        }
    }

    /** Gives the last sequence up to which all that is still wanted must have come, from {@link #from} on. */
    long onAnswered(List<LoadedMessage> messages) {
        inFlight = false;
        long last = from;
        if (!messages.isEmpty()) {
            last = messages.get(messages.size() - 1).sequence();
            if (reader == null) {
                halfway = messages.get(messages.size() / 2).sequence();
                nextFrom = last + 1;
            }
        }
        // What came to the queue after the question may be absent from the answer.
        return Math.min(last, newest);
    }

    long from() {
        return from;
    }

    /** For whom the load is or was, null for all. */
    @Nullable
    Consumer reader() {
        return reader;
    }

    void onFailed() {
        inFlight = false;
        failed = true;
    }

    void resume() {
        failed = false;
    }
}

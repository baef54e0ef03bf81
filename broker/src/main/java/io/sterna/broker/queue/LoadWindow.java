package io.sterna.broker.queue;

import java.util.List;

/**
 * Says when payloads are asked for, and where from. At most one load is in flight. The next one is due when half of what
 * the last one brought is delivered, so that a consumer seldom waits and at most one and a half loads wait in memory.
 * Owned by the partition's event loop.
 */
final class LoadWindow {
    /** Stands for no sequence; above all of them. */
    static final long NONE = Long.MAX_VALUE;

    private boolean inFlight;
    private boolean failed;

    // Of the load in flight: what it covers, and the last message that was in the queue when it was asked for.
    private long from;
    private long newest;

    // Of the last load: the message whose delivery makes the next one due, and where that begins.
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

    /**
     * Where a load has to begin now, or {@link #NONE}.
     *
     * @param wanted the first message that a consumer waits for, or {@link #NONE}
     */
    long next(long wanted) {
        if (inFlight || failed) {
            return NONE;
        }
        return wanted == NONE && readAheadDue ? nextFrom : wanted;
    }

    void onAsked(long fromSequence, long newestSequence) {
        inFlight = true;
        from = fromSequence;
        newest = newestSequence;
        halfway = NONE;
        readAheadDue = false;
    }

    /** Gives the last sequence up to which all that is still wanted must have come, from {@link #from} on. */
    long onAnswered(List<LoadedMessage> messages) {
        inFlight = false;
        long last = from;
        if (!messages.isEmpty()) {
            last = messages.get(messages.size() - 1).sequence();
            halfway = messages.get(messages.size() / 2).sequence();
            nextFrom = last + 1;
        }
        // What came to the queue after the question may be absent from the answer.
        return Math.min(last, newest);
    }

    long from() {
        return from;
    }

    void onFailed() {
        inFlight = false;
        failed = true;
    }

    void resume() {
        failed = false;
    }
}

package io.sterna.store;

/**
 * An ordered way into the store for one event loop. Records of a lane become durable in the order in which they were
 * appended, so that a count says which ones are.
 *
 * <p>Owned by one event loop: its methods are called by one thread at a time.
 */
public interface Lane {
    /** No record is longer than this, all told: beyond it an array would not hold one. */
    long MAX_RECORD_BYTES = 1L << 30;

    /**
     * Appends a record; never blocks. All records of one partition go through the same lane. The record and its arrays
     * belong to the store from now on and must not be changed.
     *
     * @return the record's position on this lane: 1, 2, 3, …
     * @throws IllegalStateException after the store has failed or was closed
     * @throws IllegalArgumentException when the record is longer than {@link #MAX_RECORD_BYTES}, or a sequence is not above
     *     all that came before in the partition since its log was restarted; nothing was appended
     */
    default long append(LogRecord record) {
        long position = stage(record);
        flush();
        return position;
    }

    /**
     * As {@link #append}, but the store need not look at the record before the next {@link #flush} or {@link #flushSoon}, so
     * that what is appended in one turn of the loop is written, forced and reported together.
     */
    long stage(LogRecord record);

    /**
     * As {@link #stage}, for what is brought to a replica so that it catches up: sequences may be below those that were given
     * in the partition before. They rise within each queue, and within what was published under each topic; a message that
     * does not is left out, which the store reports as damage.
     */
    long stageUnordered(LogRecord record);

    /** Everything that was staged is to be made durable: somebody waits for it. */
    void flush();

    /**
     * Everything that was staged is to be written, so that it outlives this process, and made durable by and by: nobody
     * waits for it. It is forced together with the next record that somebody waits for, or a few milliseconds later.
     */
    void flushSoon();
}

package io.sterna.store;

/**
 * An ordered way into the store for one event loop. Records of a lane become durable in the order in which they were
 * appended, so that a count says which ones are.
 *
 * <p>Owned by one event loop: {@link #append} is called by one thread at a time.
 */
public interface Lane {

    /**
     * Appends a record; never blocks. All records of one partition go through the same lane. The record and its arrays
     * belong to the store from now on and must not be changed.
     *
     * @return the record's position on this lane: 1, 2, 3, …
     * @throws IllegalArgumentException when a sequence does not rise within the partition, or the record is longer than 1 GiB
     * @throws IllegalStateException after the store has failed or was closed
     */
    long append(LogRecord record);
}

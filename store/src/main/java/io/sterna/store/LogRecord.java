package io.sterna.store;

/**
 * One entry of a partition's log. It is durable as a whole or not at all.
 *
 * @param partition the partition, 0 or above
 * @param epoch the owner's epoch, never falling within a partition
 * @param index one higher than that of the record before it in the partition
 * @param operation what it does
 */
public record LogRecord(int partition, long epoch, long index, LogOperation operation) {}

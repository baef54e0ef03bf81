package io.sterna.store;

/**
 * One entry of a partition's log. It is durable as a whole or not at all.
 *
 * <p>Epoch and index say where the log is after it; the store keeps the highest pair, and nothing else in it needs the
 * index to rise. So what belongs to a replica of the partition and not to its log, as its standing does, or what it is
 * brought to catch up, comes in records that say again where the log is.
 *
 * @param partition the partition, 0 or above
 * @param epoch the owner's epoch; it falls, or the index in the same epoch does, only with {@link
 *     LogOperation.LogRestarted}
 * @param index one higher than that of the record before it in the partition's log
 * @param operation what it does
 */
public record LogRecord(int partition, long epoch, long index, LogOperation operation) {}

package io.sterna.broker.partition;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.Optional;

/**
 * Names a transaction over several partitions in the store.
 *
 * <pre>
 * +-----+------+--------------------+----------
 * | tx/ | kind | deciding partition | sequence      3, 1, 4 and 8 bytes; kind 'p' prepared, 'd' decided
 * +-----+------+--------------------+----------
 * </pre>
 *
 * @param partition the one that decides
 * @param sequence one of that partition's, never given twice
 */
record TransactionKey(int partition, long sequence) {
    private static final byte PREPARED = 'p';
    private static final byte DECIDED = 'd';
    private static final byte[] PREFIX = {'t', 'x', '/'};
    private static final int BYTES = PREFIX.length + 1 + Integer.BYTES + Long.BYTES;

    /** What {@link #name} gives. */
    static TransactionKey named(byte[] name) {
        ByteBuffer bytes = ByteBuffer.wrap(name);
        return new TransactionKey(bytes.getInt(), bytes.getLong());
    }

    /** For other nodes: both numbers, big-endian. */
    byte[] name() {
        return ByteBuffer.allocate(Integer.BYTES + Long.BYTES)
                .putInt(partition)
                .putLong(sequence)
                .array();
    }

    /** Under this key a partition keeps what it has to do if it is decided. */
    byte[] prepared() {
        return encode(PREPARED);
    }

    /** Under this key the deciding partition keeps that it is to be done. */
    byte[] decided() {
        return encode(DECIDED);
    }

    private byte[] encode(byte kind) {
        return ByteBuffer.allocate(BYTES)
                .put(PREFIX)
                .put(kind)
                .putInt(partition)
                .putLong(sequence)
                .array();
    }

    static Optional<TransactionKey> ofPrepared(byte[] key) {
        return decode(key, PREPARED);
    }

    static Optional<TransactionKey> ofDecided(byte[] key) {
        return decode(key, DECIDED);
    }

    private static Optional<TransactionKey> decode(byte[] key, byte kind) {
        int length = PREFIX.length;
        if (key.length != BYTES || !Arrays.equals(key, 0, length, PREFIX, 0, length) || key[length] != kind) {
            return Optional.empty();
        }
        ByteBuffer bytes = ByteBuffer.wrap(key, length + 1, BYTES - length - 1);
        return Optional.of(new TransactionKey(bytes.getInt(), bytes.getLong()));
    }
}

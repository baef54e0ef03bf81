package io.sterna.amqp;

import java.util.ArrayDeque;

/**
 * Bytes on their way to one socket: an array that grows, borrowed from the event loop's pool while there is something in
 * it, so that a connection with nothing to say owns none.
 */
final class OutputBuffer {
    /** A few control frames, as when ten thousand idle connections are due for a heartbeat in one turn. */
    private static final int SMALL_BYTES = 512;

    private static final int CHUNK_BYTES = 64 * 1024;
    private static final int MAX_SPARE_CHUNKS = 8;
    private static final byte[] NONE = new byte[0];

    private final ArrayDeque<byte[]> pool;
    private byte[] bytes = NONE;
    private int length;

    OutputBuffer(ArrayDeque<byte[]> pool) {
        this.pool = pool;
    }

    /** Makes room for {@code count} more bytes and returns where they go. */
    int reserve(int count) {
        int start = length;
        int needed = Math.addExact(length, count);
        if (needed > bytes.length) {
            grow(needed);
        }
        length = needed;
        return start;
    }

    private void grow(int needed) {
        byte[] former = bytes;
        if (needed <= SMALL_BYTES) {
            bytes = new byte[SMALL_BYTES];
        } else if (needed <= CHUNK_BYTES) {
            byte[] spare = pool.pollLast();
            bytes = spare == null ? new byte[CHUNK_BYTES] : spare;
        } else {
            bytes = new byte[Math.max(needed, Math.max(CHUNK_BYTES, former.length * 2))];
        }
        System.arraycopy(former, 0, bytes, 0, length);
        giveBack(former);
    }

    /** The array; changes with {@link #reserve}. */
    byte[] bytes() {
        return bytes;
    }

    int length() {
        return length;
    }

    /** Gives up what was reserved beyond {@code newLength}. */
    void truncate(int newLength) {
        length = newLength;
    }

    void put(byte[] source, int offset, int count) {
        int start = reserve(count);
        System.arraycopy(source, offset, bytes, start, count);
    }

    /** Empties the buffer and returns its array to the loop. */
    void clear() {
        giveBack(bytes);
        bytes = NONE;
        length = 0;
    }

    private void giveBack(byte[] array) {
        if (array.length == CHUNK_BYTES && pool.size() < MAX_SPARE_CHUNKS) {
            pool.addLast(array);
        }
    }
}

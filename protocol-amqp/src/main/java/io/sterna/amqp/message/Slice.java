package io.sterna.amqp.message;

import java.util.Arrays;
import java.util.Objects;

/**
 * A part of an array that nobody changes.
 *
 * @param bytes the array; not copied
 * @param offset where the part begins
 * @param length how long it is, in bytes; 0 for a section that is absent
 */
public record Slice(byte[] bytes, int offset, int length) {
    /** Checks that the part lies inside the array. */
    public Slice {
        Objects.checkFromIndexSize(offset, length, bytes.length);
    }

    /** The whole array. */
    static Slice of(byte[] bytes) {
        return new Slice(bytes, 0, bytes.length);
    }

    public boolean isEmpty() {
        return length == 0;
    }

    /** The offset after the last byte. */
    public int end() {
        return offset + length;
    }

    /** A copy of the part. */
    public byte[] toByteArray() {
        return Arrays.copyOfRange(bytes, offset, end());
    }
}

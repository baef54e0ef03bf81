package io.sterna.store;

import java.nio.ByteBuffer;

/** Numbers of seven bits a byte, the low ones first; small numbers take little. */
final class Varint {
    static final int MAX_BYTES = 10;

    private Varint() {}

    static int bytes(long value) {
        return (63 - Long.numberOfLeadingZeros(value | 1)) / 7 + 1;
    }

    static void put(ByteBuffer out, long value) {
        long rest = value;
        while ((rest & ~0x7FL) != 0) {
            out.put((byte) (rest | 0x80));
            rest >>>= 7;
        }
        out.put((byte) rest);
    }

    static long get(ByteBuffer in) {
        long value = 0;
        int shift = 0;
        byte next;
        do {
            next = in.get();
            if (shift >= 7 * MAX_BYTES) {
                throw new IllegalArgumentException("a number of more than " + MAX_BYTES + " bytes");
            }
            value |= (next & 0x7FL) << shift;
            shift += 7;
        } while (next < 0);
        return value;
    }

    /** Makes small negative numbers small positive ones. */
    static long zigzag(long value) {
        return (value << 1) ^ (value >> 63);
    }

    static long unzigzag(long value) {
        return (value >>> 1) ^ -(value & 1);
    }
}

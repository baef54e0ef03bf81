package io.sterna.amqp.codec;

import java.util.Arrays;

/**
 * Keeps peers from sending maps that are slow to decode. A hash map takes quadratic time over keys of one hash (6,000
 * such keys in 170 KiB keep Proton-J's decoder busy for 0.4 s); keys of the same hash are easily made, since it is the
 * polynomial over 31 for binary, symbol and string keys alike.
 */
final class MapKeys {
    /** Delivery tags that are counters come to some ten of one hash, in maps as large as a frame allows. */
    private static final int MOST_OF_ONE_HASH = 64;

    private MapKeys() {}

    /** Refuses a key that no map of AMQP has: one whose hash is costly, or that hides what it is. */
    static void checkType(byte[] bytes, int at, int end) throws DecodeException {
        int code = ValueWalker.code(bytes, at, end);
        boolean right =
                switch (code) {
                    case FormatCode.NULL,
                            FormatCode.LIST_0,
                            FormatCode.DECIMAL_32,
                            FormatCode.DECIMAL_64,
                            FormatCode.DECIMAL_128 -> false;
                    default -> FormatCode.isFixed(code) || FormatCode.isVariable(code);
                };
        if (!right) {
            throw new DecodeException(at, "map key must be a scalar, found " + FormatCode.name(code));
        }
    }

    /** Checks the keys of a map that has been walked: {@code count} keys and values from the offset to the end. */
    static void checkHashes(byte[] bytes, int offset, int end, int count) throws DecodeException {
        if (count / 2 <= MOST_OF_ONE_HASH) {
            return;
        }
        int[] hashes = new int[count / 2];
        int keys = 0;
        int at = offset;
        while (at < end) {
            int code = bytes[at] & 0xff;
            int keyEnd = ValueWalker.skipData(bytes, code, at + 1, end);
            if (FormatCode.isVariable(code)) {
                hashes[keys++] = hash(bytes, at + 1 + FormatCode.sizeWidthBytes(code), keyEnd);
            }
            at = AmqpValues.skip(bytes, keyEnd, end);
        }
        Arrays.sort(hashes, 0, keys);
        for (int i = MOST_OF_ONE_HASH; i < keys; i++) {
            if (hashes[i] == hashes[i - MOST_OF_ONE_HASH]) {
                throw new DecodeException(offset, "map with more than " + MOST_OF_ONE_HASH + " keys of the same hash");
            }
        }
    }

    private static int hash(byte[] bytes, int offset, int end) {
        int hash = 0;
        for (int at = offset; at < end; at++) {
            hash = 31 * hash + (bytes[at] & 0xff);
        }
        return hash;
    }
}

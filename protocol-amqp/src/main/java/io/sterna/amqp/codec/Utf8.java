package io.sterna.amqp.codec;

/** Checks the text of strings (UTF-8, AMQP 1.0 §1.6.20) and symbols (ASCII, §1.6.21) without decoding it. */
final class Utf8 {
    private Utf8() {}

    static void checkAscii(byte[] bytes, int offset, int end) throws DecodeException {
        for (int at = offset; at < end; at++) {
            if (bytes[at] < 0) {
                throw new DecodeException(at, "symbol is not ASCII");
            }
        }
    }

    /**
     * The well-formed sequences are those of Unicode's table 3-7: no overlong form, no surrogate, none above 10FFFF.
     */
    static void check(byte[] bytes, int offset, int end) throws DecodeException {
        int at = offset;
        while (at < end) {
            int first = bytes[at] & 0xff;
            if (first < 0x80) {
                at++;
                continue;
            }
            int length = first < 0xc2 || first > 0xf4 ? 0 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
            if (length == 0 || end - at < length || !isSecond(first, bytes[at + 1] & 0xff)) {
                throw new DecodeException(at, "string is not UTF-8");
            }
            for (int next = at + 2; next < at + length; next++) {
                if ((bytes[next] & 0xc0) != 0x80) {
                    throw new DecodeException(next, "string is not UTF-8");
                }
            }
            at += length;
        }
    }

    private static boolean isSecond(int first, int second) {
        int lowest = first == 0xe0 ? 0xa0 : first == 0xf0 ? 0x90 : 0x80;
        int highest = first == 0xed ? 0x9f : first == 0xf4 ? 0x8f : 0xbf;
        return lowest <= second && second <= highest;
    }
}

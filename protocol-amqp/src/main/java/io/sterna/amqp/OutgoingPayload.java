package io.sterna.amqp;

/**
 * The bytes of a message to be sent, in up to two pieces, so that a rewritten header can go before a body that is not
 * copied. The arrays are not changed while the delivery is on its way.
 *
 * @param prefix goes first, may be empty
 * @param bytes goes after it, from {@code offset} to its end
 */
public record OutgoingPayload(byte[] prefix, byte[] bytes, int offset) {
    public OutgoingPayload {
        if (offset < 0 || offset > bytes.length) {
            throw new IllegalArgumentException("offset " + offset + " of " + bytes.length + " bytes");
        }
    }

    public static OutgoingPayload of(byte[] bytes) {
        return new OutgoingPayload(new byte[0], bytes, 0);
    }

    /** How many bytes there are in all. */
    public int length() {
        return prefix.length + bytes.length - offset;
    }

    void copyTo(int from, byte[] target, int targetOffset, int count) {
        int fromPrefix = Math.max(0, Math.min(count, prefix.length - from));
        if (fromPrefix > 0) {
            System.arraycopy(prefix, from, target, targetOffset, fromPrefix);
        }
        int rest = count - fromPrefix;
        if (rest > 0) {
            System.arraycopy(
                    bytes, offset + from + fromPrefix - prefix.length, target, targetOffset + fromPrefix, rest);
        }
    }
}

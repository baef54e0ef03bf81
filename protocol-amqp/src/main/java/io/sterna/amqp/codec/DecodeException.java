package io.sterna.amqp.codec;

/**
 * A peer's bytes are not the AMQP value they should be; maps to {@code amqp:decode-error}. Carries no stack trace: the
 * cause lies in the bytes, and a peer that sends garbage should cost little.
 */
public final class DecodeException extends Exception {
    private static final long serialVersionUID = 1;

    private final int offset;

    /**
     * @param offset where in the array the trouble begins, in bytes
     * @param reason what is wrong, for a person to act on
     */
    public DecodeException(int offset, String reason) {
        super(reason + " at offset " + offset, null, false, false);
        this.offset = offset;
    }

    /** Where in the array the trouble begins, in bytes. */
    public int offset() {
        return offset;
    }
}

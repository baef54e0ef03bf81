package io.sterna.broker.queue;

/**
 * How much one load brings back. Together with the half of a load that may still wait for delivery when the next one
 * is asked for, this bounds the read-ahead.
 *
 * @param maxMessages at most so many messages, 1 or more
 * @param maxBytes stop after the message with which this is reached, 1 or more
 * @param maxPassedOver so many messages that a consumer may not have are passed over within a turn of the loop, 1 or
 *     more; then {@link QueueEffects#continueLater} is called
 */
public record LoadLimits(int maxMessages, long maxBytes, int maxPassedOver) {
    /** About a millisecond's work for filters of the usual kind. */
    private static final int USUALLY_PASSED_OVER = 1_000;

    public LoadLimits {
        if (maxMessages < 1 || maxBytes < 1 || maxPassedOver < 1) {
            throw new IllegalArgumentException(
                    "a load brings at least one message and one byte, a turn does something");
        }
    }

    public LoadLimits(int maxMessages, long maxBytes) {
        this(maxMessages, maxBytes, USUALLY_PASSED_OVER);
    }
}

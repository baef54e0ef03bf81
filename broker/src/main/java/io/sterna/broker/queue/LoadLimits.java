package io.sterna.broker.queue;

/**
 * How much one load brings back. Together with the half of a load that may still wait for delivery when the next one
 * is asked for, this bounds the read-ahead.
 *
 * @param maxMessages at most so many messages, 1 or more
 * @param maxBytes stop after the message with which this is reached, 1 or more
 */
public record LoadLimits(int maxMessages, long maxBytes) {
    public LoadLimits {
        if (maxMessages < 1 || maxBytes < 1) {
            throw new IllegalArgumentException("a load brings at least one message and one byte");
        }
    }
}

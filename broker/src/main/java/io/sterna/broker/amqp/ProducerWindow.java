package io.sterna.broker.amqp;

/**
 * How many deliveries of a producer may be under way to us or to the disk: many small ones, few large ones, so that the
 * bytes under way are bounded. It begins with the fewest, since a message may be of any size until the first ones have
 * shown what they are like. Owned by the connection's loop.
 */
final class ProducerWindow {
    private static final long BYTES = 4L * 1024 * 1024;
    private static final int LEAST = 2;
    private static final int MOST = 1024;

    private long averageBytes;
    private int deliveries = LEAST;

    int deliveries() {
        return deliveries;
    }

    /** A message of this size has come; returns whether the window has changed, which it does in powers of 2. */
    boolean onMessage(long sizeBytes) {
        // Up at once, down slowly.
        averageBytes = Math.max(sizeBytes, averageBytes - (averageBytes - sizeBytes) / 8);
        long fitting = Math.max(LEAST, Math.min(MOST, BYTES / Math.max(1, averageBytes)));
        int before = deliveries;
        deliveries = (int) Long.highestOneBit(fitting);
        return deliveries != before;
    }
}

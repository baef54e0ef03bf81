package io.sterna.bench.load;

import java.time.Duration;

/**
 * How much load.
 *
 * @param warmUp before each window
 * @param time of each window
 * @param scale multiplies the quantities that do not depend on time: messages drained, backlog, idle connections
 * @param bodyBytes of each message, at least 8
 */
record Load(Duration warmUp, Duration time, double scale, int bodyBytes) {

    /**
     * A window ends early at this rate, so that what is left in a queue is bounded however fast a broker is. No broker
     * and no single JMS client get near it with forced writes on two cores.
     */
    private static final long HIGHEST_RATE = 40_000;

    Load {
        if (warmUp.isNegative() || time.isNegative() || time.isZero()) {
            throw new IllegalArgumentException("times are positive: warm-up " + warmUp + ", window " + time);
        }
        if (!(scale > 0 && scale <= 100)) {
            throw new IllegalArgumentException("the scale is above 0 and at most 100: " + scale);
        }
        if (bodyBytes < Long.BYTES || bodyBytes > 1 << 20) {
            throw new IllegalArgumentException("a body has 8 to 1048576 bytes: " + bodyBytes);
        }
    }

    /** The limit for what one window may add to a queue. */
    long maxMessages(Duration window) {
        return Math.max(1_000, HIGHEST_RATE * window.toMillis() / 1_000);
    }

    /** A quantity under the scale. */
    int scaled(int quantity, int least) {
        return (int) Math.max(least, Math.min(Integer.MAX_VALUE, Math.round(quantity * scale)));
    }
}

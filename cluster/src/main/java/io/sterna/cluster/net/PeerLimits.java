package io.sterna.cluster.net;

/**
 * Times and sizes of connections between nodes.
 *
 * @param heartbeatMillis a node says something at least so often
 * @param silenceMillis who says nothing for so long is taken to be gone
 * @param handshakeMillis how long the two may take to get to know each other
 * @param maxQueuedBytes of what is to be sent to one node; with more, its connection is closed
 * @param maxFrameBytes the longest message between nodes; has to be above the longest message of a client
 */
public record PeerLimits(
        long heartbeatMillis, long silenceMillis, long handshakeMillis, long maxQueuedBytes, int maxFrameBytes) {
    private static final PeerLimits DEFAULTS = new PeerLimits(200, 1_000, 5_000, 256 << 20, 256 << 20);
    private static final int LEAST_FRAME_BYTES = 64 << 10;

    /** An array of it has room for a length in front. */
    private static final int MOST_FRAME_BYTES = Integer.MAX_VALUE - 16;

    public PeerLimits {
        atLeast("heartbeatMillis", heartbeatMillis, 1);
        atLeast("silenceMillis", silenceMillis, 2 * heartbeatMillis);
        atLeast("handshakeMillis", handshakeMillis, 1);
        atLeast("maxQueuedBytes", maxQueuedBytes, 1);
        atLeast("maxFrameBytes", maxFrameBytes, LEAST_FRAME_BYTES);
        if (maxFrameBytes > MOST_FRAME_BYTES) {
            throw new IllegalArgumentException(
                    "maxFrameBytes is " + maxFrameBytes + ", must be at most " + MOST_FRAME_BYTES);
        }
    }

    /**
     * A node that is stopped is seen within a second. 256 MiB may wait: what 64 partitions may have under way, which their
     * owners hold back producers for, so that a slow network does not end connections. A message may have 256 MiB.
     */
    public static PeerLimits defaults() {
        return DEFAULTS;
    }

    private static void atLeast(String name, long value, long least) {
        if (value < least) {
            throw new IllegalArgumentException(name + " is " + value + ", must be at least " + least);
        }
    }
}

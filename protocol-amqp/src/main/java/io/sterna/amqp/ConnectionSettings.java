package io.sterna.amqp;

/**
 * The limits of our side.
 *
 * @param containerId our name for ourselves
 * @param maxFrameBytes the largest frame that we take, at least 512
 * @param channelMax the highest channel that we take, 0 … 65535
 * @param handleMax the highest link handle that we take
 * @param sessionWindowFrames how many transfer frames a session may have under way to us, at least 1
 * @param idleTimeoutMillis a peer that is silent for so long is given up, 0 for never; it is told half of it
 * @param handshakeTimeoutMillis from the start to the peer's open
 * @param closeTimeoutMillis how long we wait for the peer's close after ours
 */
public record ConnectionSettings(
        String containerId,
        int maxFrameBytes,
        int channelMax,
        int handleMax,
        int sessionWindowFrames,
        long idleTimeoutMillis,
        long handshakeTimeoutMillis,
        long closeTimeoutMillis) {
    /** The least that both sides can take (AMQP 1.0 §2.8.19). */
    public static final int MIN_MAX_FRAME_BYTES = 512;

    public ConnectionSettings {
        if (maxFrameBytes < MIN_MAX_FRAME_BYTES) {
            throw new IllegalArgumentException("frames of 512 bytes have to be taken, AMQP 1.0 §2.7.1");
        }
        if (channelMax < 0 || channelMax > 65535 || handleMax < 0 || sessionWindowFrames < 1) {
            throw new IllegalArgumentException("channel, handle or window out of range");
        }
    }
}

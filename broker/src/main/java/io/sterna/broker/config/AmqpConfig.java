package io.sterna.broker.config;

/**
 * Where clients connect, and what one of them may use.
 *
 * @param host address or name to listen on
 * @param port 0 picks a free one
 * @param webSocket where clients connect over WebSocket
 * @param handshakeTimeoutMillis from the socket's opening to the AMQP open; then the socket is closed
 * @param idleTimeoutMillis a connection on which nothing arrives for so long is closed; 0 for never
 * @param maxFrameBytes largest frame taken from a peer, announced in open
 * @param maxMessageBytes largest message taken from a peer, announced in attach
 * @param channelMax highest channel number of a connection, announced in open
 * @param handleMax highest link handle of a session, announced in begin
 * @param suspendedLinks how much of links that were lost is kept
 */
public record AmqpConfig(
        String host,
        int port,
        WebSocketConfig webSocket,
        long handshakeTimeoutMillis,
        long idleTimeoutMillis,
        int maxFrameBytes,
        long maxMessageBytes,
        int channelMax,
        int handleMax,
        SuspendedLinksConfig suspendedLinks) {
    private static final int KIB = 1024;
    private static final long MIB = 1024L * KIB;

    static AmqpConfig read(Section section) throws ConfigException {
        AmqpConfig config = new AmqpConfig(
                section.text("host", "127.0.0.1"),
                section.wholeNumber("port", 5672, 0, 65535),
                WebSocketConfig.read(section.child("websocket")),
                section.millis("handshake-timeout", 10_000, 100, 600_000),
                section.millis("idle-timeout", 60_000, 0, 86_400_000),
                // AMQP 1.0 §2.7.1: no peer may announce less than 512
                (int) section.bytes("max-frame-size", 64 * KIB, 512, 16 * MIB),
                // A record of the journal has at most 1 GiB, and more than the message in it.
                section.bytes("max-message-size", 100 * MIB, KIB, 1023 * MIB),
                section.wholeNumber("channel-max", 2047, 0, 65535),
                section.wholeNumber("handle-max", 4095, 0, 65535),
                SuspendedLinksConfig.read(section.child("suspended-links")));
        section.refuseUnknown();
        return config;
    }
}

package io.sterna.cluster.net;

/**
 * What has gone to and come from another node since the start.
 *
 * @param up whether there is a connection
 * @param connections that there were, this one among them
 * @param queuedBytes waiting to be sent, about
 * @param sentMessages that were handed to the socket, as are {@code sentBytes}
 * @param droppedMessages that there was no connection for, or no room
 */
public record PeerFigures(
        String node,
        boolean up,
        long connections,
        long queuedBytes,
        long sentMessages,
        long sentBytes,
        long receivedMessages,
        long receivedBytes,
        long droppedMessages) {}

package io.sterna.cluster.net;

import java.util.concurrent.atomic.LongAdder;

/** Counts for one node, over all its connections. Any thread. */
final class PeerCounters {
    final LongAdder connections = new LongAdder();
    final LongAdder sentMessages = new LongAdder();
    final LongAdder sentBytes = new LongAdder();
    final LongAdder receivedMessages = new LongAdder();
    final LongAdder receivedBytes = new LongAdder();
    final LongAdder droppedMessages = new LongAdder();

    PeerFigures figures(String node, boolean up, long queuedBytes) {
        return new PeerFigures(
                node,
                up,
                connections.sum(),
                queuedBytes,
                sentMessages.sum(),
                sentBytes.sum(),
                receivedMessages.sum(),
                receivedBytes.sum(),
                droppedMessages.sum());
    }
}

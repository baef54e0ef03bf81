package io.sterna.cluster.net;

import io.sterna.cluster.NodeReport;
import io.sterna.cluster.ReplicaMessage;

/**
 * What waits to be sent. It is made into bytes when the socket takes it, so that what waits takes no memory of its own: an
 * owner keeps the records anyway.
 */
sealed interface Outgoing {
    /** About what it will take. */
    long bytes();

    void write(WireWriter out);

    /**
     * From one replica to another.
     *
     * @param generation of the table that the sender follows
     */
    record OfReplica(long generation, ReplicaMessage message, long bytes) implements Outgoing {
        @Override
        public void write(WireWriter out) {
            out.beginFrame(FrameKind.REPLICA_MESSAGE);
            out.putLong(generation);
            ReplicaMessageFormat.write(message, out);
            out.endFrame();
        }
    }

    /** From this node. */
    record OfNode(NodeReport report, long bytes) implements Outgoing {
        @Override
        public void write(WireWriter out) {
            out.beginFrame(FrameKind.NODE_REPORT);
            ClusterFormat.write(report, out);
            out.endFrame();
        }
    }
}

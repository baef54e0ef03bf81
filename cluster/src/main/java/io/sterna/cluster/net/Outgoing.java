package io.sterna.cluster.net;

import io.sterna.cluster.NodeReport;
import io.sterna.cluster.ReplicaMessage;
import io.sterna.cluster.table.TableMessage;

/**
 * What waits to be sent. It is made into bytes when the socket takes it, so that what waits takes no memory of its own: an
 * owner keeps the records anyway.
 */
sealed interface Outgoing {
    /** Whether it goes before what waits in the stream. What belongs to one replica has to stay in order, and nothing else. */
    default boolean isUrgent() {
        return true;
    }

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
        public boolean isUrgent() {
            return false;
        }

        @Override
        public void write(WireWriter out) {
            out.beginFrame(FrameKind.REPLICA_MESSAGE);
            out.putLong(generation);
            ReplicaMessageFormat.write(message, out);
            out.endFrame();
        }
    }

    /** About the partition table. */
    record OfTable(TableMessage message, long bytes) implements Outgoing {
        @Override
        public void write(WireWriter out) {
            out.beginFrame(FrameKind.TABLE_MESSAGE);
            TableMessageFormat.write(message, out);
            out.endFrame();
        }
    }

    /** Of those who use the network. */
    record OfUser(byte[] note) implements Outgoing {
        @Override
        public long bytes() {
            return note.length;
        }

        @Override
        public void write(WireWriter out) {
            out.beginFrame(FrameKind.NOTE);
            out.putBytes(note);
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

package io.sterna.cluster.net;

import io.sterna.cluster.NodeReport;
import io.sterna.cluster.ReplicaMessage;
import io.sterna.cluster.table.TableMessage;
import java.util.Optional;

/** Hears of other nodes. All is called on the network's event loop, and returns soon. */
public interface PeerListener {

    /**
     * Whether a node that knows the secret is to be talked to.
     *
     * @return why not, for who operates it; empty when it is
     */
    Optional<String> objection(PeerIdentity node);

    /** There is a connection; what is sent from now on goes over it. */
    void onPeerUp(PeerIdentity node);

    /**
     * The connection is gone, with what was under way.
     *
     * @param reason for people
     */
    void onPeerDown(PeerIdentity node, String reason);

    /**
     * Another node's replica says something. In the order in which it was sent, since {@link #onPeerUp}.
     *
     * @param generation of the table that it follows
     */
    void onMessage(String node, long generation, ReplicaMessage message);

    /** Another node asks for, or tells, something of the partition table; perhaps before messages that it has sent earlier. */
    void onTableMessage(String node, TableMessage message);

    /**
     * Somebody has sent a note to this node; it may come before messages of replicas that were sent earlier.
     *
     * @param note as it was given to {@link PeerNetwork#note}
     */
    void onNote(String node, byte[] note);

    /** Octets have come from another node, of whatever; told every now and then, also while a message is long under way. */
    void onOctets(String node);

    /** Another node tells of itself; perhaps before messages that it has sent earlier. */
    void onReport(String node, NodeReport report);
}

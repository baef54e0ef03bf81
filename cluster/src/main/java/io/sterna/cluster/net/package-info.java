/**
 * Connections between nodes: {@link io.sterna.cluster.Peers} over TCP.
 *
 * <p>Moving parts: a {@link io.sterna.cluster.net.PeerNetwork} listens and calls the other nodes; there is one {@code Link}
 * for each pair of nodes, which a {@code Handshake} opens, called by the node with the lower id. A {@code FrameAssembler}
 * cuts what comes into frames, a {@code WireWriter} puts frames into few large writes; messages between replicas are a stream
 * in pieces, and all else goes between these. {@code ClusterFormat} and {@code
 * ReplicaMessageFormat} know how what nodes tell each other is written.
 *
 * <p>One event loop owns all of it but the queues of what is to be sent, which any thread may add to. It hands on what it
 * reads and decides nothing: it does not repeat messages, knows of no partitions, and says of a node only whether it is
 * there. Reasons are in decision 0032.
 */
@NullMarked
package io.sterna.cluster.net;

import org.jspecify.annotations.NullMarked;

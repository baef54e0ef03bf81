package io.sterna.cluster.net;

import java.util.HashSet;
import java.util.List;
import java.util.Optional;

/**
 * How a node is tied to the others.
 *
 * @param cluster the cluster's name; the same at all nodes
 * @param secret the same at all nodes
 * @param address where this node listens, and what others are told to call
 * @param clientPort where clients connect to this node, on the same host
 * @param witness this node owns nothing
 * @param founders ids of the nodes that the cluster begins with; the same at all nodes, sorted
 * @param members addresses of the nodes to call, this one perhaps among them; who calls becomes known, too
 * @param tls absent, what nodes say can be read and changed by who is between them
 */
public record PeerSettings(
        String cluster,
        ClusterSecret secret,
        PeerAddress address,
        int clientPort,
        boolean witness,
        List<String> founders,
        List<PeerAddress> members,
        Optional<PeerTls> tls,
        PeerLimits limits) {
    /** A hello has to hold their ids. */
    public static final int MAX_FOUNDERS = 32;

    public PeerSettings {
        founders = founders.stream().sorted().toList();
        members = List.copyOf(members);
        if (founders.size() > MAX_FOUNDERS) {
            throw new IllegalArgumentException(
                    founders.size() + " nodes for a cluster to begin with, at most " + MAX_FOUNDERS + " are allowed");
        }
        if (new HashSet<>(founders).size() < founders.size()) {
            throw new IllegalArgumentException("a node is named twice in " + founders);
        }
    }
}

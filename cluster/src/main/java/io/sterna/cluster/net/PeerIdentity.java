package io.sterna.cluster.net;

import java.util.List;
import java.util.UUID;

/**
 * Who a node is.
 *
 * @param node its id, its own for ever
 * @param disk a random number that its data directory was given when it was made: with another one, what the node once
 *     promised is gone
 * @param boot names its process
 * @param address where it is called
 * @param clientPort where clients connect to it, on the same host
 * @param witness it owns nothing
 * @param founders ids of the nodes that the cluster begins with, as this node knows them; sorted
 */
public record PeerIdentity(
        String node,
        long disk,
        UUID boot,
        PeerAddress address,
        int clientPort,
        boolean witness,
        List<String> founders) {
    public PeerIdentity {
        founders = founders.stream().sorted().toList();
    }

    @Override
    public String toString() {
        return node + " at " + address;
    }
}

package io.sterna.broker.partition;

import java.util.Optional;

/**
 * What a node is made of.
 *
 * @param id unique on this node of the cluster for ever
 * @param stored whether it and its messages are in the store; if not, they are in memory only
 * @param owner whose it is, when it is temporary
 */
record NodeSpec(NodeKind kind, long id, String address, boolean stored, Optional<NodeOwner> owner) {

    static NodeSpec stored(NodeKind kind, long id, String address) {
        return new NodeSpec(kind, id, address, true, Optional.empty());
    }
}

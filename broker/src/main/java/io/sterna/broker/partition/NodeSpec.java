package io.sterna.broker.partition;

import java.util.Optional;

/**
 * What a node is made of.
 *
 * @param id unique on this node of the cluster for ever
 * @param stored whether it and its messages are in the store; if not, they are in memory only
 * @param owner whose it is, when nobody else may receive from it
 * @param life when it goes, if it was made for a link
 */
record NodeSpec(
        NodeKind kind,
        long id,
        String address,
        boolean stored,
        Optional<NodeOwner> owner,
        Optional<TemporaryLife> life) {

    static NodeSpec stored(NodeKind kind, long id, String address) {
        return new NodeSpec(kind, id, address, true, Optional.empty(), Optional.empty());
    }
}

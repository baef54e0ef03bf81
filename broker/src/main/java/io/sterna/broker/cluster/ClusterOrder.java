package io.sterna.broker.cluster;

import io.sterna.cluster.Waiting;

/** What an operator asks of a cluster. */
public sealed interface ClusterOrder {

    /**
     * A partition that gets no owner by itself is to go on without those it waits for.
     *
     * @param seen as the operator saw it: nothing happens when it is not so any more
     */
    record ForceOpen(Waiting seen) implements ClusterOrder {}

    /**
     * A node is to own nothing and to have no copies, or to have its share again.
     *
     * @param draining whether it is to have nothing
     */
    record Drain(String node, boolean draining) implements ClusterOrder {}
}

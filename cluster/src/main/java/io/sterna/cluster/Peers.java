package io.sterna.cluster;

/** The way to the other nodes. What is sent to a node over one connection arrives in order, up to some point, or not at all. */
public interface Peers {

    /**
     * Sends if it can; returns at once.
     *
     * @param generation of the table that the sender follows: goes with the message, to {@link Replica#onMessage}
     */
    void send(String node, long generation, ReplicaMessage message);
}

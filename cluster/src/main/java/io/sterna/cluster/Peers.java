package io.sterna.cluster;

/** The way to the other nodes. What is sent to a node over one connection arrives in order, up to some point, or not at all. */
public interface Peers {

    /** Sends if it can; returns at once. */
    void send(String node, ReplicaMessage message);
}

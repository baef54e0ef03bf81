package io.sterna.cluster;

/**
 * A node of the cluster.
 *
 * @param id durable, and its own for ever
 * @param witness it helps to keep the table and owns nothing
 * @param draining it is to own nothing any more
 */
public record Member(String id, boolean witness, boolean draining) {
    boolean mayHold() {
        return !witness && !draining;
    }
}

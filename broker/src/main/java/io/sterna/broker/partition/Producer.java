package io.sterna.broker.partition;

/**
 * Whoever publishes, as what may hold it back knows it. Called on the loop of a partition, or of the connection that
 * room is short for; only hands over and returns.
 */
public interface Producer {

    /** The client that it belongs to, by the name that the client has given itself. Any thread. */
    String containerId();

    /**
     * Whether each node that it sends to knows of it before, and can hold it back ({@link Node#admit}): not when
     * messages say themselves where they go. Any thread.
     */
    default boolean isAdmittedByNodes() {
        return true;
    }

    /**
     * There is no room for more of what this producer sends, in memory, in a queue or on the disk: it is to be stopped
     * until {@link #onRoom} for the same brake.
     */
    void onTight(Brake brake);

    /** There is room again. */
    void onRoom(Brake brake);
}

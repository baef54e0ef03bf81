package io.sterna.broker.partition;

/** Whoever publishes, as a partition's memory knows it. Called on the partition's loop; only hands over and returns. */
public interface Producer {

    /** The client that it belongs to, by the name that the client has given itself. Any thread. */
    String containerId();

    /**
     * What this producer has sent can't be let go, and there is no memory for more: it is to be stopped until {@link
     * #onRoom} for the same loop.
     */
    void onTight(Loop loop);

    /** There is room again. */
    void onRoom(Loop loop);
}

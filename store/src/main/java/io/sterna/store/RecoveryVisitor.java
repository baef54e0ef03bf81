package io.sterna.store;

/** Hears what {@link Store#recover} finds. Arrays are the visitor's own. */
public interface RecoveryVisitor {

    /**
     * Stored data could not be read and was set aside; what follows is what is intact. Called before everything else,
     * once for each damage; the store has logged it.
     *
     * @param damage names the file, what is affected, and where the bytes were put
     */
    default void onDamage(StoreException damage) {}

    /** The highest epoch and index that the log of a partition holds. Called once for each partition with a log. */
    void onPartition(int partition, long epoch, long index);

    /**
     * A node that exists.
     *
     * @param node with the settings of the last {@link LogOperation.NodeChanged}
     */
    void onNode(int partition, LogOperation.NodeCreated node);

    /**
     * A value that a node keeps.
     *
     * @param nodeId the node, or 0 for the partition itself
     */
    void onValue(int partition, long nodeId, byte[] key, byte[] value);

    /** A message that is in a queue, its own or one that was published to it. */
    void onMessage(int partition, long queueId, RecoveredMessage message);
}

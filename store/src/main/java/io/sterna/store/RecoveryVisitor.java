package io.sterna.store;

/** Hears what {@link Store#recover} finds. */
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

    /** A node that exists. */
    void onNode(int partition, LogOperation.NodeCreated node);

    /**
     * A message that is alive.
     *
     * @param sizeBytes length of the message's bytes, which {@link Store#read} gives
     * @param deliveryCount as of the last {@link LogOperation.DeliveryUpdated}, else 0
     * @param annotations as of the last {@link LogOperation.DeliveryUpdated}, else empty
     */
    void onMessage(int partition, long queueId, long sequence, int sizeBytes, int deliveryCount, byte[] annotations);
}

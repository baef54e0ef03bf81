package io.sterna.broker.partition;

/** The consumer's end of a subscription to a queue. Called on the partition's loop; only hands over and returns. */
public interface DeliveryTaker {

    /** A message for the consumer. */
    void onDelivery(Delivery delivery);

    /** All that was available has been delivered; so much credit is given up. */
    void onDrained(long unusedCredit);

    /** A delivery was not settled in time: its message went back to the queue. */
    void onLockLost(long sequence);

    /** The queue is gone, and the consumer's place with it. */
    void onQueueDeleted();

    /** The partition does not serve any more. */
    void onStopped(String reason);
}

package io.sterna.broker.partition;

/** A message on its way into a queue. Called on the partition's loop; only hands over and returns. */
public interface Publication {

    BrokerMessage message();

    Producer producer();

    /** The message is in the queue for good. Not called when the store fails: whether the message is there is unknown. */
    void onStored();

    /** The node was deleted; the message is nowhere. */
    void onDeleted();

    /** The partition does not serve any more; whether the message is in the queue is unknown. */
    void onStopped(String reason);
}

package io.sterna.broker.partition;

/**
 * A message that is published in a transaction, which is answered as a whole: of the message itself nothing is told.
 */
public interface TransactedPublication extends Publication {

    @Override
    default void onStored() {}

    /** What is posted to a node that goes before it can enter, goes with the node. */
    @Override
    default void onDeleted() {}

    @Override
    default void onStopped(String reason) {}
}

package io.sterna.broker.management;

import io.sterna.broker.partition.BrokerMessage;
import io.sterna.broker.partition.Producer;
import io.sterna.broker.partition.Publication;

/** A message that was a dead letter, on its way to its new place in a transaction. */
record MovingLetter(BrokerMessage message, Producer producer) implements Publication {

    @Override
    public boolean beginsAnew() {
        return true;
    }

    @Override
    public void onStored() {
        // The transaction is answered as a whole.
    }

    @Override
    public void onDeleted() {
        // It goes with the node.
    }

    @Override
    public void onStopped(String reason) {
        // The transaction says so, too.
    }
}

package io.sterna.broker.management;

import io.sterna.broker.partition.BrokerMessage;
import io.sterna.broker.partition.Producer;
import io.sterna.broker.partition.TransactedPublication;

/** A message that was a dead letter, on its way to its new place in a transaction. */
record MovingLetter(BrokerMessage message, Producer producer) implements TransactedPublication {

    @Override
    public boolean beginsAnew() {
        return true;
    }
}

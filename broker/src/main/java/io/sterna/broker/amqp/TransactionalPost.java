package io.sterna.broker.amqp;

import io.sterna.amqp.DeliveryState;
import io.sterna.amqp.IncomingDelivery;
import io.sterna.broker.partition.BrokerMessage;
import io.sterna.broker.partition.Node;
import io.sterna.broker.partition.Producer;
import io.sterna.broker.partition.TransactedPublication;
import org.jspecify.annotations.Nullable;

/** A message that waits in a transaction. Owned by the connection's loop until the transaction commits. */
final class TransactionalPost implements TransactedPublication {
    private final IncomingDelivery delivery;
    private final BrokerMessage message;
    private final Producer producer;
    private final long arrivedAtMillis;
    private @Nullable Node node;

    TransactionalPost(IncomingDelivery delivery, BrokerMessage message, Producer producer, long arrivedAtMillis) {
        this.delivery = delivery;
        this.message = message;
        this.producer = producer;
        this.arrivedAtMillis = arrivedAtMillis;
    }

    void route(Node to) {
        node = to;
    }

    /** Where it goes; there once it is routed. */
    Node node() {
        if (node == null) {
            throw new IllegalStateException("the message has not been routed");
        }
        return node;
    }

    /** §4.4.4: after the discharge the state of an unsettled delivery is the outcome that was applied. */
    void onCommitted() {
        delivery.update(DeliveryState.Accepted.INSTANCE);
    }

    @Override
    public BrokerMessage message() {
        return message;
    }

    @Override
    public Producer producer() {
        return producer;
    }

    /** Not when it was committed (AMQP 1.0 §3.2.1, ttl; Jakarta Messaging §3.4.9, §3.4.13). */
    @Override
    public long arrivedAtMillis(long nowMillis) {
        return arrivedAtMillis;
    }
}

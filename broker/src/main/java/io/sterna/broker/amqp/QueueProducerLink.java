package io.sterna.broker.amqp;

import io.sterna.amqp.IncomingDelivery;
import io.sterna.amqp.ReceiverLink;
import io.sterna.broker.partition.BrokerMessage;
import io.sterna.broker.partition.Loop;
import io.sterna.broker.partition.QueueNode;

/** A producer that sends to one queue. */
final class QueueProducerLink extends ProducerLink {
    private final QueueNode node;

    QueueProducerLink(BrokerServices services, Loop loop, ReceiverLink link, QueueNode node) {
        super(services, loop, link);
        this.node = node;
    }

    @Override
    void route(IncomingDelivery delivery, BrokerMessage message) {
        publish(delivery, message, node);
    }
}

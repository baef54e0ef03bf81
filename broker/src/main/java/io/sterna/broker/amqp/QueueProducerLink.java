package io.sterna.broker.amqp;

import io.sterna.amqp.ReceiverLink;
import io.sterna.broker.partition.QueueNode;

/** A producer that sends to one queue. */
final class QueueProducerLink extends ProducerLink {
    private final QueueNode node;

    QueueProducerLink(BrokerServices services, ClientTasks tasks, ReceiverLink link, QueueNode node) {
        super(services, tasks, link);
        this.node = node;
    }

    @Override
    void route(Incoming incoming) {
        node.loop().run(() -> node.publish(incoming));
    }
}

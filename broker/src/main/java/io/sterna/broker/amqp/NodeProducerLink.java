package io.sterna.broker.amqp;

import io.sterna.amqp.AmqpError;
import io.sterna.amqp.ErrorCondition;
import io.sterna.amqp.ReceiverLink;
import io.sterna.broker.partition.BrokerMessage;
import io.sterna.broker.partition.KeptLink;
import io.sterna.broker.partition.Node;
import java.util.Optional;

/** A producer that sends to one node. */
class NodeProducerLink extends ProducerLink {
    private final Node node;

    NodeProducerLink(ClientContext client, ReceiverLink link, Node node, Optional<KeptLink> kept) {
        super(client, link, kept);
        this.node = node;
    }

    @Override
    void onArrived() {
        node.loop().run(() -> node.addProducers(1));
    }

    @Override
    void admit(Runnable then) {
        node.loop().run(() -> {
            node.admit(this);
            tasks().run(then);
        });
    }

    @Override
    void onLeft(boolean suspended, Runnable then) {
        node.loop().run(() -> node.addProducers(-1));
        then.run();
    }

    @Override
    int mostUnderWay() {
        return node.mostUnderWay();
    }

    @Override
    void route(Incoming incoming) {
        node.loop().run(() -> node.publish(incoming));
    }

    @Override
    void onNodeDeleted() {
        fail(AmqpError.of(ErrorCondition.RESOURCE_DELETED, node.kind() + " " + node.address() + " was deleted"));
    }

    @Override
    void locate(BrokerMessage message, NodeTaker taker) {
        taker.onNode(node);
    }
}

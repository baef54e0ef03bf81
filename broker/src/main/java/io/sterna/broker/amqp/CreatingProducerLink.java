package io.sterna.broker.amqp;

import io.sterna.amqp.ReceiverLink;
import io.sterna.broker.partition.Node;
import io.sterna.broker.partition.Partition;

/** A producer for which the node was made that it sends to. */
final class CreatingProducerLink extends NodeProducerLink {
    private final ClientContext client;
    private final Node node;

    CreatingProducerLink(ClientContext client, ReceiverLink link, Node node) {
        super(client, link, node);
        this.client = client;
        this.node = node;
    }

    /** Nobody who hears our answer finds the node any more, if its time is over. */
    @Override
    void onLeft(Runnable then) {
        Partition partition = services().partitions().of(node.address());
        client.leaves().begin();
        super.onLeft(() -> partition.loop().run(() -> {
            partition.creatorLeft(node);
            tasks().run(() -> {
                then.run();
                client.leaves().end();
            });
        }));
    }
}

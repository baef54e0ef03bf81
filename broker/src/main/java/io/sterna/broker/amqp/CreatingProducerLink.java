package io.sterna.broker.amqp;

import io.sterna.amqp.ReceiverLink;
import io.sterna.broker.partition.Node;
import io.sterna.broker.partition.Partition;
import java.util.Optional;

/** A producer for which the node was made that it sends to. */
final class CreatingProducerLink extends NodeProducerLink {
    private final ClientContext client;
    private final Node node;

    CreatingProducerLink(ClientContext client, ReceiverLink link, Node node) {
        super(client, link, node, Optional.empty());
        this.client = client;
        this.node = node;
    }

    @Override
    Optional<Node> made() {
        return Optional.of(node);
    }

    /** Nobody who hears our answer finds the node any more, if its time is over (AMQP 1.0 §3.5.10). */
    @Override
    void onLeft(boolean suspended, Runnable then) {
        if (suspended) {
            super.onLeft(true, then);
            return;
        }
        Partition partition = services().partitions().of(node.address());
        client.leaves().begin();
        super.onLeft(false, () -> partition.loop().run(() -> {
            partition.creatorLeft(node);
            tasks().run(() -> {
                then.run();
                client.leaves().end();
            });
        }));
    }
}

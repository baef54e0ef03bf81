package io.sterna.broker.amqp;

import io.sterna.amqp.AmqpError;
import io.sterna.amqp.ErrorCondition;
import io.sterna.amqp.ReceiverLink;
import io.sterna.broker.partition.Lookup;
import io.sterna.broker.partition.Node;
import io.sterna.broker.partition.NodeKind;
import io.sterna.broker.partition.Partition;
import java.util.Optional;

/** A producer whose messages say themselves where they go ({@code ANONYMOUS-RELAY}). */
final class AnonymousProducerLink extends ProducerLink {
    AnonymousProducerLink(BrokerServices services, ClientTasks tasks, ReceiverLink link) {
        super(services, tasks, link);
    }

    @Override
    void route(Incoming incoming) {
        Optional<String> to = incoming.message().to();
        if (to.isEmpty()) {
            incoming.refuse(AmqpError.of(ErrorCondition.INVALID_FIELD, "a message on an anonymous link needs a 'to'"));
            return;
        }
        String address = to.get();
        try {
            NodeRules.checkAddress(address);
        } catch (Refusal refusal) {
            incoming.refuse(refusal.error());
            return;
        }
        Partition partition = services().partitions().of(address);
        partition.loop().run(() -> publish(incoming, address, partition));
    }

    private void publish(Incoming incoming, String address, Partition partition) {
        // A node that is there is what it is; the client's word counts where one is to be created.
        Optional<NodeKind> kind = incoming.message().destinationKind();
        Lookup found = partition.find(address, NodeRules.creation(services().config(), kind));
        if (found instanceof Lookup.Stopped stopped) {
            incoming.onStopped(stopped.reason());
            return;
        }
        try {
            Node node = NodeRules.found(address, kind, found);
            NodeRules.checkTarget(node);
            node.publish(incoming);
        } catch (Refusal refusal) {
            incoming.refuse(refusal.error());
        }
    }
}

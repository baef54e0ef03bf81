package io.sterna.broker.amqp;

import io.sterna.amqp.AmqpError;
import io.sterna.amqp.ErrorCondition;
import io.sterna.amqp.ReceiverLink;
import io.sterna.broker.partition.Lookup;
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
        Lookup found = partition.find(address, NodeRules.creation(services().config(), Optional.empty()));
        if (found instanceof Lookup.Found there) {
            there.node().publish(incoming);
        } else if (found instanceof Lookup.Stopped stopped) {
            incoming.onStopped(stopped.reason());
        } else {
            incoming.refuse(NodeRules.notFound(address, Optional.empty()).error());
        }
    }
}

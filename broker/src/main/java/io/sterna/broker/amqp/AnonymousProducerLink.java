package io.sterna.broker.amqp;

import io.sterna.amqp.ErrorCondition;
import io.sterna.amqp.IncomingDelivery;
import io.sterna.amqp.ReceiverLink;
import io.sterna.broker.partition.BrokerMessage;
import io.sterna.broker.partition.Loop;
import io.sterna.broker.partition.Partition;
import java.util.Optional;

/** A producer whose messages say themselves where they go ({@code ANONYMOUS-RELAY}). */
final class AnonymousProducerLink extends ProducerLink {
    AnonymousProducerLink(BrokerServices services, Loop loop, ReceiverLink link) {
        super(services, loop, link);
    }

    @Override
    void route(IncomingDelivery delivery, BrokerMessage message) {
        Optional<String> to = message.to();
        if (to.isEmpty()) {
            reject(delivery, ErrorCondition.INVALID_FIELD, "a message on an anonymous link needs a 'to'");
            return;
        }
        String address = to.get();
        try {
            NodeRules.checkAddress(address);
        } catch (Refusal refusal) {
            reject(delivery, refusal.error().condition(), refusal.error().description());
            return;
        }
        Partition partition = services().partitions().of(address);
        boolean mayCreate = services().config().queues().mayAutoCreate(address);
        // Through the partition's loop from the first message on, so that a queue that is being created keeps the
        // order.
        partition
                .loop()
                .run(() -> partition.find(address, mayCreate, found -> {
                    if (found.isPresent()) {
                        publish(delivery, message, found.get());
                    } else {
                        loop().run(() -> {
                            Refusal refusal = NodeRules.notFound(address);
                            reject(
                                    delivery,
                                    refusal.error().condition(),
                                    refusal.error().description());
                        });
                    }
                }));
    }
}

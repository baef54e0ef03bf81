package io.sterna.broker.amqp;

import io.sterna.amqp.AmqpError;
import io.sterna.amqp.IncomingDelivery;
import io.sterna.broker.partition.BrokerMessage;
import io.sterna.broker.partition.Node;
import java.util.Optional;

/** What a producer's link sends in transactions (AMQP 1.0 §4.4.1). Owned by the connection's loop. */
final class TransactionalPosting {
    private final ProducerLink link;

    TransactionalPosting(ProducerLink link) {
        this.link = link;
    }

    /** The outcome is told at once, provided that the transaction commits; only then does anything happen to the message. */
    void post(IncomingDelivery delivery, BrokerMessage message, Transaction transaction) {
        TransactionalPost post = new TransactionalPost(
                delivery, message, link, link.tasks().loop().nowMillis());
        Optional<AmqpError> refusal = transaction.post(post, message.sizeBytes());
        if (refusal.isPresent()) {
            refuse(delivery, transaction, refusal.get());
            return;
        }
        link.locate(message, new ProducerLink.NodeTaker() {
            @Override
            public void onNode(Node node) {
                post.route(node);
                delivery.settle(transaction.accepted());
                transaction.onRouted(Optional.empty());
            }

            @Override
            public void onRefused(AmqpError error) {
                refuse(delivery, transaction, error);
                transaction.onRouted(Optional.of(error));
            }
        });
    }

    /** A part of a transaction can't be committed: it is doomed, which a sender that has settled hears when it discharges. */
    void refuse(IncomingDelivery delivery, Transaction transaction, AmqpError error) {
        transaction.doom(error);
        delivery.settle(transaction.rejected(error));
        if (!delivery.remotelySettled() && !link.knowsRejected()) {
            link.failFor(delivery, error);
        }
    }
}

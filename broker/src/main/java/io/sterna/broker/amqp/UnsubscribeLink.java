package io.sterna.broker.amqp;

import io.sterna.amqp.AmqpError;
import io.sterna.amqp.DeliveryState;
import io.sterna.amqp.ErrorCondition;
import io.sterna.amqp.OutgoingDelivery;
import io.sterna.amqp.SenderHandler;
import io.sterna.amqp.SenderLink;
import io.sterna.broker.partition.SubscriptionId;
import io.sterna.broker.partition.Unsubscribing;
import java.util.Optional;

/**
 * A link that was attached without a source to find a subscription by its name. Closing it deletes the subscription; it
 * carries no messages. Owned by the connection's loop.
 */
final class UnsubscribeLink implements SenderHandler {
    private final ClientContext client;
    private final SenderLink link;
    private final SubscriptionId id;

    UnsubscribeLink(ClientContext client, SenderLink link, SubscriptionId id) {
        this.client = client;
        this.link = link;
        this.id = id;
    }

    @Override
    public void onCredit() {
        if (link.drain()) {
            link.drained();
        }
    }

    @Override
    public void onDisposition(OutgoingDelivery delivery, Optional<DeliveryState> state, boolean settled) {
        // Nothing was sent that it could be about.
    }

    @Override
    public void onDetached(boolean closed, Optional<AmqpError> error) {
        if (!closed) {
            link.detach(false, Optional.empty());
            return;
        }
        client.services().partitions().subscriptions().delete(id, result -> client.tasks()
                .run(() -> link.detach(true, refusal(result))));
    }

    private Optional<AmqpError> refusal(Unsubscribing result) {
        if (result instanceof Unsubscribing.InUse) {
            return Optional.of(AmqpError.of(
                    ErrorCondition.RESOURCE_LOCKED,
                    "the subscription '" + NodeRules.printable(id.name()) + "' has a subscriber; close it first"));
        } else if (result instanceof Unsubscribing.Absent) {
            return Optional.of(SubscriptionRules.unknown(id));
        } else if (result instanceof Unsubscribing.Stopped stopped) {
            return Optional.of(AmqpError.of(ErrorCondition.INTERNAL_ERROR, stopped.reason()));
        }
        return Optional.empty();
    }

    @Override
    public void onLost(boolean inOrder) {
        // The subscription stays.
    }
}

package io.sterna.broker.amqp;

import io.sterna.amqp.AmqpError;
import io.sterna.amqp.DeliveryState;
import io.sterna.amqp.ErrorCondition;
import io.sterna.amqp.IncomingDelivery;
import io.sterna.amqp.LinkTerms;
import io.sterna.amqp.ReceiverHandler;
import io.sterna.amqp.ReceiverLink;
import io.sterna.amqp.Terminus;
import io.sterna.amqp.codec.DecodeException;
import io.sterna.broker.partition.BrokerMessage;
import io.sterna.broker.partition.Loop;
import io.sterna.broker.partition.QueueNode;
import java.util.Optional;

/**
 * A link on which a client sends. A delivery is accepted, and the credit for it given anew, when its message is durable
 * or, for a message that is not, when it is in its queue. Owned by the connection's loop.
 */
abstract class ProducerLink implements ReceiverHandler {
    /** How many deliveries of a link may be under way to us or to the disk. */
    private static final int WINDOW = 1000;

    private final BrokerServices services;
    private final Loop loop;
    private final ReceiverLink link;

    ProducerLink(BrokerServices services, Loop loop, ReceiverLink link) {
        this.services = services;
        this.loop = loop;
        this.link = link;
    }

    final BrokerServices services() {
        return services;
    }

    final Loop loop() {
        return loop;
    }

    final void start(Terminus.Target target) {
        LinkTerms terms = LinkTerms.asAsked(link.remote())
                .withTarget(
                        target.node().address().isEmpty()
                                ? target
                                : new Terminus.Target(NodeRules.granted(target.node())))
                .withMaxMessageBytes(services.config().amqp().maxMessageBytes());
        if (link.accept(terms, this)) {
            link.window(WINDOW);
        }
    }

    @Override
    public void onDelivery(IncomingDelivery delivery) {
        if (delivery.resumed()) {
            delivery.ignore(); // §2.6.13: we keep no unsettled state of former links, so there is nothing to resume.
            return;
        }
        if (delivery.remoteState().orElse(null) instanceof DeliveryState.Transactional) {
            reject(delivery, ErrorCondition.NOT_IMPLEMENTED, "transactions are not offered");
            return;
        }
        try {
            BrokerMessage message = BrokerMessage.received(delivery.payload(), delivery.messageFormat());
            services.counters().onReceived();
            route(delivery, message);
        } catch (DecodeException malformed) {
            reject(delivery, ErrorCondition.DECODE_ERROR, "the message is not well formed: " + malformed.getMessage());
        }
    }

    /** Brings the message to its queue. */
    abstract void route(IncomingDelivery delivery, BrokerMessage message);

    /** Publishes to a queue that is known; the outcome comes back to this loop. */
    final void publish(IncomingDelivery delivery, BrokerMessage message, QueueNode node) {
        node.loop()
                .run(() ->
                        node.publish(message, () -> loop.run(() -> delivery.settle(DeliveryState.Accepted.INSTANCE))));
    }

    /** Refuses a message; where the sender has settled and would not hear of it, the link is detached instead. */
    final void reject(IncomingDelivery delivery, String condition, String description) {
        AmqpError error = AmqpError.of(condition, description);
        delivery.settle(new DeliveryState.Rejected(Optional.of(error)));
        if (delivery.remotelySettled()) {
            link.detach(true, Optional.of(error));
        }
    }

    @Override
    public void onDetached(boolean closed, Optional<AmqpError> error) {
        link.detach(closed, Optional.empty());
    }

    @Override
    public void onLost() {
        // What was sent is on its way to its queue; there is nobody left to tell.
    }
}

package io.sterna.broker.amqp;

import io.sterna.amqp.AmqpError;
import io.sterna.amqp.ErrorCondition;
import io.sterna.amqp.IncomingDelivery;
import io.sterna.broker.partition.BrokerMessage;
import io.sterna.broker.partition.KeptTag;
import io.sterna.broker.partition.Producer;
import io.sterna.broker.partition.Publication;
import java.util.Optional;

/**
 * A delivery on its way into a queue, and in the connection's memory until its outcome comes back to the connection's
 * loop.
 */
final class Incoming implements Publication {
    private final ProducerLink link;
    private final IncomingDelivery delivery;
    private final BrokerMessage message;
    private final Optional<KeptTag> tag;
    private boolean done;

    Incoming(ProducerLink link, IncomingDelivery delivery, BrokerMessage message, Optional<KeptTag> tag) {
        this.link = link;
        this.tag = tag;
        this.delivery = delivery;
        this.message = message;
        link.inbound().onWhole(message.sizeBytes());
    }

    IncomingDelivery delivery() {
        return delivery;
    }

    @Override
    public BrokerMessage message() {
        return message;
    }

    @Override
    public Producer producer() {
        return link;
    }

    @Override
    public Optional<KeptTag> tag() {
        return tag;
    }

    @Override
    public void onStored() {
        conclude(() -> link.accept(delivery));
    }

    @Override
    public boolean mayBeRefused() {
        return true;
    }

    @Override
    public void onRefused(AmqpError error) {
        refuse(error);
    }

    @Override
    public void onDeleted() {
        refuse(AmqpError.of(ErrorCondition.NOT_FOUND, "the queue or topic was deleted"));
        link.tasks().run(link::onNodeDeleted);
    }

    @Override
    public void onStopped(String reason) {
        conclude(() -> link.fail(AmqpError.of(ErrorCondition.INTERNAL_ERROR, reason)));
    }

    /** It can't be had. Any thread. */
    void refuse(AmqpError error) {
        conclude(() -> link.reject(delivery, error));
    }

    private void conclude(Runnable outcome) {
        link.tasks().run(() -> {
            if (!done) {
                done = true;
                link.inbound().onDone(message.sizeBytes());
            }
            outcome.run();
        });
    }
}

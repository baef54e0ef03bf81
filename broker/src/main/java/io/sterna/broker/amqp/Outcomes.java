package io.sterna.broker.amqp;

import io.sterna.amqp.AmqpError;
import io.sterna.amqp.AmqpTypes;
import io.sterna.amqp.DeliveryState;
import io.sterna.broker.queue.Outcome;
import java.util.Optional;

/** The wire's outcomes in the queue's words. */
final class Outcomes {
    private static final byte[] NO_ANNOTATIONS = {};

    private Outcomes() {}

    /** What the queue is to do; empty for states that are no outcome of a message (AMQP 1.0 §3.4). */
    static Optional<Outcome> of(DeliveryState state) {
        if (state instanceof DeliveryState.Accepted) {
            return Optional.of(Outcome.ACCEPTED);
        } else if (state instanceof DeliveryState.Released) {
            return Optional.of(Outcome.RELEASED);
        } else if (state instanceof DeliveryState.Rejected rejected) {
            return Optional.of(new Outcome.Rejected(
                    rejected.error().map(AmqpError::condition).orElse(""),
                    rejected.error().map(AmqpError::description).orElse("")));
        } else if (state instanceof DeliveryState.Modified modified) {
            return Optional.of(new Outcome.Modified(
                    modified.deliveryFailed(),
                    modified.undeliverableHere(),
                    modified.messageAnnotations().isEmpty()
                            ? NO_ANNOTATIONS
                            : AmqpTypes.encode(modified.messageAnnotations())));
        }
        return Optional.empty();
    }
}

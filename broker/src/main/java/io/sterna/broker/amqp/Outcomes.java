package io.sterna.broker.amqp;

import io.sterna.amqp.AmqpError;
import io.sterna.amqp.AmqpTypes;
import io.sterna.amqp.DeliveryState;
import io.sterna.amqp.ErrorCondition;
import io.sterna.amqp.Terminus;
import io.sterna.amqp.codec.DecodeException;
import io.sterna.amqp.message.AnnotationMap;
import io.sterna.broker.partition.Addresses;
import io.sterna.broker.partition.QueueNode;
import io.sterna.broker.queue.Outcome;
import java.util.Map;
import java.util.Optional;

/** The wire's outcomes in the queue's words. */
final class Outcomes {
    private static final byte[] NO_ANNOTATIONS = {};
    private static final String DELIVERY_TIME = "x-opt-delivery-time";

    private Outcomes() {}

    /**
     * What the queue is to do; empty for states that are no outcome of a message (AMQP 1.0 §3.4). Refused is what no
     * message could carry.
     */
    static Optional<Outcome> of(DeliveryState state) throws Refusal {
        if (state instanceof DeliveryState.Accepted) {
            return Optional.of(Outcome.ACCEPTED);
        } else if (state instanceof DeliveryState.Released) {
            return Optional.of(Outcome.RELEASED);
        } else if (state instanceof DeliveryState.Rejected rejected) {
            return Optional.of(new Outcome.Rejected(
                    rejected.error().map(AmqpError::condition).orElse(""),
                    rejected.error().map(AmqpError::description).orElse("")));
        } else if (state instanceof DeliveryState.Modified modified) {
            return Optional.of(modified(modified));
        }
        return Optional.empty();
    }

    /** What is told of an outcome: at a queue of dead letters, which has nowhere to send one, none is rejected. */
    static DeliveryState.Outcome inForce(DeliveryState.Outcome said, QueueNode queue) {
        return said instanceof DeliveryState.Rejected && Addresses.isDeadLetterQueue(queue.address())
                ? new DeliveryState.Modified(true, true, Map.of())
                : said;
    }

    /** As {@link #inForce}, of any state. */
    static DeliveryState told(DeliveryState said, QueueNode queue) {
        return said instanceof DeliveryState.Outcome outcome ? inForce(outcome, queue) : said;
    }

    /** §3.5.3: without a default outcome, what is left unsettled goes back as it was. */
    static Outcome defaultOf(Terminus.Source source) throws Refusal {
        Optional<Outcome> named =
                source.defaultOutcome().isPresent() ? of(source.defaultOutcome().get()) : Optional.empty();
        return named.orElse(Outcome.RELEASED);
    }

    private static Outcome modified(DeliveryState.Modified modified) throws Refusal {
        boolean failed = modified.deliveryFailed();
        boolean notHere = modified.undeliverableHere();
        if (modified.messageAnnotations().isEmpty()) {
            return new Outcome.Modified(failed, notHere, NO_ANNOTATIONS);
        }
        byte[] encoded = AmqpTypes.encode(modified.messageAnnotations());
        try {
            // Here, since a queue that finds it out can't ask anybody.
            long deliverAtMillis =
                    AnnotationMap.decode(encoded).integer(DELIVERY_TIME).orElse(0);
            return new Outcome.Modified(failed, notHere, encoded, Math.max(0, deliverAtMillis));
        } catch (DecodeException malformed) {
            throw new Refusal(
                    ErrorCondition.INVALID_FIELD, "message-annotations of modified: " + malformed.getMessage());
        }
    }
}

package io.sterna.broker.amqp;

import io.sterna.amqp.AmqpError;
import io.sterna.amqp.AmqpTypes;
import io.sterna.amqp.DeliveryState;
import io.sterna.amqp.ErrorCondition;
import io.sterna.amqp.Terminus;
import io.sterna.amqp.codec.DecodeException;
import io.sterna.amqp.message.AnnotationMap;
import io.sterna.broker.queue.Outcome;
import java.util.Optional;

/** The wire's outcomes in the queue's words. */
final class Outcomes {
    private static final byte[] NO_ANNOTATIONS = {};

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
            return Optional.of(new Outcome.Modified(
                    modified.deliveryFailed(), modified.undeliverableHere(), annotations(modified)));
        } else if (state instanceof DeliveryState.Transactional) {
            throw new Refusal("amqp:transaction:unknown-id", "transactions are not offered"); // §4.5.8
        }
        return Optional.empty();
    }

    /** §3.5.3: without a default outcome, what is left unsettled goes back as it was. */
    static Outcome defaultOf(Terminus.Source source) throws Refusal {
        Optional<Outcome> named =
                source.defaultOutcome().isPresent() ? of(source.defaultOutcome().get()) : Optional.empty();
        return named.orElse(Outcome.RELEASED);
    }

    private static byte[] annotations(DeliveryState.Modified modified) throws Refusal {
        if (modified.messageAnnotations().isEmpty()) {
            return NO_ANNOTATIONS;
        }
        byte[] encoded = AmqpTypes.encode(modified.messageAnnotations());
        try {
            // Here, since a queue that finds it out can't ask anybody.
            AnnotationMap.decode(encoded);
        } catch (DecodeException malformed) {
            throw new Refusal(
                    ErrorCondition.INVALID_FIELD, "message-annotations of modified: " + malformed.getMessage());
        }
        return encoded;
    }
}

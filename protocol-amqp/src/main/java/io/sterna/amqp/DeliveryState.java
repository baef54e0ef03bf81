package io.sterna.amqp;

import java.util.Map;
import java.util.Optional;

/** The state of a delivery at one of its ends (AMQP 1.0 §3.4, §4.5). */
public sealed interface DeliveryState {

    /** A terminal state that the messaging layer defines (§3.4). */
    sealed interface Outcome extends DeliveryState {}

    /** Processed; the sender may forget it (§3.4.2). */
    record Accepted() implements Outcome {
        /** The only value there is. */
        public static final Accepted INSTANCE = new Accepted();
    }

    /** Invalid and unprocessable (§3.4.3). */
    record Rejected(Optional<AmqpError> error) implements Outcome {}

    /** Not and will not be acted upon; nothing changes for the message (§3.4.4). */
    record Released() implements Outcome {
        /** The only value there is. */
        public static final Released INSTANCE = new Released();
    }

    /**
     * Not processed, and changed (§3.4.5).
     *
     * @param messageAnnotations to be merged into the message's, may be empty
     */
    record Modified(boolean deliveryFailed, boolean undeliverableHere, Map<String, Object> messageAnnotations)
            implements Outcome {}

    /** How much of the message has arrived; not terminal (§3.4.1). */
    record Received(int sectionNumber, long sectionOffset) implements DeliveryState {}

    /** A transaction was declared (§4.5.5). */
    record Declared(byte[] transactionId) implements Outcome {}

    /** The outcome that takes effect when the transaction does (§4.5.7). */
    record Transactional(byte[] transactionId, Optional<Outcome> outcome) implements DeliveryState {}

    /** A state that this version does not know. */
    record Unknown(String descriptor) implements DeliveryState {}
}

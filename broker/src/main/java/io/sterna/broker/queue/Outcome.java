package io.sterna.broker.queue;

/** What becomes of an acquired message (AMQP 1.0 §3.4). */
public sealed interface Outcome {

    Outcome ACCEPTED = new Accepted();
    Outcome RELEASED = new Released();

    /** What a JMS consumer asks for as its default outcome. */
    Outcome DELIVERY_FAILED = new Modified(true, false, new byte[0]);

    /** The same outcome, except that no failed attempt is counted. */
    static Outcome uncounted(Outcome outcome) {
        return outcome instanceof Modified modified
                ? new Modified(false, modified.undeliverableHere(), modified.annotations(), modified.deliverAtMillis())
                : outcome;
    }

    /** Processed; the message leaves the queue. AMQP 1.0 §3.4.2. */
    record Accepted() implements Outcome {}

    /**
     * Invalid; the message leaves the queue for its dead letters. AMQP 1.0 §3.4.3.
     *
     * @param condition the error condition given, empty when none was
     * @param description the description given, empty when none was
     */
    record Rejected(String condition, String description) implements Outcome {}

    /** Not acted upon; the message goes back unchanged. AMQP 1.0 §3.4.4. */
    record Released() implements Outcome {}

    /**
     * Not acted upon; the message goes back changed. AMQP 1.0 §3.4.5.
     *
     * @param deliveryFailed counts the delivery as a failed attempt
     * @param undeliverableHere the message is not delivered to this consumer again
     * @param annotations message annotations to add, opaque, empty for none; not changed afterwards
     * @param deliverAtMillis when it may be delivered again, since 1970-01-01T00:00Z; 0 to leave that to the queue
     */
    record Modified(boolean deliveryFailed, boolean undeliverableHere, byte[] annotations, long deliverAtMillis)
            implements Outcome {

        /** Leaves it to the queue when the message may be delivered again. */
        public Modified(boolean deliveryFailed, boolean undeliverableHere, byte[] annotations) {
            this(deliveryFailed, undeliverableHere, annotations, 0);
        }
    }
}

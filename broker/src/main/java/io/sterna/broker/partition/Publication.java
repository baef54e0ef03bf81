package io.sterna.broker.partition;

import io.sterna.amqp.AmqpError;
import java.util.Optional;

/** A message on its way into a queue. Called on the partition's loop; only hands over and returns. */
public interface Publication {

    BrokerMessage message();

    Producer producer();

    /**
     * When it has arrived, since 1970-01-01T00:00Z, which is as a rule now: times that the message gives in relation to
     * its arrival count from then.
     */
    default long arrivedAtMillis(long nowMillis) {
        return nowMillis;
    }

    /** What is to be remembered of its delivery, in the record of the message. */
    default Optional<KeptTag> tag() {
        return Optional.empty();
    }

    /**
     * The message is in the queue for good. Not called when the store fails: whether the message is there is unknown.
     */
    void onStored();

    /**
     * Whether it has been here before and begins anew: it is no copy, it waits for no time, and its life begins now.
     */
    default boolean beginsAnew() {
        return false;
    }

    /** The topic that it was sent to, when a topic with wildcards gets it from there. */
    default Optional<String> forwardedFrom() {
        return Optional.empty();
    }

    /** Whether the node may refuse it, as for want of room; what belongs to a transaction has been taken already. */
    default boolean mayBeRefused() {
        return false;
    }

    /** The node does not take the message; only where it may be refused. */
    default void onRefused(AmqpError error) {
        throw new IllegalStateException("a message that may not be refused was refused: " + error);
    }

    /** The node was deleted; the message is nowhere. */
    void onDeleted();

    /** The partition does not serve any more; whether the message is in the queue is unknown. */
    void onStopped(String reason);
}

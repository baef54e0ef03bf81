package io.sterna.broker.amqp;

import io.sterna.amqp.OutgoingDelivery;
import io.sterna.broker.queue.Acquisition;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * Deliveries of a consumer of which the client has said something, and which are not settled on both sides: what it says
 * next may come when their messages are back in the queue, or on their way out again. Owned by the connection's loop.
 */
final class OpenDeliveries {
    private final Map<Long, OutgoingDelivery> bySequence = new HashMap<>(0);
    private final Set<OutgoingDelivery> decided = new HashSet<>(0);

    /** The client has not settled it. */
    void add(OutgoingDelivery delivery) {
        bySequence.put(sequence(delivery), delivery);
    }

    /** One of them has its outcome, which is the first and the last one: terminal, as AMQP 1.0 §3.4 has it. */
    void decide(OutgoingDelivery delivery) {
        decided.add(delivery);
    }

    boolean decided(OutgoingDelivery delivery) {
        return decided.contains(delivery);
    }

    /** Both sides have settled it, or will without another word. */
    void remove(OutgoingDelivery delivery) {
        if (!bySequence.isEmpty()) {
            bySequence.remove(sequence(delivery), delivery);
            decided.remove(delivery);
        }
    }

    /** Whether the tag of a message is in use: it must not name another delivery as yet (AMQP 1.0 §2.6.12). */
    boolean namedBy(long sequence) {
        return bySequence.containsKey(sequence);
    }

    private static long sequence(OutgoingDelivery delivery) {
        return ((Acquisition) delivery.context()).sequence();
    }
}

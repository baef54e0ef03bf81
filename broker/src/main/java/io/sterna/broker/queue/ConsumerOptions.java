package io.sterna.broker.queue;

import java.util.Optional;

/**
 * How a consumer takes part.
 *
 * @param defaultOutcome what becomes of its unsettled messages when it is removed (AMQP 1.0 §3.5.3); {@link
 *     Outcome#RELEASED} where the source names none
 * @param filter which messages it wants; empty for all
 * @param priority consumers of a lower one get messages only while none of a higher one can take them; 0 is ordinary
 * @param exclusive while it is there, nobody else gets messages
 * @param browse whether it gets copies of what is there now, and acquires nothing (AMQP 1.0 §3.5.3, distribution mode
 *     copy); its deliveries are not settled
 */
public record ConsumerOptions(
        Outcome defaultOutcome, Optional<MessageFilter> filter, int priority, boolean exclusive, boolean browse) {

    /** An ordinary consumer of everything. */
    public static ConsumerOptions of(Outcome defaultOutcome) {
        return new ConsumerOptions(defaultOutcome, Optional.empty(), 0, false, false);
    }

    public ConsumerOptions withDefaultOutcome(Outcome outcome) {
        return new ConsumerOptions(outcome, filter, priority, exclusive, browse);
    }

    public ConsumerOptions withFilter(MessageFilter wanted) {
        return new ConsumerOptions(defaultOutcome, Optional.of(wanted), priority, exclusive, browse);
    }

    public ConsumerOptions withPriority(int newPriority) {
        return new ConsumerOptions(defaultOutcome, filter, newPriority, exclusive, browse);
    }

    public ConsumerOptions asExclusive() {
        return new ConsumerOptions(defaultOutcome, filter, priority, true, browse);
    }

    public ConsumerOptions asBrowser() {
        return new ConsumerOptions(defaultOutcome, filter, priority, exclusive, true);
    }
}

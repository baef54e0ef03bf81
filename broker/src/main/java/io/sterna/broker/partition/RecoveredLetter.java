package io.sterna.broker.partition;

import io.sterna.broker.queue.DeadLetterReason;
import io.sterna.broker.queue.Outcome;

/**
 * A message of which a transaction had decided, before a crash, that it goes to the dead letters.
 *
 * @param node its queue, which was restored without it
 * @param deliveryCount failed attempts, the last one included
 * @param annotations gathered, those of the outcome included
 * @param outcome what the consumer has said
 */
record RecoveredLetter(QueueNode node, long sequence, int deliveryCount, byte[] annotations, Outcome outcome) {

    /** Why a message goes with this outcome, unless it has been delivered too often. */
    static DeadLetterReason reason(Outcome outcome) {
        return outcome instanceof Outcome.Rejected ? DeadLetterReason.REJECTED : DeadLetterReason.MAX_DELIVERIES;
    }

    String reasonGiven() {
        return outcome instanceof Outcome.Rejected rejected
                        && !rejected.condition().isEmpty()
                ? rejected.condition()
                : reason(outcome).text();
    }

    String description() {
        return outcome instanceof Outcome.Rejected rejected
                ? rejected.description()
                : deliveryCount + " deliveries have failed";
    }
}

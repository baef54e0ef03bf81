package io.sterna.broker.amqp;

import io.sterna.amqp.DeliveryState;
import io.sterna.amqp.OutgoingDelivery;
import io.sterna.broker.queue.Acquisition;
import io.sterna.broker.queue.Outcome;

/** A delivery that the client has retired in a transaction (AMQP 1.0 §4.4.2). Owned by the connection's loop. */
final class Retirement {
    private final Transaction transaction;
    private final ConsumerLink link;
    private final OutgoingDelivery delivery;
    private Outcome outcome;
    private DeliveryState said;
    private boolean settled;
    private boolean withdrawn;

    /** @param said the outcome in the client's words */
    Retirement(
            Transaction transaction,
            ConsumerLink link,
            OutgoingDelivery delivery,
            Outcome outcome,
            DeliveryState said,
            boolean settled) {
        this.transaction = transaction;
        this.link = link;
        this.delivery = delivery;
        this.outcome = outcome;
        this.said = said;
        this.settled = settled;
    }

    Transaction transaction() {
        return transaction;
    }

    ConsumerLink link() {
        return link;
    }

    OutgoingDelivery delivery() {
        return delivery;
    }

    Acquisition acquisition() {
        return (Acquisition) delivery.context();
    }

    Outcome outcome() {
        return outcome;
    }

    DeliveryState said() {
        return said;
    }

    /** Whether the client has settled, and so can't say anything else any more. */
    boolean settled() {
        return settled;
    }

    boolean withdrawn() {
        return withdrawn;
    }

    /** The client has another outcome in mind, or has settled, in the same transaction. */
    void change(Outcome newOutcome, DeliveryState newSaid, boolean nowSettled) {
        outcome = newOutcome;
        said = newSaid;
        settled |= nowSettled;
    }

    /** The client has settled, and the outcome stays. */
    void settle() {
        settled = true;
    }

    /** The delivery gets its outcome outside of the transaction. */
    void withdraw() {
        withdrawn = true;
    }
}

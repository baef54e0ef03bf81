package io.sterna.broker.queue;

/** Why a message has left its queue without being processed. */
public enum DeadLetterReason {
    /** A consumer has rejected it. */
    REJECTED("rejected"),
    /** As many deliveries have failed as the queue allows. */
    MAX_DELIVERIES("max-deliveries"),
    /** Its time was over before anybody had taken it. */
    EXPIRED("expired"),
    /** Every consumer has said that it can't process it. */
    UNDELIVERABLE("undeliverable"),
    /** The queue was full and it was the oldest. */
    OVERFLOW("overflow");

    private final String text;

    DeadLetterReason(String text) {
        this.text = text;
    }

    /** As it stands in the annotation of a dead letter. */
    public String text() {
        return text;
    }
}

package io.sterna.broker.partition;

/** What comes of deleting a subscription. */
public sealed interface Unsubscribing {

    /** It is gone, with what it had gathered. */
    record Deleted() implements Unsubscribing {}

    /** There is no such subscription. */
    record Absent() implements Unsubscribing {}

    /** Somebody receives from it; it stays. */
    record InUse() implements Unsubscribing {}

    /**
     * The partition does not serve any more.
     *
     * @param reason for clients and operators
     */
    record Stopped(String reason) implements Unsubscribing {}
}

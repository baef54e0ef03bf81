package io.sterna.broker.partition;

/** What comes of asking for a subscription. */
public sealed interface Subscribing {

    /** It is there, and the asker counts among its subscribers until {@link Seat#leave}. */
    record Seated(Seat seat) implements Subscribing {}

    /** Somebody else receives from it, which rules out what was asked for. */
    record InUse(String description) implements Subscribing {}

    /** There is one of that name that can't be what was asked for. */
    record Unfit(String description) implements Subscribing {}

    /** There is no such topic any more. */
    record Absent() implements Subscribing {}

    /**
     * The partition does not serve any more.
     *
     * @param reason for clients and operators
     */
    record Stopped(String reason) implements Subscribing {}
}

package io.sterna.broker.partition;

/** What is found at an address. */
public sealed interface Lookup {

    /** A queue or a topic. */
    record Found(Node node) implements Lookup {}

    /** Nothing, and nothing may come into being. */
    record Absent() implements Lookup {}

    /**
     * The partition does not serve any more.
     *
     * @param reason for clients and operators
     */
    record Stopped(String reason) implements Lookup {}
}

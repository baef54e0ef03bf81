package io.sterna.broker.partition;

/** What became of a change of a node's settings. */
public sealed interface Changing {

    /** It is in force, and can't be lost. */
    record Changed() implements Changing {}

    /** It makes no sense. */
    record Unacceptable(String reason) implements Changing {}

    /** It can't be done to the node as it is now. */
    record Conflicting(String reason) implements Changing {}

    /** The partition does not serve any more. */
    record Stopped(String reason) implements Changing {}
}

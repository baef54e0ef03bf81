package io.sterna.broker.partition;

import java.util.Optional;

/** Which nodes come into being when they are first named. */
public interface CreationRule {
    /** Nothing does. */
    CreationRule NEVER = address -> Optional.empty();

    /**
     * What is to be created at an address where there is nothing; empty for nothing. Called on the partition's loop.
     */
    Optional<NodeKind> kindAt(String address);
}

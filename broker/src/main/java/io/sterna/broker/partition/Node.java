package io.sterna.broker.partition;

/** What an address names. Owned by the partition's loop; other threads call only what says so. */
public sealed interface Node permits QueueNode, TopicNode {

    /** Any thread. */
    String address();

    /** Any thread. */
    NodeKind kind();

    /** The loop that owns this node. Any thread. */
    Loop loop();

    /** Takes a message; {@link Publication#onStored} or {@link Publication#onStopped} follows on this loop. */
    void publish(Publication publication);

    /** Whether its creation can't be lost any more. */
    boolean durable();
}

package io.sterna.broker.partition;

import java.util.Optional;
import java.util.function.Consumer;

/** What an address names. Owned by the partition's loop; other threads call only what says so. */
public sealed interface Node permits QueueNode, TopicNode {

    /** Any thread. */
    String address();

    /** Any thread. */
    NodeKind kind();

    /** The loop that owns this node. Any thread. */
    Loop loop();

    /** Links of producers that send to this node have come, or gone. */
    void addProducers(int more);

    /** A producer has come: it is held back if there is no room for what it sends. On the loop. */
    void admit(Producer producer);

    /** Takes a message; one of the answers of {@link Publication} follows on this loop. */
    void publish(Publication publication);

    /** Unique for ever. Any thread. */
    long id();

    /** Whether it is in the store, rather than in memory only. Any thread. */
    boolean stored();

    /** Whose it is, when nobody else may receive from it. Any thread. */
    Optional<NodeOwner> owner();

    /** How many deliveries of one producer may be under way to it. Any thread. */
    int mostUnderWay();

    /** Where it lives. Any thread. */
    Partition partition();

    /**
     * Keeps a link to this node in the store. On the loop.
     *
     * @param settings what the link is about, for {@link LinkRestorer}
     * @param keepsUnsettled whether its unsettled state is to be kept, too
     * @param whenDurable takes it once it can't be lost; nothing, at once, when the node is gone or not served
     */
    void keep(byte[] settings, boolean keepsUnsettled, Consumer<Optional<KeptLink>> whenDurable);

    /** Whether its creation can't be lost any more. */
    boolean durable();
}

package io.sterna.store;

import java.util.List;

/** What a {@link LogRecord} does to its partition. Queues are named by the id of their {@link NodeCreated}. */
public sealed interface LogOperation {

    /** An owner began a new epoch. Its record carries that epoch. */
    record EpochStarted() implements LogOperation {}

    /**
     * A node came into being.
     *
     * @param nodeId unique on this node for ever; never given twice
     * @param kind what kind of node, as the broker numbers them
     * @param address its address
     */
    record NodeCreated(long nodeId, int kind, String address) implements LogOperation {}

    /** A node is gone, with all its messages. */
    record NodeDeleted(long nodeId) implements LogOperation {}

    /**
     * A message is in a queue.
     *
     * @param sequence above all sequences given in the partition before
     * @param message the message as it came, any format; not changed afterwards
     */
    record Enqueued(long queueId, long sequence, byte[] message) implements LogOperation {}

    /**
     * Messages have left a queue for good. Sequences that are not there are passed over.
     *
     * @param sequences in any order; not changed afterwards
     */
    record Acknowledged(long queueId, long[] sequences) implements LogOperation {}

    /**
     * A message was returned and has a new delivery count and annotations; both replace the former ones.
     *
     * @param annotations opaque to the store, often empty; not changed afterwards
     */
    record DeliveryUpdated(long queueId, long sequence, int deliveryCount, byte[] annotations)
            implements LogOperation {}

    /** Several operations that happen together or not at all. Not nested. */
    record Atomic(List<LogOperation> operations) implements LogOperation {
        public Atomic {
            operations = List.copyOf(operations);
            for (LogOperation operation : operations) {
                if (operation instanceof Atomic) {
                    throw new IllegalArgumentException("an atomic operation does not hold another one");
                }
            }
        }
    }
}

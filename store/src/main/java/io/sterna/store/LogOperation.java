package io.sterna.store;

import java.util.List;

/** What a {@link LogRecord} does to its partition. Nodes are named by the id of their {@link NodeCreated}. */
public sealed interface LogOperation {

    /** An owner began a new epoch. Its record carries that epoch. */
    record EpochStarted() implements LogOperation {}

    /**
     * The partition's log goes on after the position of this record, wherever it was before. What the partition holds stays
     * as it is, and sequences that come afterwards need not be above those that came before.
     */
    record LogRestarted() implements LogOperation {}

    /**
     * The partition is not kept here any more: its nodes, messages and values are gone, those of the replica too, and so is
     * what is known of its log. In an {@link Atomic} it comes first; the partition begins anew where {@link LogRestarted}
     * follows there.
     */
    record PartitionRemoved() implements LogOperation {}

    /**
     * A node came into being.
     *
     * @param nodeId unique on this node for ever; never given twice, never 0
     * @param kind what kind of node, as the broker numbers them
     * @param address its address
     * @param settings opaque to the store; not changed afterwards
     */
    record NodeCreated(long nodeId, int kind, String address, byte[] settings) implements LogOperation {}

    /**
     * A node has other settings from now on. Passed over when there is no such node.
     *
     * @param settings replace the former ones; not changed afterwards
     */
    record NodeChanged(long nodeId, byte[] settings) implements LogOperation {}

    /**
     * A node is gone, with all messages of its own and all its values. What was published under it stays for the queues
     * that refer to it.
     */
    record NodeDeleted(long nodeId) implements LogOperation {}

    /**
     * A message is in a queue.
     *
     * @param sequence above all sequences given in the partition before
     * @param traits what the broker has to know of the message without reading it; not changed afterwards
     * @param message the message as it came, any format; not changed afterwards
     */
    record Enqueued(long queueId, long sequence, byte[] traits, byte[] message) implements LogOperation {}

    /**
     * A message is in several queues under the same sequence. It is stored once; it goes when the last of these queues has
     * acknowledged it or was deleted.
     *
     * @param topicId under which it is stored; need not be the id of a node that still exists
     * @param sequence above all sequences given in the partition before
     * @param queueIds queues of the same partition, none twice; rising ids take the least space; not changed afterwards
     * @param traits as in {@link Enqueued}
     * @param message as in {@link Enqueued}
     */
    record Published(long topicId, long sequence, long[] queueIds, byte[] traits, byte[] message)
            implements LogOperation {}

    /**
     * Messages have left a queue for good. Sequences that are not there are passed over.
     *
     * @param sequences in any order; not changed afterwards
     */
    record Acknowledged(long queueId, long[] sequences) implements LogOperation {}

    /**
     * A message of a queue has a new delivery count, traits and annotations; all replace the former ones. Of a published
     * message, only this queue's.
     *
     * @param traits opaque to the store, often empty; not changed afterwards
     * @param annotations opaque to the store, often empty; not changed afterwards
     */
    record DeliveryUpdated(long queueId, long sequence, int deliveryCount, byte[] traits, byte[] annotations)
            implements LogOperation {}

    /**
     * A node keeps a value under a key; it replaces a former one.
     *
     * @param nodeId the node, 0 for the partition itself, or {@link #REPLICA}
     * @param key unique within the node; not changed afterwards
     * @param value opaque to the store; not changed afterwards
     */
    record ValuePut(long nodeId, byte[] key, byte[] value) implements LogOperation {
        /** In place of a node: the value is one of this disk's replica of the partition, and no other replica has it. */
        public static final long REPLICA = Long.MIN_VALUE;
    }

    /**
     * A node keeps nothing under a key any more. Passed over when it does not.
     *
     * @param nodeId the node, 0 for the partition itself, or {@link ValuePut#REPLICA}
     * @param key not changed afterwards
     */
    record ValueRemoved(long nodeId, byte[] key) implements LogOperation {}

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

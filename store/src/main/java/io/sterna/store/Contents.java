package io.sterna.store;

import io.sterna.store.LogOperation.DeliveryUpdated;
import io.sterna.store.LogOperation.NodeCreated;
import io.sterna.store.LogOperation.ValuePut;
import java.util.List;

/**
 * Tells what partitions hold while the store runs. Any thread asks, and each call returns at once; answers come on a thread
 * of the store, must only hand over and return, and come in slices between which the store does other things. What was
 * reported durable before a call is seen; what becomes durable meanwhile may be seen or not.
 */
public interface Contents {

    /**
     * Tells all that a partition holds, as {@link Store#recover} does of all partitions: its mark, nodes, values, and
     * messages, those of a queue with rising sequences.
     */
    void open(int partition, PartitionVisitor visitor);

    /** Tells names and numbers of all that a partition holds, but for the values of the replica itself. */
    void holdings(int partition, HoldingsVisitor visitor);

    /**
     * Tells nodes by rising ids.
     *
     * @param fromNodeId the lowest id
     * @param maxBytes stops after the one with which the sum of their sizes reaches this
     */
    void nodes(int partition, long fromNodeId, long maxBytes, PageReader<NodeCreated> reader);

    /**
     * Tells values by rising ids of their nodes and rising keys, compared as unsigned bytes; not those of the replica.
     *
     * @param from only what comes after this one; its value says nothing
     * @param maxBytes as for {@link #nodes}
     */
    void values(int partition, ValuePut from, long maxBytes, PageReader<ValuePut> reader);

    /**
     * Tells updates of messages that somebody holds: those that are not as they came here, perhaps, and those that are not
     * so there. In the order of the queues, and for each queue its own messages first, and then those of topics by rising
     * ids.
     *
     * @param after only what comes after this one
     * @param maxBytes as for {@link #nodes}
     */
    void updates(int partition, UpdatePlace after, HeldMessages held, long maxBytes, PageReader<UpdatePlace> reader);

    /**
     * Tells messages that somebody does not hold, with all that is known of them, in the order of {@code starts} and by
     * rising sequences.
     *
     * @param maxBytes as for {@link #nodes}
     */
    void messages(
            int partition, List<MessageStart> starts, HeldMessages held, long maxBytes, PageReader<MessageCopy> reader);

    /**
     * What messages belong to.
     *
     * @param ofTopic whether they were published under a topic; otherwise they are a queue's own
     * @param id of the topic or queue
     */
    record MessageSource(boolean ofTopic, long id) implements Comparable<MessageSource> {
        @Override
        public int compareTo(MessageSource other) {
            return ofTopic == other.ofTopic ? Long.compare(id, other.id) : Boolean.compare(ofTopic, other.ofTopic);
        }
    }

    /**
     * Where reading begins.
     *
     * @param fromSequence the lowest sequence
     */
    record MessageStart(MessageSource source, long fromSequence) {}

    /**
     * A message.
     *
     * @param message how it came, or would have come: {@link LogOperation.Enqueued}, or {@link LogOperation.Published} to
     *     the queues that still have it
     * @param updates what has changed since
     */
    record MessageCopy(MessageSource source, long sequence, LogOperation message, List<DeliveryUpdated> updates) {
        public MessageCopy {
            updates = List.copyOf(updates);
        }
    }

    /**
     * An update, and where it stands among others.
     *
     * @param source what the message belongs to
     */
    record UpdatePlace(MessageSource source, DeliveryUpdated update) {
        /** Before all others. */
        public static final UpdatePlace FIRST = new UpdatePlace(
                new MessageSource(false, Long.MIN_VALUE),
                new DeliveryUpdated(Long.MIN_VALUE, Long.MIN_VALUE, 0, Update.NO_BYTES, Update.NO_BYTES));
    }

    /** What somebody else holds. Asked on a thread of the store; does not change. */
    interface HeldMessages {
        boolean holds(MessageSource source, long sequence);

        /** Whether a queue has a message, its own or one of a topic. */
        boolean holds(long queueId, long sequence);

        /** Whether a message of a queue is not as it came there, perhaps. */
        boolean isUpdated(long queueId, long sequence);
    }

    /** Hears what a partition holds, and then that this was all. */
    interface PartitionVisitor extends RecoveryVisitor {
        void onEnd();

        /** It can't be read; nothing more is told. */
        void onFailed(StoreException cause);
    }

    /** Hears names and numbers. */
    interface HoldingsVisitor {
        void onNode(long nodeId);

        void onValue(long nodeId, byte[] key);

        /** Messages of a queue, or those that were published under a topic; the highest sequence that they have had. */
        void onSource(MessageSource source, long highest);

        /** A message of the source that was told last; they rise. */
        void onMessage(long sequence);

        /** A queue refers to a message of a topic; in no order. */
        void onReference(long queueId, long topicId, long sequence);

        /** A message of a queue, its own or one of a topic, is not as it came, perhaps; in no order. */
        void onUpdated(long queueId, long sequence);

        void onEnd();

        /** It can't be read; nothing more is told. */
        void onFailed(StoreException cause);
    }

    /** Takes a page. */
    interface PageReader<T> {
        /**
         * What was found.
         *
         * @param end whether there is no more after it; otherwise it is not empty
         */
        void onPage(List<T> page, boolean end);

        void onFailed(StoreException cause);
    }
}

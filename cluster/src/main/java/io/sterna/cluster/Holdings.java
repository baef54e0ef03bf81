package io.sterna.cluster;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What a replica holds. Messages are said in ranges: since sequences are never given twice, that is enough to tell what it
 * lacks. Whatever has no number is told again by who has it; here is only what there is to be removed.
 *
 * @param nodes ids of all nodes, rising
 * @param values keys of all values
 * @param queues whatever has, or has had, messages of its own or refers to those of topics, by id
 * @param topics whatever has messages that were published under it, by id
 */
public record Holdings(List<Long> nodes, List<Value> values, Map<Long, Queue> queues, Map<Long, Messages> topics) {
    /** Of a replica that has never held anything. */
    public static final Holdings NOTHING = new Holdings(List.of(), List.of(), Map.of(), Map.of());

    public Holdings {
        nodes = List.copyOf(nodes);
        values = List.copyOf(values);
        queues = Collections.unmodifiableMap(new TreeMap<>(queues));
        topics = Collections.unmodifiableMap(new TreeMap<>(topics));
    }

    /**
     * Names a value.
     *
     * @param nodeId the node that keeps it, or 0 for the partition itself
     */
    public record Value(long nodeId, byte[] key) {
        @Override
        public boolean equals(Object other) {
            return other instanceof Value value && value.nodeId == nodeId && Arrays.equals(value.key, key);
        }

        @Override
        public int hashCode() {
            return 31 * Long.hashCode(nodeId) + Arrays.hashCode(key);
        }
    }

    /**
     * Messages in the order in which they came.
     *
     * @param live those that are there
     * @param highest only messages with sequences above can be added; {@link Long#MIN_VALUE} for any
     */
    public record Messages(SequenceRanges live, long highest) {
        public static final Messages NONE = new Messages(SequenceRanges.NONE, Long.MIN_VALUE);
    }

    /**
     * A queue.
     *
     * @param own messages that were enqueued in it alone
     * @param references messages of topics that it refers to
     * @param updated those of both that are not as they came
     */
    public record Queue(Messages own, SequenceRanges references, SequenceRanges updated) {
        public static final Queue NONE = new Queue(Messages.NONE, SequenceRanges.NONE, SequenceRanges.NONE);
    }

    public Queue queue(long queueId) {
        return queues.getOrDefault(queueId, Queue.NONE);
    }

    public Messages topic(long topicId) {
        return topics.getOrDefault(topicId, Messages.NONE);
    }
}

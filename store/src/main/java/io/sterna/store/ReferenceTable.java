package io.sterna.store;

import io.sterna.store.OperationSink.Arrival;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;

/**
 * Published messages and the queues that refer to them. MVStore keeps who refers to what; how many refer to a message is
 * counted when the store is opened. Owned by the worker, and by the recovering thread before.
 */
final class ReferenceTable {
    private final Map<Long, TopicState> topics = new TreeMap<>();
    private final Set<ReferenceChunk> changed = new HashSet<>();
    private final BiConsumer<QueueState, Long> settle;

    /**
     * Makes an empty one.
     *
     * @param settle takes a message that nobody refers to any more, and its topic's payloads
     */
    ReferenceTable(BiConsumer<QueueState, Long> settle) {
        this.settle = settle;
    }

    Map<Long, TopicState> topics() {
        return topics;
    }

    TopicState topic(int partition, long topicId) {
        return topics.computeIfAbsent(topicId, id -> new TopicState(id, partition));
    }

    /**
     * A message came for {@code queues}.
     *
     * @return false when its sequence does not rise: it is left out
     */
    boolean publish(int partition, Arrival arrival, List<QueueState> queues) {
        if (queues.isEmpty()) {
            return true;
        }
        long sequence = arrival.sequence();
        TopicState topic = topic(partition, arrival.topicId());
        if (!topic.payloads().enqueue(sequence, arrival.location(), arrival.sizeBytes(), arrival.traits())) {
            return false;
        }
        int added = 0;
        for (QueueState queue : queues) {
            ReferenceChunk chunk = queue.referencesTo(arrival.topicId()).chunkFor(sequence);
            // What MVStore holds may be ahead of the journal while it is replayed.
            if (chunk.add(sequence)) {
                added++;
                markChanged(chunk);
            }
        }
        topic.counts().add(sequence, added);
        return true;
    }

    /** What was published under the topic that is referred to. */
    Optional<TopicState> topicOf(ReferenceSet set) {
        return Optional.ofNullable(topics.get(set.topicId()));
    }

    /** The part of a queue's references that holds one to a message. */
    static Optional<ReferenceChunk> find(QueueState queue, long sequence) {
        for (ReferenceSet set : queue.references()) {
            Optional<ReferenceChunk> chunk = set.chunkOf(sequence);
            if (chunk.isPresent()) {
                return chunk;
            }
        }
        return Optional.empty();
    }

    /** A queue does not refer to a message any more. */
    void remove(ReferenceChunk chunk, long sequence) {
        chunk.remove(sequence);
        if (chunk.isEmpty() && !chunk.isStored()) {
            chunk.queue().referencesTo(chunk.topicId()).drop(chunk);
        } else {
            markChanged(chunk);
        }
        release(chunk.topicId(), sequence);
    }

    /** A queue is gone; what MVStore holds of its references is removed with its blocks. */
    void removeAll(QueueState queue) {
        for (ReferenceSet set : queue.references()) {
            for (ReferenceChunk chunk : set.chunks()) {
                changed.remove(chunk);
                for (long at = chunk.first(); at != ReferenceSet.NONE; at = chunk.after(at)) {
                    chunk.remove(at);
                    release(set.topicId(), at);
                }
            }
        }
    }

    /**
     * A partition is gone, with all topics and all queues that refer to them.
     *
     * @return what was published under its topics
     */
    List<QueueState> removeAll(int partition) {
        changed.removeIf(chunk -> chunk.queue().partition() == partition);
        List<QueueState> gone = topics.values().stream()
                .map(TopicState::payloads)
                .filter(payloads -> payloads.partition() == partition)
                .toList();
        gone.forEach(payloads -> topics.remove(payloads.ownerId()));
        return gone;
    }

    private void release(long topicId, long sequence) {
        TopicState topic = topics.get(topicId);
        if (topic != null && topic.counts().removeOne(sequence) == 0) {
            settle.accept(topic.payloads(), sequence);
            if (topic.counts().isEmpty() && topic.payloads().index().size() == 0) {
                // Blocks that are still to be removed from MVStore are known to be changed.
                topics.remove(topicId);
            }
        }
    }

    /** What MVStore holds of a queue's references differs from now on. */
    void markChanged(ReferenceChunk chunk) {
        if (chunk.markDirty()) {
            changed.add(chunk);
        }
    }

    /** Parts that MVStore does not hold as they are; none from now on. */
    List<ReferenceChunk> takeChanged() {
        changed.forEach(ReferenceChunk::markClean);
        List<ReferenceChunk> taken = List.copyOf(changed);
        changed.clear();
        return taken;
    }

    /** Takes a part that MVStore holds. */
    void load(ReferenceChunk chunk) {
        TopicState topic = topic(chunk.queue().partition(), chunk.topicId());
        for (long at = chunk.first(); at != ReferenceSet.NONE; at = chunk.after(at)) {
            topic.counts().add(at, 1);
        }
    }

    /**
     * Ends the recovery: settles messages that nobody refers to, and removes references to messages that are lost.
     *
     * @return how many messages are lost of which topic
     */
    Map<Long, Integer> reconcile(List<QueueState> queues) {
        Map<Long, Integer> lost = new HashMap<>();
        for (TopicState topic : List.copyOf(topics.values())) {
            for (Block block : List.copyOf(topic.payloads().blocks().values())) {
                for (int at = 0; at < block.count(); at++) {
                    if (block.isLive(at) && topic.counts().of(block.sequence(at)) == 0) {
                        settle.accept(topic.payloads(), block.sequence(at));
                    }
                }
            }
            List<Long> missing = new ArrayList<>();
            topic.counts().forEach(sequence -> {
                if (!topic.holds(sequence)) {
                    missing.add(sequence);
                }
            });
            long topicId = topic.payloads().ownerId();
            if (topic.counts().isEmpty()) {
                topics.remove(topicId);
            }
            if (!missing.isEmpty()) {
                lost.put(topicId, missing.size());
                queues.forEach(queue -> removeLost(queue, topicId, missing));
            }
        }
        return lost;
    }

    private void removeLost(QueueState queue, long topicId, List<Long> missing) {
        for (ReferenceSet set : queue.references()) {
            if (set.topicId() == topicId) {
                missing.forEach(sequence -> set.chunkOf(sequence).ifPresent(chunk -> remove(chunk, sequence)));
            }
        }
    }
}

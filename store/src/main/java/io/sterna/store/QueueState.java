package io.sterna.store;

import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One queue's live messages, or those published under one topic: the older ones in blocks, the younger ones in the journal.
 * A queue may also refer to messages of topics. Owned by the worker.
 *
 * <p>Invariant: every sequence in a block is below every sequence in the journal index.
 */
final class QueueState {
    private final long ownerId;
    private final int partition;
    private final boolean ofTopic;
    private final NavigableMap<Long, Block> blocks = new TreeMap<>();
    private final JournalIndex index = new JournalIndex();
    /** What changed of messages and no block header holds yet. */
    private final Map<Long, Update> updates = new HashMap<>();

    private final Map<Long, ReferenceSet> references = new TreeMap<>();

    private long highestSequence = Long.MIN_VALUE;
    private boolean deleted;

    private QueueState(long ownerId, int partition, boolean ofTopic) {
        this.ownerId = ownerId;
        this.partition = partition;
        this.ofTopic = ofTopic;
    }

    /** An empty queue. */
    static QueueState ofQueue(long queueId, int partition) {
        return new QueueState(queueId, partition, false);
    }

    /** Where nothing was published yet. */
    static QueueState ofTopic(long topicId, int partition) {
        return new QueueState(topicId, partition, true);
    }

    /** The queue, or the topic. */
    long ownerId() {
        return ownerId;
    }

    /** Whether these are the messages of a topic. */
    boolean isOfTopic() {
        return ofTopic;
    }

    int partition() {
        return partition;
    }

    NavigableMap<Long, Block> blocks() {
        return blocks;
    }

    JournalIndex index() {
        return index;
    }

    Map<Long, Update> updates() {
        return updates;
    }

    /** What it refers to, by rising topic id. */
    Collection<ReferenceSet> references() {
        return references.values();
    }

    Optional<ReferenceSet> findReferencesTo(long topicId) {
        return Optional.ofNullable(references.get(topicId));
    }

    ReferenceSet referencesTo(long topicId) {
        return references.computeIfAbsent(topicId, id -> new ReferenceSet(this, id));
    }

    /** Its node is gone; only its blocks are still to be removed from MVStore. */
    boolean isDeleted() {
        return deleted;
    }

    void markDeleted() {
        deleted = true;
        updates.clear();
    }

    void addBlock(Block block) {
        blocks.put(block.firstSequence(), block);
        highestSequence = Math.max(highestSequence, block.lastSequence());
    }

    /**
     * Adds a message to the journal index.
     *
     * @return false when the sequence does not rise: the message is left out
     */
    boolean enqueue(long sequence, long location, int sizeBytes, byte[] traits) {
        if (sequence <= highestSequence) {
            return false;
        }
        highestSequence = sequence;
        index.add(sequence, location, sizeBytes, traits);
        return true;
    }

    @Override
    public String toString() {
        return (ofTopic ? "topic " : "queue ") + ownerId;
    }

    long highestSequence() {
        return highestSequence;
    }

    /** The block that holds a live message. */
    Optional<Block> blockOf(long sequence) {
        Map.Entry<Long, Block> entry = blocks.floorEntry(sequence);
        if (entry == null) {
            return Optional.empty();
        }
        int at = entry.getValue().find(sequence);
        return at >= 0 && entry.getValue().isLive(at) ? Optional.of(entry.getValue()) : Optional.empty();
    }
}

package io.sterna.store;

import java.util.Collection;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/** The messages of one topic that one queue refers to: about a bit for each where they are dense. Owned by the worker. */
final class ReferenceSet {
    /** No sequence. */
    static final long NONE = Long.MAX_VALUE;

    private final QueueState queue;
    private final long topicId;
    private final NavigableMap<Long, ReferenceChunk> chunks = new TreeMap<>();

    ReferenceSet(QueueState queue, long topicId) {
        this.queue = queue;
        this.topicId = topicId;
    }

    QueueState queue() {
        return queue;
    }

    long topicId() {
        return topicId;
    }

    Collection<ReferenceChunk> chunks() {
        return chunks.values();
    }

    /** The chunk for a sequence, which is made when it is missing. */
    ReferenceChunk chunkFor(long sequence) {
        return chunks.computeIfAbsent(
                ReferenceChunk.numberOf(sequence), number -> new ReferenceChunk(queue, topicId, number));
    }

    Optional<ReferenceChunk> chunk(long number) {
        return Optional.ofNullable(chunks.get(number));
    }

    /** The chunk that refers to a sequence. */
    Optional<ReferenceChunk> chunkOf(long sequence) {
        ReferenceChunk chunk = chunks.get(ReferenceChunk.numberOf(sequence));
        return chunk == null || !chunk.contains(sequence) ? Optional.empty() : Optional.of(chunk);
    }

    /** How many messages these are. */
    long count() {
        return chunks.values().stream().mapToLong(ReferenceChunk::count).sum();
    }

    boolean contains(long sequence) {
        return chunkOf(sequence).isPresent();
    }

    /** The first sequence that is not below {@code sequence}; {@link #NONE} when there is none. */
    long nextFrom(long sequence) {
        Map.Entry<Long, ReferenceChunk> entry = chunks.ceilingEntry(ReferenceChunk.numberOf(sequence));
        while (entry != null) {
            long next = entry.getValue().nextFrom(sequence);
            if (next != NONE) {
                return next;
            }
            entry = chunks.higherEntry(entry.getKey());
        }
        return NONE;
    }

    /** Forgets an empty chunk that MVStore does not hold. */
    void drop(ReferenceChunk chunk) {
        chunks.remove(chunk.number(), chunk);
    }
}

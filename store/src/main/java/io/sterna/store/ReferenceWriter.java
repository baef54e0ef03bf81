package io.sterna.store;

import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Supplier;

/** Brings what MVStore holds of references up to date. Owned by the worker. */
final class ReferenceWriter {
    private final StoreState state;
    /** Another one after each copy of the file. */
    private final Supplier<NodeStore> store;

    ReferenceWriter(StoreState state, Supplier<NodeStore> store) {
        this.state = state;
        this.store = store;
    }

    /** Lets MVStore hold a part of what a queue refers to as it is now. */
    void put(ReferenceChunk chunk) throws StoreException {
        if (chunk.isEmpty()) {
            // One that MVStore does not hold was dropped already, and another may have taken its place there.
            if (chunk.isStored()) {
                store.get().removeReferences(chunk);
                chunk.queue().referencesTo(chunk.topicId()).drop(chunk);
            }
            return;
        }
        NavigableMap<Integer, Update> updates = new TreeMap<>(store.get().updates(chunk));
        updates.keySet().removeIf(place -> !chunk.contains(chunk.sequence(place)));
        if (!chunk.queue().updates().isEmpty()) {
            for (long at = chunk.first(); at != ReferenceSet.NONE; at = chunk.after(at)) {
                int place = chunk.place(at);
                state.takeUpdate(chunk.queue(), at).ifPresent(update -> updates.put(place, update));
            }
        }
        store.get().putReferences(chunk, updates);
    }

    /** Removes all that MVStore holds of what a queue that is gone has referred to. */
    void deleteAll(QueueState queue) {
        for (ReferenceSet set : queue.references()) {
            for (ReferenceChunk chunk : set.chunks()) {
                if (chunk.isStored() && !isReplaced(chunk)) {
                    store.get().removeReferences(chunk);
                }
            }
        }
    }

    /** Whether MVStore holds another one in its place: the queue was created again. */
    private boolean isReplaced(ReferenceChunk chunk) {
        return state.queue(chunk.queue().ownerId())
                .flatMap(queue -> queue.findReferencesTo(chunk.topicId()))
                .flatMap(set -> set.chunk(chunk.number()))
                .filter(ReferenceChunk::isStored)
                .isPresent();
    }
}

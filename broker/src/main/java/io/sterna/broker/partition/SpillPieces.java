package io.sterna.broker.partition;

import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Where each spilled message of a queue is, in a few entries for each chunk: a chunk holds nearly all of what lies
 * between its first and its last message, so that it is enough to know where what belongs to it begins and ends. Of
 * messages that were not spilled it says nothing that counts. Owned by the loop.
 *
 * @param <S> stands for what a queue has in a chunk
 */
final class SpillPieces<S> {
    /** What is spilled from here on, up to the next key, is there. */
    private final TreeMap<Long, Optional<S>> from = new TreeMap<>();

    /** What lies from a sequence on up to that of the next piece, in one share. */
    record Piece<S>(long start, S share) {}

    boolean isEmpty() {
        return from.isEmpty();
    }

    /** Where a message that was spilled is. */
    Optional<S> at(long sequence) {
        Map.Entry<Long, Optional<S>> entry = from.floorEntry(sequence);
        return entry == null ? Optional.empty() : entry.getValue();
    }

    /**
     * From now on these are in a share, wherever they were before.
     *
     * @param sequences rising
     */
    void put(long[] sequences, S share) {
        int index = 0;
        while (index < sequences.length) {
            long start = sequences[index];
            Optional<S> before = at(start);
            int end = index;
            if (before.isEmpty()) {
                Long next = from.higherKey(start);
                while (end + 1 < sequences.length && (next == null || sequences[end + 1] < next)) {
                    end++;
                }
            }
            from.put(start, Optional.of(share));
            from.putIfAbsent(sequences[end] + 1, before);
            index = end + 1;
        }
    }

    /** Nothing of a share is needed any more, all of which was from a first to a last sequence. */
    void remove(S share, long first, long last) {
        Map.Entry<Long, Optional<S>> lower = from.lowerEntry(first);
        boolean afterNothing = lower == null || lower.getValue().isEmpty();
        Iterator<Map.Entry<Long, Optional<S>>> pieces =
                from.subMap(first, true, last + 1, true).entrySet().iterator();
        while (pieces.hasNext()) {
            Map.Entry<Long, Optional<S>> piece = pieces.next();
            boolean nothing = piece.getValue().filter(its -> !its.equals(share)).isEmpty();
            if (nothing && afterNothing) {
                pieces.remove();
            } else if (nothing) {
                piece.setValue(Optional.empty());
            }
            afterNothing = nothing;
        }
    }

    /** The pieces from a sequence on up to another, rising; the first one may begin before. */
    Stream<Piece<S>> from(long sequence, long to) {
        Long first = from.floorKey(sequence);
        return (first == null ? from : from.tailMap(first, true))
                .entrySet().stream()
                        .takeWhile(piece -> piece.getKey() <= to)
                        .filter(piece -> piece.getValue().isPresent())
                        .map(piece ->
                                new Piece<>(piece.getKey(), piece.getValue().get()));
    }

    void clear() {
        from.clear();
    }
}

package io.sterna.store;

import java.util.HashMap;
import java.util.Map;
import java.util.function.LongConsumer;

/** How many queues refer to each message of a topic. Owned by the worker. */
final class ReferenceCounts {
    private static final int CHUNK = 64;

    /** Counts of {@link #CHUNK} sequences, and behind them how many of these are not 0. */
    private final Map<Long, int[]> chunks = new HashMap<>();

    void add(long sequence, int references) {
        if (references > 0) {
            int[] chunk = chunks.computeIfAbsent(Math.floorDiv(sequence, (long) CHUNK), number -> new int[CHUNK + 1]);
            int at = Math.floorMod(sequence, CHUNK);
            chunk[CHUNK] += chunk[at] == 0 ? 1 : 0;
            chunk[at] += references;
        }
    }

    /**
     * Takes one away; there must be one.
     *
     * @return how many there are still
     */
    int removeOne(long sequence) {
        long number = Math.floorDiv(sequence, (long) CHUNK);
        int[] chunk = chunks.getOrDefault(number, new int[0]);
        int at = Math.floorMod(sequence, CHUNK);
        if (chunk.length == 0 || chunk[at] == 0) {
            throw new IllegalStateException("nobody refers to message " + sequence);
        }
        int left = --chunk[at];
        if (left == 0 && --chunk[CHUNK] == 0) {
            chunks.remove(number);
        }
        return left;
    }

    int of(long sequence) {
        int[] chunk = chunks.get(Math.floorDiv(sequence, (long) CHUNK));
        return chunk == null ? 0 : chunk[Math.floorMod(sequence, CHUNK)];
    }

    boolean isEmpty() {
        return chunks.isEmpty();
    }

    /** Takes all messages that are referred to, in no order. */
    void forEach(LongConsumer visitor) {
        chunks.forEach((number, chunk) -> {
            for (int at = 0; at < CHUNK; at++) {
                if (chunk[at] > 0) {
                    visitor.accept(number * CHUNK + at);
                }
            }
        });
    }
}

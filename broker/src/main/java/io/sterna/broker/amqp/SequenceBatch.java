package io.sterna.broker.amqp;

import java.util.Arrays;

/** Sequences of deliveries that are to be spoken of together. */
final class SequenceBatch {
    private long[] sequences = new long[0];
    private int count;

    /** Adds one; returns whether it is the first. */
    boolean add(long sequence) {
        if (count == sequences.length) {
            sequences = Arrays.copyOf(sequences, Math.max(8, 2 * count));
        }
        sequences[count++] = sequence;
        return count == 1;
    }

    boolean isEmpty() {
        return count == 0;
    }

    long[] take() {
        long[] taken = Arrays.copyOf(sequences, count);
        count = 0;
        return taken;
    }
}

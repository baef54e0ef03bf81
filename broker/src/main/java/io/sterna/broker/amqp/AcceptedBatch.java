package io.sterna.broker.amqp;

import java.util.Arrays;

/** Sequences of deliveries that were accepted within one turn of the loop. */
final class AcceptedBatch {
    private long[] sequences = new long[8];
    private int count;

    /** Adds one; returns whether it is the first. */
    boolean add(long sequence) {
        if (count == sequences.length) {
            sequences = Arrays.copyOf(sequences, 2 * count);
        }
        sequences[count++] = sequence;
        return count == 1;
    }

    long[] take() {
        long[] taken = Arrays.copyOf(sequences, count);
        count = 0;
        return taken;
    }
}

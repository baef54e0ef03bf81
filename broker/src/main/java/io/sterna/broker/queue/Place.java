package io.sterna.broker.queue;

/** How far someone has come in the messages of one priority. Owned by the partition's event loop. */
final class Place {
    /** Everything up to here has been passed. */
    long sequence = Long.MIN_VALUE;

    // Kept by Fresh: up to where it has nothing more, at or above sequence, and the number of the slot after that.
    long deadUpTo = Long.MIN_VALUE;
    long slot;

    void pass(Entry entry) {
        passUpTo(entry.sequence());
    }

    void passUpTo(long passed) {
        sequence = Math.max(sequence, passed);
        deadUpTo = Math.max(deadUpTo, sequence);
    }
}

package io.sterna.broker.queue;

/** How far someone has come in the messages of one priority. Owned by the partition's event loop. */
final class Place {
    /** Everything up to here has been passed. */
    long sequence = Long.MIN_VALUE;

    void pass(Entry entry) {
        passUpTo(entry.sequence());
    }

    void passUpTo(long passed) {
        sequence = Math.max(sequence, passed);
    }
}

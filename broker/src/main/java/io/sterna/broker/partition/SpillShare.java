package io.sterna.broker.partition;

/** What one queue has in a chunk of the spill. Owned by the loop. */
final class SpillShare {
    private final QueueSpill owner;
    private final SpillChunk chunk;

    // All of it is from the first to the last of these.
    private long first = Long.MAX_VALUE;
    private long last = Long.MIN_VALUE;
    private int messages;

    SpillShare(QueueSpill owner, SpillChunk chunk) {
        this.owner = owner;
        this.chunk = chunk;
    }

    QueueSpill owner() {
        return owner;
    }

    SpillChunk chunk() {
        return chunk;
    }

    long first() {
        return first;
    }

    long last() {
        return last;
    }

    /** Messages that are still needed. */
    int messages() {
        return messages;
    }

    /** @param sequences rising, one at least */
    void add(long[] sequences) {
        first = Math.min(first, sequences[0]);
        last = Math.max(last, sequences[sequences.length - 1]);
        messages += sequences.length;
        chunk.add(this, sequences.length);
    }

    /** So many of its messages are not needed any more. */
    void release(int count) {
        messages -= count;
        assert messages >= 0;
        chunk.release(this, count);
    }
}

package io.sterna.store;

import java.util.Arrays;

/**
 * What is kept in memory of a block of messages of one queue in MVStore: which sequences it holds and which of them are
 * settled. Four bytes and a bit for each message, and only a bit when the sequences have no gaps. Owned by the worker.
 */
final class Block {
    /** Enough for small messages, and its header still fits a page of MVStore. */
    static final int MAX_MESSAGES = 1024;

    private static final int[] NO_GAPS = {};

    private final long number;
    private final long firstSequence;
    private final int count;
    private final long bodyBytes;
    private final int[] offsets;
    private final long[] settled;
    private int live;
    private boolean dirty;

    /**
     * @param number its key in MVStore
     * @param sequences rising, none further than {@link Integer#MAX_VALUE} from the first
     * @param settled a bit for each message; the block's own from now on
     */
    Block(long number, long[] sequences, long bodyBytes, long[] settled) {
        this.number = number;
        this.firstSequence = sequences[0];
        this.count = sequences.length;
        this.bodyBytes = bodyBytes;
        this.settled = settled;
        if (sequences[count - 1] - firstSequence == count - 1) {
            offsets = NO_GAPS;
        } else {
            offsets = new int[count];
            for (int i = 0; i < count; i++) {
                offsets[i] = (int) (sequences[i] - firstSequence);
            }
        }
        live = count;
        for (long word : settled) {
            live -= Long.bitCount(word);
        }
    }

    static long[] nothingSettled(int count) {
        return new long[(count + Long.SIZE - 1) / Long.SIZE];
    }

    long number() {
        return number;
    }

    long firstSequence() {
        return firstSequence;
    }

    long lastSequence() {
        return sequence(count - 1);
    }

    int count() {
        return count;
    }

    int live() {
        return live;
    }

    long bodyBytes() {
        return bodyBytes;
    }

    long averageBytes() {
        return bodyBytes / count;
    }

    long sequence(int at) {
        return firstSequence + (offsets.length == 0 ? at : offsets[at]);
    }

    /** Place of a sequence, negative when it is not here. */
    int find(long sequence) {
        long offset = sequence - firstSequence;
        if (offset < 0 || offset > Integer.MAX_VALUE) {
            return -1;
        }
        if (offsets.length == 0) {
            return offset < count ? (int) offset : -1;
        }
        return Arrays.binarySearch(offsets, (int) offset);
    }

    boolean isLive(int at) {
        return (settled[at / Long.SIZE] & (1L << at)) == 0;
    }

    /**
     * Settles a message.
     *
     * @return whether it was here and alive
     */
    boolean settle(long sequence) {
        int at = find(sequence);
        if (at < 0 || !isLive(at)) {
            return false;
        }
        settled[at / Long.SIZE] |= 1L << at;
        live--;
        return true;
    }

    long[] settled() {
        return settled;
    }

    /**
     * Notes that MVStore does not yet know what is known here.
     *
     * @return whether it was in step until now
     */
    boolean markDirty() {
        boolean before = dirty;
        dirty = true;
        return !before;
    }

    void markClean() {
        dirty = false;
    }
}

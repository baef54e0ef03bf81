package io.sterna.store;

/**
 * Sizes of a {@link DurableStore}.
 *
 * @param segmentBytes size of a journal segment; a longer record gets a segment of its own
 * @param maxSegments the journal's limit in segments; a checkpoint begins when half of them are in use
 * @param batchBytes the most that is written before it is forced
 * @param blockBytes size of the blocks of messages in MVStore
 * @param sliceBytes what a checkpoint moves before reads get their turn, and the most that MVStore holds unsaved
 * @param cacheMebibytes MVStore's page cache
 */
public record StoreConfig(
        int segmentBytes, int maxSegments, int batchBytes, int blockBytes, int sliceBytes, int cacheMebibytes) {
    private static final int JOURNAL_SHARE = 8;

    /** Smaller segments cost more than they bring, however small the disk is. */
    private static final int LEAST_FITTING_BYTES = 1 << 20;

    /** What is saved takes so much, however little has changed: pages, and parity beside them. */
    private static final int LEAST_STEP_BYTES = 128 << 10;

    public StoreConfig {
        atLeast("segmentBytes", segmentBytes, 16 << 10);
        atLeast("maxSegments", maxSegments, 4);
        atLeast("batchBytes", batchBytes, 4 << 10);
        atLeast("blockBytes", blockBytes, 1 << 10);
        if (blockBytes > BlockBodies.PART_BYTES) {
            throw new IllegalArgumentException("blockBytes is " + blockBytes + ", at most " + BlockBodies.PART_BYTES);
        }
        atLeast("sliceBytes", sliceBytes, blockBytes);
        atLeast("cacheMebibytes", cacheMebibytes, 1);
    }

    /** A journal of at most 512 MiB in 16 segments, and blocks of 128 KiB. */
    public static StoreConfig defaults() {
        return new StoreConfig(32 << 20, 16, 1 << 20, 128 << 10, 1 << 20, 16);
    }

    /**
     * The same with a journal of no more than an eighth of a disk, if that is small, and with slices as much smaller.
     */
    StoreConfig forDisk(long diskBytes) {
        StoreConfig fitting = this;
        while (fitting.segmentBytes > LEAST_FITTING_BYTES
                && (long) fitting.segmentBytes * maxSegments > diskBytes / JOURNAL_SHARE) {
            fitting = fitting.withJournal(fitting.segmentBytes / 2, maxSegments)
                    .withBlocks(blockBytes, Math.max(blockBytes, fitting.sliceBytes / 2));
        }
        return fitting;
    }

    /** About the most that a step of a checkpoint or a copy writes, beside a message that is longer than a slice. */
    long stepBytes() {
        return 3L * sliceBytes + Math.min(BlockBodies.PART_BYTES, segmentBytes) + LEAST_STEP_BYTES;
    }

    /** About what a checkpoint writes that moves so much. */
    long roomToMove(long bytes) {
        return bytes + bytes / 4 + stepBytes();
    }

    /** About what a copy of so much takes. */
    long roomToCopy(long bytes) {
        return bytes + bytes / 4 + Math.min(stepBytes(), LEAST_STEP_BYTES + bytes);
    }

    /** How much is kept for checkpoints on a disk that is full. */
    long reserveBytes() {
        return Math.max(segmentBytes, 2 * stepBytes());
    }

    /** The same with another journal. */
    public StoreConfig withJournal(int newSegmentBytes, int newMaxSegments) {
        return new StoreConfig(newSegmentBytes, newMaxSegments, batchBytes, blockBytes, sliceBytes, cacheMebibytes);
    }

    /** The same with another batch limit. */
    public StoreConfig withBatchBytes(int newBatchBytes) {
        return new StoreConfig(segmentBytes, maxSegments, newBatchBytes, blockBytes, sliceBytes, cacheMebibytes);
    }

    /** The same with other blocks, moved in other slices. */
    public StoreConfig withBlocks(int newBlockBytes, int newSliceBytes) {
        return new StoreConfig(segmentBytes, maxSegments, batchBytes, newBlockBytes, newSliceBytes, cacheMebibytes);
    }

    private static void atLeast(String name, int value, int least) {
        if (value < least) {
            throw new IllegalArgumentException(name + " is " + value + ", must be at least " + least);
        }
    }
}

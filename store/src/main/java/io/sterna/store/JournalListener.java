package io.sterna.store;

/** What the journal thread tells the worker; each method only hands over. */
interface JournalListener {

    /** Records go into this segment from now on. Comes before their batches. */
    void onSegmentOpened(JournalSegment segment);

    /**
     * Records up to {@code lastRecord} are on stable storage. Comes before the lanes hear of it.
     *
     * @return an empty batch for the next write
     */
    IndexBatch onBatchDurable(IndexBatch batch, long lastRecord);

    /** A note is on stable storage. */
    void onNoteDurable(CheckpointNote note);

    /** The journal waits for a segment. */
    void onSegmentNeeded(SegmentNeed need);

    /** Everything is written and no more will come. */
    void onDrained();
}

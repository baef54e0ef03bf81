package io.sterna.broker.partition;

import io.sterna.broker.queue.Entry;
import io.sterna.store.SpillPlace;
import java.util.ArrayList;
import java.util.List;

/** Messages that were written to the spill together. Owned by the loop. */
final class SpillChunk {
    private final SpillSegment segment;
    private final SpillPlace place;
    private final int count;
    private final List<SpillShare> shares = new ArrayList<>(1);
    private int needed;
    private boolean written;
    private boolean gone;

    /** Who has messages in it that do not count yet. */
    private List<Part> coming = new ArrayList<>(1);

    /**
     * Messages of a queue that are let go once the chunk is written.
     *
     * @param bytes of their payloads
     */
    record Part(QueueSpill owner, List<Entry> entries, long bytes) {}

    SpillChunk(SpillSegment segment, SpillPlace place, int count) {
        this.segment = segment;
        this.place = place;
        this.count = count;
    }

    SpillSegment segment() {
        return segment;
    }

    SpillPlace place() {
        return place;
    }

    boolean written() {
        return written;
    }

    void onWritten() {
        written = true;
    }

    /** Nothing can be read from it any more. */
    boolean gone() {
        return gone;
    }

    void onGone() {
        gone = true;
    }

    void join(Part part) {
        assert !gone;
        coming.add(part);
    }

    List<Part> takeComing() {
        List<Part> parts = coming;
        coming = new ArrayList<>(0);
        return parts;
    }

    /** Whether nobody needs it. */
    boolean unneeded() {
        return needed == 0 && coming.isEmpty();
    }

    /** Of its bytes those that are still needed, about. */
    long neededBytes() {
        return (long) place.bytes() * Math.min(needed, count) / count;
    }

    List<SpillShare> shares() {
        return List.copyOf(shares);
    }

    /** The share of a queue. */
    SpillShare shareOf(QueueSpill owner) {
        for (SpillShare share : shares) {
            if (share.owner() == owner) {
                return share;
            }
        }
        SpillShare share = new SpillShare(owner, this);
        shares.add(share);
        return share;
    }

    void add(SpillShare share, int messages) {
        assert shares.contains(share);
        segment.changeNeeded(-neededBytes());
        needed += messages;
        segment.changeNeeded(neededBytes());
    }

    void release(SpillShare share, int messages) {
        segment.changeNeeded(-neededBytes());
        needed -= messages;
        segment.changeNeeded(neededBytes());
        if (share.messages() == 0) {
            shares.remove(share);
        }
    }
}

package io.sterna.broker.partition;

import io.sterna.store.Spill;
import io.sterna.store.SpillPlace;
import io.sterna.store.StoreException;
import io.sterna.store.StoredMessage;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a loop has on disk of messages that are not durable: chunks in segments, which are files of this loop alone. A
 * segment is deleted when nothing in it is needed; when little is, {@link SpillThinning} brings that elsewhere. Owned
 * by the loop.
 */
final class LoopSpill {
    private static final Logger log = LoggerFactory.getLogger(LoopSpill.class);
    static final long SEGMENT_BYTES = 32L << 20;

    /** So many bytes may be on their way to the disk: more would not make it faster. */
    private static final long MOST_PENDING_BYTES = 4L << 20;

    private static final long RETRY_MILLIS = 1_000;

    private final Loop loop;
    private final Set<SpillSegment> segments = new LinkedHashSet<>();
    private final SpillThinning thinning;
    private Optional<SpillSegment> current = Optional.empty();
    private long pendingBytes;
    private boolean refused;
    private boolean told;

    LoopSpill(Loop loop) {
        this.loop = loop;
        thinning = new SpillThinning(loop, this);
    }

    private Spill spill() {
        return loop.store().store().spill();
    }

    /** Whether more may be written now. */
    boolean takesMore() {
        return !refused && !loop.disk().on() && pendingBytes < MOST_PENDING_BYTES;
    }

    /** Payloads that will be let go when what is under way is written, bytes. */
    long pendingBytes() {
        return pendingBytes;
    }

    Set<SpillSegment> segments() {
        return segments;
    }

    boolean isCurrent(SpillSegment segment) {
        return current.filter(its -> its == segment).isPresent();
    }

    /** Writes messages of a queue, which {@link #join}s the chunk. */
    SpillChunk write(List<StoredMessage> messages) {
        int bytes = SpillPlace.bytesOf(messages);
        SpillSegment segment = current.filter(its -> its.bytes() + bytes <= SEGMENT_BYTES)
                .orElseGet(() -> new SpillSegment(spill().newFile()));
        if (!isCurrent(segment)) {
            Optional<SpillSegment> full = current;
            segments.add(segment);
            current = Optional.of(segment);
            full.ifPresent(thinning::maybeBegin);
        }
        SpillPlace place = new SpillPlace(segment.file(), segment.bytes(), bytes);
        SpillChunk chunk = new SpillChunk(segment, place, messages.size());
        segment.add(chunk);
        loop.figures().addSpillFileBytes(bytes);
        spill().write(place, messages, new Spill.WriteListener() {
            @Override
            public void onWritten() {
                loop.post(() -> LoopSpill.this.onWritten(chunk));
            }

            @Override
            public void onFailed(StoreException cause) {
                loop.post(() -> LoopSpill.this.onFailed(chunk, cause));
            }
        });
        return chunk;
    }

    /** Messages of a queue are in the chunk, and are let go, in a later turn, when it is written. */
    void join(SpillChunk chunk, SpillChunk.Part part) {
        pendingBytes += part.bytes();
        chunk.join(part);
        if (chunk.written()) {
            loop.post(() -> complete(chunk));
        }
    }

    private void onWritten(SpillChunk chunk) {
        told = false;
        chunk.onWritten();
        loop.figures().addSpilledTotal(chunk.place().bytes());
        complete(chunk);
    }

    private void complete(SpillChunk chunk) {
        for (SpillChunk.Part part : chunk.takeComing()) {
            pendingBytes -= part.bytes();
            part.owner().onWritten(chunk, part);
        }
        maybeForget(chunk);
        loop.memory().onSpillMayGoOn(); // A queue that is gone meanwhile says nothing to that.
    }

    private void onFailed(SpillChunk chunk, StoreException cause) {
        if (!told) {
            told = true;
            log.warn("memory is short, and what is not durable stays in it, tried again: {}", cause.getMessage());
        }
        if (isCurrent(chunk.segment())) {
            current = Optional.empty(); // Another file may do better, on a disk with bad places.
        }
        if (!refused) {
            refused = true;
            loop.after(RETRY_MILLIS, this::onRetry);
        }
        for (SpillChunk.Part part : chunk.takeComing()) {
            pendingBytes -= part.bytes();
            part.owner().onFailed(part);
        }
        maybeForget(chunk);
    }

    private void onRetry() {
        refused = false;
        loop.memory().onSpillMayGoOn();
    }

    /** Something in a chunk may not be needed any more. */
    void maybeForget(SpillChunk chunk) {
        SpillSegment segment = chunk.segment();
        if (!chunk.gone() && chunk.unneeded()) {
            chunk.onGone();
            segment.remove(chunk);
        }
        if (!segment.isEmpty()) {
            thinning.maybeBegin(segment);
        } else if (segments.remove(segment)) {
            if (isCurrent(segment)) {
                current = Optional.empty();
            }
            loop.figures().addSpillFileBytes(-segment.bytes());
            spill().delete(segment.file());
        }
    }
}

package io.sterna.broker.partition;

import io.sterna.store.MessageReader;
import io.sterna.store.StoreException;
import io.sterna.store.StoredMessage;
import java.util.ArrayDeque;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Gives back the space of segments in which little is needed: it reads that, a chunk at a time, and takes it back into
 * memory, from where it is written again, beside others, if memory is short. Owned by the loop.
 */
final class SpillThinning {
    private static final Logger log = LoggerFactory.getLogger(SpillThinning.class);
    private static final long PAUSE_MILLIS = 100;

    private final Loop loop;
    private final LoopSpill spill;
    private final ArrayDeque<SpillChunk> left = new ArrayDeque<>();
    private boolean busy;

    SpillThinning(Loop loop, LoopSpill spill) {
        this.loop = loop;
        this.spill = spill;
    }

    /** Begins with a segment, if it is sparse; one at a time. */
    void maybeBegin(SpillSegment segment) {
        if (busy || spill.isCurrent(segment) || !segment.isSparse()) {
            return;
        }
        busy = true;
        segment.onThinnedOut();
        left.addAll(segment.chunks());
        loop.post(this::next);
    }

    private void next() {
        SpillChunk chunk = left.peek();
        if (chunk == null) {
            busy = false;
            List.copyOf(spill.segments()).forEach(this::maybeBegin);
        } else if (!spill.takesMore()) {
            loop.after(PAUSE_MILLIS, this::next); // What is taken back may have to be written.
        } else {
            left.remove();
            take(chunk);
        }
    }

    private void take(SpillChunk chunk) {
        if (chunk.gone() || !chunk.written()) {
            loop.post(this::next);
            return;
        }
        loop.store().store().spill().read(chunk.place(), new MessageReader() {
            @Override
            public void onMessages(List<StoredMessage> messages) {
                loop.post(() -> {
                    chunk.shares().forEach(share -> share.owner().takeBack(share, messages));
                    next();
                });
            }

            @Override
            public void onFailed(StoreException cause) {
                log.warn("what is needed of a file stays in it: {}", cause.getMessage());
                loop.post(SpillThinning.this::next);
            }
        });
    }
}

package io.sterna.broker.partition;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** A file of the spill. Owned by the loop. */
final class SpillSegment {
    private final long file;
    private final Set<SpillChunk> chunks = new LinkedHashSet<>();
    private long bytes;
    private long neededBytes;
    private boolean thinnedOut;

    SpillSegment(long file) {
        this.file = file;
    }

    long file() {
        return file;
    }

    /** How long the file is. */
    long bytes() {
        return bytes;
    }

    void add(SpillChunk chunk) {
        chunks.add(chunk);
        bytes += chunk.place().bytes();
    }

    void remove(SpillChunk chunk) {
        chunks.remove(chunk);
    }

    boolean isEmpty() {
        return chunks.isEmpty();
    }

    List<SpillChunk> chunks() {
        return List.copyOf(chunks);
    }

    void changeNeeded(long more) {
        neededBytes += more;
    }

    /** Whether so little of it is needed that the rest is worth more than what it costs to write that again. */
    boolean isSparse() {
        return !thinnedOut && 4 * neededBytes < bytes;
    }

    /** What could be brought elsewhere was; the rest stays until it is not needed any more. */
    void onThinnedOut() {
        thinnedOut = true;
    }
}

package io.sterna.broker.partition;

import java.util.Optional;

/**
 * A payload that several queues of a loop have in memory together: it is counted, and spilled, once. Owned by the loop.
 */
final class SharedPayload {
    private final LoopMemory memory;
    private final int sizeBytes;
    private int holders;
    private Optional<SpillChunk> spilled = Optional.empty();

    SharedPayload(LoopMemory memory, int sizeBytes) {
        this.memory = memory;
        this.sizeBytes = sizeBytes;
    }

    /** Where it was spilled, or is being spilled, for any of the queues. */
    Optional<SpillChunk> spilled() {
        return spilled.filter(chunk -> !chunk.gone());
    }

    void onSpilled(SpillChunk chunk) {
        spilled = Optional.of(chunk);
    }

    void onHeld() {
        if (holders++ > 0) {
            memory.onShared(-sizeBytes);
        }
    }

    void onLetGo() {
        assert holders > 0;
        if (--holders > 0) {
            memory.onShared(sizeBytes);
        }
    }
}

package io.sterna.broker.partition;

/** A payload that several queues of a loop have in memory together: it is counted once. Owned by the loop. */
final class SharedPayload {
    private final LoopMemory memory;
    private final int sizeBytes;
    private int holders;

    SharedPayload(LoopMemory memory, int sizeBytes) {
        this.memory = memory;
        this.sizeBytes = sizeBytes;
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

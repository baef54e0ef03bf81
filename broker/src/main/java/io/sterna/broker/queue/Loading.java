package io.sterna.broker.queue;

import java.util.List;

/** Payloads of a queue that are let go, and are loaded again. Owned by the partition's event loop. */
public final class Loading {
    private final Queue queue;
    private final Payloads payloads;
    private final Loads loads;
    private final Lifecycle lifecycle;

    Loading(Queue queue, QueueParts parts) {
        this.queue = queue;
        payloads = parts.payloads;
        loads = parts.loads;
        lifecycle = parts.lifecycle;
    }

    /**
     * Lets payloads that are elsewhere, too, and that nobody has acquired go, the one farthest from delivery first.
     *
     * @param bytesToFree stop when so many have been freed
     * @return bytes freed; fewer than asked for if there is nothing more to let go
     */
    public long drop(long bytesToFree) {
        assert queue.mayCommand();
        long freed = payloads.drop(bytesToFree);
        queue.pack();
        return freed;
    }

    /**
     * The answer to {@link QueueEffects#load}. Messages that are no longer wanted are passed over.
     *
     * @param messages rising by sequence, without a gap in what the store holds; all from the sequence asked for up to
     *     a limit or to the end
     */
    public void onLoaded(List<LoadedMessage> messages) {
        assert queue.mayCommand();
        if (!queue.deleted()) {
            loads.onLoaded(messages).forEach(lifecycle::onMissing);
            queue.dispatch();
        }
    }

    /** The load failed. Nothing more is loaded until {@link #resume}; what is in memory goes on being delivered. */
    public void onFailed() {
        assert queue.mayCommand();
        if (!queue.deleted()) {
            loads.onFailed();
            queue.dispatch();
        }
    }

    /** Tries again after {@link #onFailed}, now or when a consumer next has credit. */
    public void resume() {
        assert queue.mayCommand();
        loads.resume();
        queue.dispatch();
    }
}

package io.sterna.amqp;

import java.util.ArrayDeque;
import java.util.concurrent.Executor;

/**
 * What the connections of one event loop share, so that none of them has to own it: codec, scratch buffers. Owned by the
 * event loop.
 */
public final class LoopResources {
    private final Executor loop;
    final PerformativeCodec codec = new PerformativeCodec();
    final ArrayDeque<byte[]> outputPool = new ArrayDeque<>();
    final FieldReader fields = new FieldReader();
    final TransferFrame transfer = new TransferFrame();
    final FlowFrame flow = new FlowFrame();
    final DispositionFrame disposition = new DispositionFrame();

    /** @param loop runs a task on the event loop; may be called on any thread */
    public LoopResources(Executor loop) {
        this.loop = loop;
    }

    Executor loop() {
        return loop;
    }
}

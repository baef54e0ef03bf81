package io.sterna.broker;

import io.sterna.broker.partition.EventLoop;
import io.vertx.core.Context;

/** An event loop of Vert.x. */
final class VertxEventLoop implements EventLoop {
    private final Context context;
    private final Thread thread;

    /** Takes the loop that it is called on. */
    VertxEventLoop(Context context) {
        this.context = context;
        thread = Thread.currentThread();
    }

    @Override
    public void execute(Runnable turn) {
        context.runOnContext(nothing -> turn.run());
    }

    @Override
    public void schedule(long delayMillis, Runnable task) {
        context.runOnContext(nothing -> context.owner().setTimer(delayMillis, timer -> task.run()));
    }

    @Override
    public long nowMillis() {
        return System.currentTimeMillis();
    }

    @Override
    public boolean isCurrent() {
        return Thread.currentThread() == thread;
    }
}

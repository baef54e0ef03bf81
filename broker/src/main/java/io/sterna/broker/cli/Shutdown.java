package io.sterna.broker.cli;

import java.util.concurrent.atomic.AtomicReference;

/**
 * Ends the process with 0 after a signal, having drained.
 *
 * <p>After a signal the JVM exits with 128 plus its number whatever its hooks do, unless a hook halts it. So this hook
 * drains and then halts; it must be the only one with work to do.
 */
final class Shutdown {
    // Any thread.
    private final AtomicReference<Runnable> drain = new AtomicReference<>(() -> {});
    private final Thread hook = new Thread(this::drainAndHalt, "shutdown");

    /** From now on SIGTERM and SIGINT end the process with 0. */
    static Shutdown onSignal() {
        Shutdown shutdown = new Shutdown();
        Runtime.getRuntime().addShutdownHook(shutdown.hook);
        return shutdown;
    }

    /** From now on a signal runs {@code action} before the process ends. */
    void draining(Runnable action) {
        drain.set(action);
    }

    /** The process is about to exit by itself, with a code of its own. */
    void cancel() {
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // A signal came first and ends the process.
        }
    }

    private void drainAndHalt() {
        try {
            drain.get().run();
        } finally {
            Runtime.getRuntime().halt(ExitCode.OK.code());
        }
    }
}

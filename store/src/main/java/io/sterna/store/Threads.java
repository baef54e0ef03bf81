package io.sterna.store;

/** Waiting for threads of the store. */
final class Threads {
    private Threads() {}

    /** Closing has to be complete even when the closing thread is interrupted: the data directory is handed on then. */
    static void joinUninterruptibly(Thread thread) {
        boolean interrupted = false;
        while (true) {
            try {
                thread.join();
                break;
            } catch (InterruptedException e) {
                interrupted = true;
            }
        }
        if (interrupted) {
            Thread.currentThread().interrupt();
        }
    }
}

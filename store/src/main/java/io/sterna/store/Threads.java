package io.sterna.store;

/** How threads of the store wait for each other. */
final class Threads {
    private Threads() {}

    /**
     * For what computes for long beside the journal: the kernel lets a thread that computes go on for milliseconds, up to
     * its next tick, while one that was just woken waits for the same processor.
     */
    @SuppressWarnings("ThreadPriorityCheck") // Nothing relies on it but how long others wait.
    static void letOthersRun() {
        Thread.yield();
    }

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

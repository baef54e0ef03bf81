package io.sterna.broker.config;

/**
 * How many threads do the work.
 *
 * @param eventLoops that serve connections and queues
 */
public record ThreadsConfig(int eventLoops) {
    private static final int MAX_EVENT_LOOPS = 256;

    static ThreadsConfig read(Section section) throws ConfigException {
        ThreadsConfig config = new ThreadsConfig(section.wholeNumberOr("auto", "event-loops", 1, MAX_EVENT_LOOPS)
                .orElseGet(() -> eventLoopsOn(Runtime.getRuntime().availableProcessors())));
        section.refuseUnknown();
        return config;
    }

    /** One processor is left to the journal, to checkpoints and to the JVM's own threads. */
    static int eventLoopsOn(int processors) {
        return Math.min(Math.max(processors - 1, 1), MAX_EVENT_LOOPS);
    }
}

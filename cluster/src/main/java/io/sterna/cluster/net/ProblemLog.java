package io.sterna.cluster.net;

import java.util.LinkedHashMap;
import java.util.Map;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says what is wrong once, however often it is tried again. Owned by the network's event loop. */
final class ProblemLog {
    private static final Logger log = LoggerFactory.getLogger(ProblemLog.class);
    private static final int MAX_PROBLEMS = 1_000;

    private final Map<String, String> said = new LinkedHashMap<>() {
        private static final long serialVersionUID = 1;

        @Override
        protected boolean removeEldestEntry(Map.Entry<String, String> eldest) {
            return size() > MAX_PROBLEMS;
        }
    };

    /**
     * There is a problem.
     *
     * @param with who it is with; each has one at a time
     */
    void say(String with, String problem) {
        if (!problem.equals(said.put(with, problem))) {
            log.warn("{}: {}", with, problem);
        }
    }

    /** It will be said again if it comes again. */
    void solved(String with) {
        said.remove(with);
    }
}

package io.sterna.broker.cluster;

import io.sterna.cluster.TableContent;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When the table was heard, and so whether clients are served here, and whether they may be told anything. Owned by the first
 * event loop, but for what says so.
 */
final class TableHearing {
    private static final Logger log = LoggerFactory.getLogger(TableHearing.class);

    /** This node serves nobody when it has not heard from the table for so long. */
    private static final long SILENCE_MILLIS = 4_000;

    /**
     * Nobody is told anything when the table was not heard for so long: others take over from a node a second after they last
     * heard of it, which may be a heartbeat before it was stopped. More than the time between two readings.
     */
    private static final long SURE_MILLIS = 750;

    private final ReplicaLoops replicas;
    private final Consumer<Optional<String>> serving;
    private TableContent table = TableContent.NONE;
    private long heardMillis;

    // The first loop writes, any thread reads.
    private volatile Optional<String> problem = Optional.of("this node is not connected to its cluster yet");

    TableHearing(ReplicaLoops replicas, Consumer<Optional<String>> serving) {
        this.replicas = replicas;
        this.serving = serving;
    }

    /** What the table said last. */
    TableContent table() {
        return table;
    }

    /** Why no client is served here; empty while they are. Any thread. */
    Optional<String> problem() {
        return problem;
    }

    void onTable(TableContent content, long nowMillis) {
        table = content;
        heardMillis = nowMillis;
        replicas.forEach(its -> its.onTable(content));
        replicas.sureUntil(nowMillis + SURE_MILLIS);
    }

    /**
     * Begins or ceases to serve clients when that is due. To be called many times a second.
     *
     * @param why the table is not heard, where it is not
     */
    void judge(long nowMillis, Supplier<String> why) {
        boolean cutOff = table.generation() == 0 || nowMillis - heardMillis > SILENCE_MILLIS;
        if (cutOff == problem.isPresent()) {
            return;
        }
        problem = cutOff ? Optional.of(why.get()) : Optional.empty();
        problem.ifPresentOrElse(
                reason -> log.warn("clients are not served: {}", reason), () -> log.info("clients are served"));
        serving.accept(problem);
        if (cutOff) {
            replicas.forEach(its -> its.sureUntil(Long.MAX_VALUE)); // All have been hung up on by then.
        }
    }
}

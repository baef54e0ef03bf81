package io.sterna.broker.config;

import com.typesafe.config.ConfigFactory;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How a queue treats its messages. Nothing is dropped unless a policy says so.
 *
 * @param limits how much it holds
 * @param maxMemoryBytes of payloads that may be in memory; above it those are let go that can be; 0 to share with other
 *     queues
 * @param timeToLive bounds for how long its messages live
 * @param redelivery what becomes of messages whose delivery fails
 * @param deduplication which messages it takes for copies
 * @param lastValueKey the annotation, else application property, of which only the latest message of each value is kept
 * @param lockMillis a delivery that is not settled within this time is released; 0 for never
 * @param autoDeleteMillis a queue that came into being by itself and was empty and unused for so long is deleted; 0 for
 *     never
 * @param deadLetters whether what can't be delivered is kept as dead letter; it is dropped otherwise
 */
public record QueuePolicy(
        QueueLimits limits,
        long maxMemoryBytes,
        TimeToLive timeToLive,
        Redelivery redelivery,
        Deduplication deduplication,
        Optional<String> lastValueKey,
        long lockMillis,
        long autoDeleteMillis,
        boolean deadLetters) {
    private static final long MAX_LOCK_MILLIS = 86_400_000L;
    private static final String MAX_MEMORY = "max-memory";
    private static final long MOST_MEMORY_BYTES = 1L << 40;

    /** What is read ahead of the consumers takes nearly as much. */
    private static final long LEAST_MEMORY_BYTES = 2L << 20;

    private static final long MAX_IDLE_MILLIS = 365 * 86_400_000L;

    /** Of a queue that no policy names. */
    public static final QueuePolicy DEFAULT = new QueuePolicy(
            QueueLimits.NONE,
            0,
            TimeToLive.AS_ASKED,
            Redelivery.DEFAULT,
            Deduplication.OFF,
            Optional.empty(),
            0,
            0,
            true);

    /** Of dead letters that no policy names: they have no dead letters of their own, and no attempt is the last one. */
    public static final QueuePolicy OF_DEAD_LETTERS = new QueuePolicy(
            QueueLimits.NONE,
            0,
            TimeToLive.FOR_EVER,
            Redelivery.UNLIMITED,
            Deduplication.OFF,
            Optional.empty(),
            0,
            0,
            true);

    /** Every key, in the order in which they are read. */
    static List<String> keys() {
        List<String> keys = new ArrayList<>();
        try {
            readAll(Section.root(ConfigFactory.empty().root(), keys));
        } catch (ConfigException e) {
            throw new IllegalStateException("the defaults are not acceptable", e);
        }
        return keys;
    }

    /** Reads what is left of a section; what makes no sense for the target is refused. */
    static QueuePolicy read(Section section, PolicyTarget target) throws ConfigException {
        QueuePolicy policy = readAll(section);
        section.refuseUnknown();
        if (target != PolicyTarget.DEAD_LETTERS) {
            return policy;
        }
        List<String> without = new ArrayList<>(section.names());
        without.removeAll(target.keys());
        without.remove("match");
        if (!without.isEmpty()) {
            throw section.refused(
                    without.get(0), "…", "nothing: dead letters have " + String.join(", ", target.keys()));
        }
        if (policy.limits.overflow() == QueueLimits.Overflow.DEAD_LETTER) {
            throw section.refused("overflow", "dead-letter", "another one: dead letters have none of their own");
        }
        return policy.forDeadLetters();
    }

    private static QueuePolicy readAll(Section section) throws ConfigException {
        return new QueuePolicy(
                QueueLimits.read(section),
                readMaxMemory(section),
                TimeToLive.read(section),
                Redelivery.read(section),
                Deduplication.read(section),
                section.optionalText("last-value-key"),
                section.millis("lock-duration", 0, 0, MAX_LOCK_MILLIS),
                section.millis("auto-delete", 0, 0, MAX_IDLE_MILLIS),
                section.flag("dead-letter").orElse(true));
    }

    private static long readMaxMemory(Section section) throws ConfigException {
        long bytes = section.bytes(MAX_MEMORY, 0, 0, MOST_MEMORY_BYTES);
        if (bytes != 0 && bytes < LEAST_MEMORY_BYTES) {
            throw section.refused(
                    MAX_MEMORY, Units.ofBytes(bytes), "0, or " + Units.ofBytes(LEAST_MEMORY_BYTES) + " or more");
        }
        return bytes;
    }

    /** The value of each key, as {@link #read} would read it: sizes in bytes, times in milliseconds. */
    Map<String, Object> describe() {
        Map<String, Object> values = new LinkedHashMap<>();
        limits.describe(values);
        values.put(MAX_MEMORY, maxMemoryBytes);
        timeToLive.describe(values);
        redelivery.describe(values);
        deduplication.describe(values);
        lastValueKey.ifPresent(key -> values.put("last-value-key", key));
        values.put("lock-duration", lockMillis);
        values.put("auto-delete", autoDeleteMillis);
        values.put("dead-letter", deadLetters);
        return values;
    }

    /** The same for the dead letters of a queue: what has failed for good neither expires nor fails again. */
    private QueuePolicy forDeadLetters() {
        return new QueuePolicy(
                limits,
                maxMemoryBytes,
                TimeToLive.FOR_EVER,
                Redelivery.UNLIMITED,
                Deduplication.OFF,
                Optional.empty(),
                lockMillis,
                0,
                true);
    }
}

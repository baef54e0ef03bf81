package io.sterna.broker.config;

import java.util.Map;

/**
 * Bounds for how long messages live in a queue.
 *
 * @param expires whether messages expire at all; the rest has no meaning if not
 * @param presetMillis of messages that say nothing; 0 for ever
 * @param minMillis what a message says is raised to this; 0 for no bound
 * @param maxMillis what a message says, or that it says nothing, is lowered to this; 0 for no bound
 * @param expiredToDeadLetters whether expired messages are kept as dead letters; they are dropped otherwise
 */
public record TimeToLive(
        boolean expires, long presetMillis, long minMillis, long maxMillis, boolean expiredToDeadLetters) {
    static final TimeToLive AS_ASKED = new TimeToLive(true, 0, 0, 0, true);

    static final TimeToLive FOR_EVER = new TimeToLive(false, 0, 0, 0, true);

    private static final long MAX_MILLIS = 10 * 365 * 86_400_000L;

    private enum Expired {
        DEAD_LETTER,
        DROP
    }

    static TimeToLive read(Section section) throws ConfigException {
        long preset = section.millis("default-ttl", 0, 0, MAX_MILLIS);
        long min = section.millis("min-ttl", 0, 0, MAX_MILLIS);
        long max = section.millis("max-ttl", 0, 0, MAX_MILLIS);
        if (max != 0 && min > max) {
            throw section.refused("min-ttl", Units.ofMillis(min), "at most max-ttl, " + Units.ofMillis(max));
        }
        Expired expired = section.oneOf("expired", Expired.class, Expired.DEAD_LETTER);
        return new TimeToLive(true, preset, min, max, expired == Expired.DEAD_LETTER);
    }

    /** Adds what {@link #read} would read as this. */
    void describe(Map<String, Object> values) {
        values.put("default-ttl", presetMillis);
        values.put("min-ttl", minMillis);
        values.put("max-ttl", maxMillis);
        values.put("expired", Section.text(expiredToDeadLetters ? Expired.DEAD_LETTER : Expired.DROP));
    }

    /**
     * When a message expires.
     *
     * @param askedMillis when it says it does, since 1970-01-01T00:00Z; 0 when it says nothing
     * @return 0 for never
     */
    public long expiresAtMillis(long askedMillis, long nowMillis) {
        if (!expires) {
            return 0;
        }
        long asked = askedMillis == 0 && presetMillis != 0 ? nowMillis + presetMillis : askedMillis;
        long raised = asked == 0 || minMillis == 0 ? asked : Math.max(asked, nowMillis + minMillis);
        if (maxMillis == 0) {
            return raised;
        }
        return raised == 0 ? nowMillis + maxMillis : Math.min(raised, nowMillis + maxMillis);
    }
}

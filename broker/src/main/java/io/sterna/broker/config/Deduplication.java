package io.sterna.broker.config;

import java.util.Map;
import java.util.Optional;

/**
 * Which messages a node takes for copies of earlier ones: those with the same id within the window. A copy is accepted
 * and not stored.
 *
 * @param windowMillis how long an id is remembered; 0 for not at all
 * @param maxIds how many are remembered at most, the latest ones
 * @param annotation the message annotation that holds the id; empty for the message-id
 */
public record Deduplication(long windowMillis, int maxIds, Optional<String> annotation) {
    static final Deduplication OFF = new Deduplication(0, 100_000, Optional.empty());
    private static final long MAX_WINDOW_MILLIS = 30 * 86_400_000L;
    private static final int MAX_IDS = 10_000_000;

    static Deduplication read(Section section) throws ConfigException {
        return new Deduplication(
                section.millis("dedup-window", OFF.windowMillis, 0, MAX_WINDOW_MILLIS),
                section.wholeNumber("dedup-max-ids", OFF.maxIds, 1, MAX_IDS),
                section.optionalText("dedup-annotation"));
    }

    /** Adds what {@link #read} would read as this. */
    void describe(Map<String, Object> values) {
        values.put("dedup-window", windowMillis);
        values.put("dedup-max-ids", maxIds);
        annotation.ifPresent(name -> values.put("dedup-annotation", name));
    }

    public boolean enabled() {
        return windowMillis > 0;
    }
}

package io.sterna.broker.config;

import java.util.Map;

/**
 * What becomes of messages whose delivery fails.
 *
 * @param maxDeliveries with so many failed deliveries a message goes to the dead letters; 0 for never
 * @param delayMillis wait after the first failed delivery
 * @param backOff by what the wait is multiplied after each further one, 1 or more
 * @param maxDelayMillis the wait does not grow beyond this
 * @param declinedToDeadLetters whether a message that every consumer has declined (undeliverable-here, AMQP 1.0 §3.4.5)
 *     goes to the dead letters; it waits for another consumer otherwise
 */
public record Redelivery(
        int maxDeliveries, long delayMillis, double backOff, long maxDelayMillis, boolean declinedToDeadLetters) {
    static final Redelivery DEFAULT = new Redelivery(10, 0, 2, 3_600_000L, false);
    static final Redelivery UNLIMITED = new Redelivery(0, 0, 2, 3_600_000L, false);

    private enum Undeliverable {
        KEEP,
        DEAD_LETTER
    }

    private static final long MAX_MILLIS = 365 * 86_400_000L;

    static Redelivery read(Section section) throws ConfigException {
        return new Redelivery(
                section.wholeNumber("max-deliveries", DEFAULT.maxDeliveries, 0, Integer.MAX_VALUE),
                section.millis("redelivery-delay", DEFAULT.delayMillis, 0, MAX_MILLIS),
                section.number("redelivery-back-off", DEFAULT.backOff, 1, 100),
                section.millis("redelivery-max-delay", DEFAULT.maxDelayMillis, 1, MAX_MILLIS),
                section.oneOf("undeliverable", Undeliverable.class, Undeliverable.KEEP) == Undeliverable.DEAD_LETTER);
    }

    /** Adds what {@link #read} would read as this. */
    void describe(Map<String, Object> values) {
        values.put("max-deliveries", maxDeliveries);
        values.put("redelivery-delay", delayMillis);
        values.put("redelivery-back-off", backOff);
        values.put("redelivery-max-delay", maxDelayMillis);
        values.put(
                "undeliverable", Section.text(declinedToDeadLetters ? Undeliverable.DEAD_LETTER : Undeliverable.KEEP));
    }

    /** Whether a message with so many failed deliveries has had its last one. */
    public boolean exhaustedBy(int failedDeliveries) {
        return maxDeliveries != 0 && failedDeliveries >= maxDeliveries;
    }

    /** How long a message waits after so many failed deliveries, 1 or more. */
    public long delayMillis(int failedDeliveries) {
        if (delayMillis == 0) {
            return 0;
        }
        double grown = (double) delayMillis * Math.pow(backOff, failedDeliveries - 1);
        return (long) Math.min(grown, (double) maxDelayMillis);
    }
}

package io.sterna.broker.config;

/**
 * How much of suspended links is kept until their clients resume them (AMQP 1.0 §2.6.13).
 *
 * @param maxLinks how many of them
 * @param maxBytes payloads that wait for their outcome, and delivery-tags
 * @param maxTimeMillis how long each, from when its expiry timer runs, whatever its terminus asks for
 */
public record SuspendedLinksConfig(int maxLinks, long maxBytes, long maxTimeMillis) {
    private static final long MIB = 1024 * 1024;
    private static final long DAY_MILLIS = 86_400_000L;

    static SuspendedLinksConfig read(Section section) throws ConfigException {
        SuspendedLinksConfig config = new SuspendedLinksConfig(
                section.wholeNumber("max-links", 10_000, 0, 1_000_000),
                section.bytes("max-bytes", 64 * MIB, 0, 1024 * 1024 * MIB),
                section.millis("max-time", DAY_MILLIS, 0, 366 * DAY_MILLIS));
        section.refuseUnknown();
        return config;
    }
}

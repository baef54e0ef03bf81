package io.sterna.broker.config;

/**
 * How much one transaction may hold, and for how long.
 *
 * @param timeoutMillis from its first work to its discharge; then it is rolled back
 * @param maxBytes of the messages that are sent in it
 * @param maxOperations messages sent and messages acknowledged in it, together
 * @param maxOpen how many of them a connection may have at a time
 */
public record TransactionsConfig(long timeoutMillis, long maxBytes, int maxOperations, int maxOpen) {
    private static final long KIB = 1024;
    private static final long MIB = 1024 * KIB;

    /** So that what it does in a partition fits into one record of the journal, traits of messages included. */
    private static final long MOST_BYTES = 256 * MIB;

    static TransactionsConfig read(Section section) throws ConfigException {
        TransactionsConfig config = new TransactionsConfig(
                section.millis("timeout", 300_000, 100, 86_400_000),
                section.bytes("max-bytes", 64 * MIB, KIB, MOST_BYTES),
                section.wholeNumber("max-operations", 100_000, 1, 1_000_000),
                section.wholeNumber("max-open", 2048, 1, 100_000));
        section.refuseUnknown();
        return config;
    }
}

package io.sterna.cluster;

/** How a replica is set up. */
public record ReplicaSettings(Times times, Limits limits) {
    private static final Times TIMES = new Times(100, 200, 1_000, 10_000, 500, 3_000, 2);
    private static final Limits LIMITS = new Limits(1, 4 << 20, 256 << 10, 256 << 10);

    /**
     * When things are done, and done again.
     *
     * @param heartbeatMillis an owner says something to each other replica at least so often
     * @param resendMillis what has no answer after so long is sent again
     * @param backupTimeoutMillis a backup from which nothing is heard for so long, no octet even, or which has had records
     *     for so long without getting any of them onto its disk, is taken out of the in-sync set
     * @param answerTimeoutMillis so is a backup from which octets come, but for so long no answer
     * @param deliveryTimeoutMillis an owner that has heard nothing from a backup for so long hands no messages out
     * @param tableTimeoutMillis an owner that has not heard from the table for so long accepts nothing
     * @param partPauseMillis rest between two parts of a difference, so that catching up does not starve clients
     */
    public record Times(
            long heartbeatMillis,
            long resendMillis,
            long backupTimeoutMillis,
            long answerTimeoutMillis,
            long deliveryTimeoutMillis,
            long tableTimeoutMillis,
            long partPauseMillis) {
        public Times {
            atLeast("heartbeatMillis", heartbeatMillis, 1);
            atLeast("resendMillis", resendMillis, 1);
            atLeast("backupTimeoutMillis", backupTimeoutMillis, 1);
            atLeast("answerTimeoutMillis", answerTimeoutMillis, 1);
            atLeast("deliveryTimeoutMillis", deliveryTimeoutMillis, 1);
            atLeast("tableTimeoutMillis", tableTimeoutMillis, 1);
            atLeast("partPauseMillis", partPauseMillis, 0);
        }
    }

    /**
     * How much there may be. Bytes are those of {@link RecordSize}; one record may exceed each of them.
     *
     * @param minInSync how many copies there have to be for a partition to accept
     * @param maxUncommittedBytes records that may be under way; with more the owner accepts nothing. A candidate with twice
     *     as much under way begins again
     * @param batchBytes records in one message
     * @param partBytes one part of a difference
     */
    public record Limits(int minInSync, int maxUncommittedBytes, int batchBytes, int partBytes) {
        public Limits {
            atLeast("minInSync", minInSync, 1);
            atLeast("maxUncommittedBytes", maxUncommittedBytes, 1);
            atLeast("batchBytes", batchBytes, 1);
            atLeast("partBytes", partBytes, 1);
        }
    }

    /** Failures are seen within a second, and one copy is enough to go on. */
    public static ReplicaSettings defaults() {
        return new ReplicaSettings(TIMES, LIMITS);
    }

    private static void atLeast(String name, long value, long least) {
        if (value < least) {
            throw new IllegalArgumentException(name + " is " + value + ", must be at least " + least);
        }
    }
}

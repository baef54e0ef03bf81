package io.sterna.bench.load;

/** A figure that a scenario can have. The order is that of the rows in the table. */
public enum Figure {
    READY_MILLIS("readyMillis", "start to ready, ms"),
    MESSAGES_PER_SECOND("messagesPerSecond", "msg/s"),
    FIRST_TENTH_PER_SECOND("firstTenthPerSecond", "first tenth, msg/s"),
    LAST_TENTH_PER_SECOND("lastTenthPerSecond", "last tenth, msg/s"),
    DRAIN_PER_SECOND("drainPerSecond", "drained, msg/s"),
    FIRST_MATCH_MILLIS("firstMatchMillis", "first match, ms"),
    ALL_MATCHES_MILLIS("allMatchesMillis", "all matches, ms"),
    BESIDE_PER_SECOND("besidePerSecond", "other consumer meanwhile, msg/s"),
    P50_MICROS("p50Micros", "p50, µs"),
    P99_MICROS("p99Micros", "p99, µs"),
    P999_MICROS("p999Micros", "p99.9, µs"),
    MAX_MICROS("maxMicros", "max, µs"),
    CPU_MICROS_PER_MESSAGE("cpuMicrosPerMessage", "broker CPU, µs/msg"),
    HEAP_KIB_PER_CONNECTION("heapKibPerConnection", "live heap per connection, KiB"),
    RSS_KIB_PER_CONNECTION("rssKibPerConnection", "RSS per connection, KiB"),
    HEAP_KIB_PER_NODE("heapKibPerNode", "live heap per queue or subscription, KiB"),
    LIVE_HEAP_MIB("liveHeapMib", "broker live heap, MiB"),
    RSS_MIB("rssMib", "broker RSS, MiB");

    private final String key;
    private final String label;

    Figure(String key, String label) {
        this.key = key;
        this.label = label;
    }

    /** Its name in a line of JSON. */
    public String key() {
        return key;
    }

    /** What a reader sees, with the unit. */
    public String label() {
        return label;
    }
}

package io.sterna.bench.load;

/**
 * What must not grow while a soak runs, and by how much the median of its last samples may be above that of its first
 * ones before that is called growth. What is allowed is what a broker at rest was seen to vary by. A leak in what is done
 * a hundred thousand times in each cycle is above that after a few cycles.
 */
enum Quantity {
    /** The cache of message files, 16 MiB, is empty or full; besides that a quiet broker varies by 2 MiB. */
    LIVE_HEAP("live heap", "MiB", 20, 0.2),
    /** The heap is touched from the start, so that this is what is outside it: buffers, the JIT's code, threads. */
    RSS("RSS", "MiB", 48, 0.1),
    /** Workers and the JVM's own threads come when they are first needed, and some go again. */
    THREADS("threads", "", 6, 0),
    /** A segment of the journal more or less, and a message file's copy beside it. */
    FILES("file handles", "", 4, 0),
    /** The same. */
    DISK("data directory", "MiB", 32, 0);

    private final String label;
    private final String unit;
    private final double allowed;
    private final double allowedShare;

    Quantity(String label, String unit, double allowed, double allowedShare) {
        this.label = label;
        this.unit = unit;
        this.allowed = allowed;
        this.allowedShare = allowedShare;
    }

    String label() {
        return label;
    }

    /** By how much it may be higher at the end than it was at first. */
    double allowedAbove(double first) {
        return Math.max(allowed, allowedShare * first);
    }

    String format(double value) {
        return unit.isEmpty() ? Long.toString(Math.round(value)) : Figures.format(value) + " " + unit;
    }
}

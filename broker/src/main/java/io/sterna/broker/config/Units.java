package io.sterna.broker.config;

/** Sizes and durations as a person writes them, for messages and the log. */
final class Units {
    private static final String[] SIZES = {"B", "KiB", "MiB", "GiB"};

    private Units() {}

    /** The largest unit that holds {@code bytes} as a whole number. */
    static String ofBytes(long bytes) {
        long number = bytes;
        int unit = 0;
        while (number != 0 && number % 1024 == 0 && unit < SIZES.length - 1) {
            number /= 1024;
            unit++;
        }
        return number + " " + SIZES[unit];
    }

    /** Whole seconds as such, all else in milliseconds. */
    static String ofMillis(long millis) {
        return millis % 1000 == 0 ? millis / 1000 + " s" : millis + " ms";
    }
}

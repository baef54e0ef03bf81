package io.sterna.bench.load;

import java.util.Collections;
import java.util.EnumMap;
import java.util.Locale;
import java.util.Map;
import java.util.OptionalDouble;
import org.HdrHistogram.Histogram;

/** What was measured. Owned by the thread that measures. */
final class Figures {

    private final Map<Figure, Double> values = new EnumMap<>(Figure.class);

    Figures put(Figure figure, double value) {
        // A window in which nothing happened has no rate; a figure that is not a number would spoil every median.
        if (Double.isFinite(value)) {
            values.put(figure, value);
        }
        return this;
    }

    Figures put(Figure figure, OptionalDouble value) {
        value.ifPresent(present -> put(figure, present));
        return this;
    }

    /** Rate, and CPU per message where the broker's process is known. */
    Figures putRate(Window window) {
        put(Figure.MESSAGES_PER_SECOND, window.messages() / window.seconds());
        window.cpuMicros().ifPresent(micros -> put(Figure.CPU_MICROS_PER_MESSAGE, micros / window.messages()));
        return this;
    }

    Figures putLatency(Histogram nanos) {
        if (nanos.getTotalCount() > 0) {
            put(Figure.P50_MICROS, nanos.getValueAtPercentile(50) / 1e3);
            put(Figure.P99_MICROS, nanos.getValueAtPercentile(99) / 1e3);
            put(Figure.P999_MICROS, nanos.getValueAtPercentile(99.9) / 1e3);
            put(Figure.MAX_MICROS, nanos.getMaxValue() / 1e3);
        }
        return this;
    }

    Map<Figure, Double> asMap() {
        return Collections.unmodifiableMap(values);
    }

    /** Three digits that count, thousands grouped: {@code 1,234}, {@code 56.7}, {@code 1.23}. */
    static String format(double value) {
        double magnitude = Math.abs(value);
        String pattern = magnitude >= 99.95 ? "%,.0f" : magnitude >= 9.995 ? "%.1f" : "%.2f";
        return String.format(Locale.ROOT, pattern, value);
    }
}

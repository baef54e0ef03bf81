package io.sterna.bench.load;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * How a quantity went from the first of some samples to the last ones, by their medians, so that one odd sample says
 * nothing.
 *
 * @param samples how many each median is of
 */
record Trend(Quantity quantity, double first, double last, int samples) {

    /** With fewer there is no telling a trend from an odd sample. */
    static final int LEAST_SAMPLES = 4;

    /** Empty when there are too few samples. */
    static Optional<Trend> of(Quantity quantity, List<Sample> samples) {
        double[] values = samples.stream()
                .filter(sample -> sample.values().containsKey(quantity))
                .mapToDouble(sample -> sample.values().getOrDefault(quantity, Double.NaN))
                .toArray();
        if (values.length < LEAST_SAMPLES) {
            return Optional.empty();
        }
        // A third, but of a few samples rather half of them: the median of three passes over an odd one.
        int count = Math.max(values.length / 3, Math.min(3, values.length / 2));
        return Optional.of(
                new Trend(quantity, median(values, 0, count), median(values, values.length - count, count), count));
    }

    boolean hasGrown() {
        return last - first > quantity.allowedAbove(first);
    }

    String toText() {
        return String.format(
                "%-15s %s → %s, %s above is allowed: %s",
                quantity.label(),
                quantity.format(first),
                quantity.format(last),
                quantity.format(quantity.allowedAbove(first)),
                hasGrown() ? "HAS GROWN" : "no growth");
    }

    private static double median(double[] values, int from, int count) {
        double[] sorted = Arrays.copyOfRange(values, from, from + count);
        Arrays.sort(sorted);
        int middle = count / 2;
        return count % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
    }
}

package io.sterna.bench.load;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalDouble;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Compares brokers, in Markdown: for each scenario and figure the median over the rounds, and the ratio to a reference.
 *
 * <p>A ratio is the median of the ratios of each round, not the ratio of the medians: what disturbs the machine during
 * a round disturbs both brokers of that round.
 */
final class Table {

    private final List<Result> results;
    private final String reference;

    /** @param reference the broker that others are compared with */
    Table(List<Result> results, String reference) {
        this.results = List.copyOf(results);
        this.reference = reference;
    }

    String toMarkdown() {
        List<String> brokers = brokers();
        StringBuilder table = new StringBuilder();
        row(
                table,
                Stream.concat(Stream.of("scenario", "figure"), brokers.stream()).toList());
        row(
                table,
                Stream.concat(Stream.of("---", "---"), brokers.stream().map(broker -> "---:"))
                        .toList());
        for (String scenario : distinct(results.stream().map(Result::scenario))) {
            String shown = scenario;
            for (Figure figure : Figure.values()) {
                if (brokers.stream()
                        .anyMatch(broker -> !values(scenario, broker, figure).isEmpty())) {
                    List<String> cells = new ArrayList<>(List.of(shown, figure.label()));
                    brokers.forEach(broker -> cells.add(cell(scenario, broker, figure)));
                    row(table, cells);
                    shown = "";
                }
            }
            if (ofScenario(scenario).anyMatch(result -> result.problem().isPresent())) {
                List<String> cells = new ArrayList<>(List.of(shown, "without figures"));
                brokers.forEach(broker -> cells.add(problems(scenario, broker)));
                row(table, cells);
            }
        }
        return table.toString();
    }

    static OptionalDouble median(double... values) {
        if (values.length == 0) {
            return OptionalDouble.empty();
        }
        double[] sorted = values.clone();
        Arrays.sort(sorted);
        int middle = sorted.length / 2;
        return OptionalDouble.of(sorted.length % 2 == 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2);
    }

    /** The reference first, the others as they came. */
    private List<String> brokers() {
        Set<String> brokers = distinct(results.stream().map(Result::broker));
        return Stream.concat(
                        brokers.stream().filter(reference::equals),
                        brokers.stream().filter(broker -> !broker.equals(reference)))
                .toList();
    }

    private String cell(String scenario, String broker, Figure figure) {
        OptionalDouble median = median(values(scenario, broker, figure).stream()
                .mapToDouble(Double::doubleValue)
                .toArray());
        if (median.isEmpty()) {
            return "–";
        }
        String value = Figures.format(median.getAsDouble());
        OptionalDouble ratio = broker.equals(reference) ? OptionalDouble.empty() : ratio(scenario, broker, figure);
        return ratio.isPresent() ? value + " (" + Figures.format(ratio.getAsDouble()) + "×)" : value;
    }

    private OptionalDouble ratio(String scenario, String broker, Figure figure) {
        return median(ofScenario(scenario)
                .filter(result ->
                        result.broker().equals(broker) && result.figures().containsKey(figure))
                .flatMap(result -> ofScenario(scenario)
                        .filter(other -> other.broker().equals(reference) && other.round() == result.round())
                        .map(other -> other.figures().getOrDefault(figure, 0.0))
                        .filter(other -> other != 0)
                        .map(other -> Objects.requireNonNull(result.figures().get(figure)) / other))
                .mapToDouble(Double::doubleValue)
                .toArray());
    }

    private String problems(String scenario, String broker) {
        String problems = ofScenario(scenario)
                .filter(result -> result.broker().equals(broker))
                .map(Result::problem)
                .flatMap(Optional::stream)
                .distinct()
                .collect(Collectors.joining("; "));
        return problems.replace('|', '/');
    }

    private List<Double> values(String scenario, String broker, Figure figure) {
        return ofScenario(scenario)
                .filter(result -> result.broker().equals(broker))
                .flatMap(result -> Stream.ofNullable(result.figures().get(figure)))
                .toList();
    }

    private Stream<Result> ofScenario(String scenario) {
        return results.stream().filter(result -> result.scenario().equals(scenario));
    }

    private static Set<String> distinct(Stream<String> names) {
        return names.collect(Collectors.toCollection(LinkedHashSet::new));
    }

    private static void row(StringBuilder table, List<String> cells) {
        table.append("| ").append(String.join(" | ", cells)).append(" |\n");
    }
}

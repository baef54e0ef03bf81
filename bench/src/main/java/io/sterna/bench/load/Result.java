package io.sterna.bench.load;

import com.typesafe.config.Config;
import com.typesafe.config.ConfigException;
import com.typesafe.config.ConfigFactory;
import com.typesafe.config.ConfigRenderOptions;
import com.typesafe.config.ConfigValueFactory;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/**
 * What one run of a scenario gave, one line of JSON.
 *
 * @param broker which broker, as the caller named it
 * @param round which of several rounds, from 1
 * @param scenario the scenario's name
 * @param figures what was measured; empty when there is a problem
 * @param problem why there are no figures
 */
public record Result(String broker, int round, String scenario, Map<Figure, Double> figures, Optional<String> problem) {

    public Result {
        figures = Map.copyOf(figures);
    }

    /** One line, without its end. */
    String toJson() {
        Map<String, Object> fields = new LinkedHashMap<>();
        fields.put("broker", broker);
        fields.put("round", round);
        fields.put("scenario", scenario);
        figures.forEach((figure, value) -> fields.put(figure.key(), value));
        problem.ifPresent(text -> fields.put("problem", text));
        return ConfigValueFactory.fromMap(fields).render(ConfigRenderOptions.concise());
    }

    /** @throws IllegalArgumentException when the line is not one that {@link #toJson} writes */
    static Result fromJson(String line) {
        try {
            Config config = ConfigFactory.parseString(line);
            Map<Figure, Double> figures = new EnumMap<>(Figure.class);
            for (Figure figure : Figure.values()) {
                if (config.hasPath(figure.key())) {
                    figures.put(figure, config.getDouble(figure.key()));
                }
            }
            Optional<String> problem =
                    config.hasPath("problem") ? Optional.of(config.getString("problem")) : Optional.empty();
            return new Result(
                    config.getString("broker"), config.getInt("round"), config.getString("scenario"), figures, problem);
        } catch (ConfigException e) {
            throw new IllegalArgumentException("not a result: " + line, e);
        }
    }

    /** One line for people. */
    String toText() {
        StringBuilder text = new StringBuilder(String.format("%-8s  %-20s", broker, scenario));
        problem.ifPresent(text::append);
        for (Figure figure : Figure.values()) {
            Double value = figures.get(figure);
            if (value != null) {
                text.append("  ")
                        .append(Figures.format(value))
                        .append(' ')
                        .append(figure.label())
                        .append(';');
            }
        }
        return text.toString();
    }
}

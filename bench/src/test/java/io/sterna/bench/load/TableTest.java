package io.sterna.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class TableTest {

    @Test
    void shouldTakeTheMiddleValueOrTheMeanOfTheTwoInTheMiddle() {
        assertThat(Table.median()).isEmpty();
        assertThat(Table.median(7)).hasValue(7);
        assertThat(Table.median(9, 1, 5)).hasValue(5);
        assertThat(Table.median(9, 1, 5, 3)).hasValue(4);
    }

    @Test
    void shouldPutTheReferenceFirstAndRatiosBesideTheOthers() {
        String table = new Table(
                        List.of(rate("sterna", 1, "drain", 30_000), rate("artemis", 1, "drain", 15_000)), "artemis")
                .toMarkdown();

        assertThat(table)
                .isEqualTo(
                        """
                        | scenario | figure | artemis | sterna |
                        | --- | --- | ---: | ---: |
                        | drain | msg/s | 15,000 | 30,000 (2.00×) |
                        """);
    }

    @Test
    void shouldTakeTheMedianOfTheRatiosOfEachRound() {
        // The machine was slow in round 2, for both. Medians: 1,000 and 2,000; ratios: 2, 4, 3.
        String table = new Table(
                        List.of(
                                rate("artemis", 1, "drain", 1_000),
                                rate("sterna", 1, "drain", 2_000),
                                rate("artemis", 2, "drain", 100),
                                rate("sterna", 2, "drain", 400),
                                rate("artemis", 3, "drain", 1_200),
                                rate("sterna", 3, "drain", 3_600)),
                        "artemis")
                .toMarkdown();

        assertThat(table).contains("| drain | msg/s | 1,000 | 2,000 (3.00×) |");
    }

    @Test
    void shouldShowFiguresInTheirOrderAndNameTheScenarioOnce() {
        Result both = new Result(
                "artemis",
                1,
                "paced",
                Map.of(Figure.RSS_MIB, 300.0, Figure.P99_MICROS, 1_500.0, Figure.P50_MICROS, 900.0),
                Optional.empty());

        assertThat(new Table(List.of(both), "artemis").toMarkdown())
                .endsWith(
                        """
                        | paced | p50, µs | 900 |
                        |  | p99, µs | 1,500 |
                        |  | broker RSS, MiB | 300 |
                        """);
    }

    @Test
    void shouldGiveNoRatioWhenTheReferenceHasNoFigureInThatRound() {
        String table = new Table(
                        List.of(
                                rate("sterna", 1, "drain", 500),
                                new Result("artemis", 1, "drain", Map.of(), Optional.of("failed: no | outcome"))),
                        "artemis")
                .toMarkdown();

        assertThat(table)
                .contains("| drain | msg/s | – | 500 |")
                .contains("|  | without figures | failed: no / outcome |  |");
    }

    @Test
    void shouldSayWhyABrokerHasNoFigures() {
        String table = new Table(
                        List.of(
                                rate("artemis", 1, "topic", 500),
                                new Result("sterna", 1, "topic", Map.of(), Optional.of("not supported: topics")),
                                new Result("sterna", 2, "topic", Map.of(), Optional.of("not supported: topics"))),
                        "artemis")
                .toMarkdown();

        assertThat(table)
                .contains("| topic | msg/s | 500 | – |")
                .contains("|  | without figures |  | not supported: topics |");
    }

    private static Result rate(String broker, int round, String scenario, double rate) {
        return new Result(broker, round, scenario, Map.of(Figure.MESSAGES_PER_SECOND, rate), Optional.empty());
    }
}

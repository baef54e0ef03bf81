package io.sterna.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.data.Percentage.withPercentage;

import java.util.OptionalDouble;
import org.HdrHistogram.Histogram;
import org.junit.jupiter.api.Test;

class FiguresTest {

    @Test
    void shouldPutRateAndCpuPerMessage() {
        Window window = new Window(2_000, 4, OptionalDouble.of(100_000), new Histogram(3));

        assertThat(new Figures().putRate(window).asMap())
                .containsEntry(Figure.MESSAGES_PER_SECOND, 500.0)
                .containsEntry(Figure.CPU_MICROS_PER_MESSAGE, 50.0);
    }

    @Test
    void shouldLeaveOutWhatHasNoNumber() {
        Window nothing = new Window(0, 0, OptionalDouble.of(100), new Histogram(3));

        assertThat(new Figures()
                        .putRate(nothing)
                        .putLatency(nothing.latencyNanos())
                        .asMap())
                .isEmpty();
    }

    @Test
    void shouldPutPercentilesInMicroseconds() {
        Histogram nanos = new Histogram(3);
        for (int i = 1; i <= 1_000; i++) {
            nanos.recordValue(i * 1_000L);
        }

        var figures = new Figures().putLatency(nanos).asMap();

        assertThat(figures.get(Figure.P50_MICROS)).isCloseTo(500, withPercentage(0.2));
        assertThat(figures.get(Figure.P99_MICROS)).isCloseTo(990, withPercentage(0.2));
        assertThat(figures.get(Figure.P999_MICROS)).isCloseTo(999, withPercentage(0.2));
        assertThat(figures.get(Figure.MAX_MICROS)).isCloseTo(1_000, withPercentage(0.2));
    }

    @Test
    void shouldShowThreeDigitsThatCount() {
        assertThat(Figures.format(12_345.6)).isEqualTo("12,346");
        assertThat(Figures.format(99.96)).isEqualTo("100");
        assertThat(Figures.format(56.78)).isEqualTo("56.8");
        assertThat(Figures.format(9.996)).isEqualTo("10.0");
        assertThat(Figures.format(1.234)).isEqualTo("1.23");
        assertThat(Figures.format(0)).isEqualTo("0.00");
    }
}

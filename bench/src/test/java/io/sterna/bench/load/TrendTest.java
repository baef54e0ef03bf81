package io.sterna.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class TrendTest {

    @Test
    void shouldCompareMediansOfTheFirstAndTheLastThird() {
        Trend trend = threads(40, 90, 42, 50, 50, 50, 45, 44, 10);

        assertThat(trend).isEqualTo(new Trend(Quantity.THREADS, 42, 44, 3));
        assertThat(trend.hasGrown()).isFalse();
        assertThat(trend.toText()).contains("threads", "42 → 44", "no growth");
    }

    @Test
    void shouldCallItGrowthWhenItIsAboveWhatIsAllowed() {
        Trend trend = threads(40, 40, 44, 47, 50, 52);

        assertThat(trend).isEqualTo(new Trend(Quantity.THREADS, 40, 50, 3));
        assertThat(trend.hasGrown()).isTrue();
        assertThat(trend.toText()).contains("HAS GROWN");
    }

    @Test
    void shouldAllowAShareOfWhatIsLarge() {
        assertThat(Quantity.LIVE_HEAP.allowedAbove(10)).isEqualTo(20);
        assertThat(Quantity.LIVE_HEAP.allowedAbove(200)).isEqualTo(40);
    }

    @Test
    void shouldSayNothingWhenThereAreTooFewSamples() {
        assertThat(Trend.of(Quantity.THREADS, samples(1, 100, 1_000))).isEmpty();
        assertThat(Trend.of(Quantity.FILES, samples(1, 2, 3, 4, 5))).isEmpty();
    }

    private static Trend threads(double... values) {
        return Trend.of(Quantity.THREADS, samples(values)).orElseThrow();
    }

    private static List<Sample> samples(double... threads) {
        return DoubleStream.of(threads)
                .mapToObj(count -> new Sample(Map.of(Quantity.THREADS, count)))
                .toList();
    }
}

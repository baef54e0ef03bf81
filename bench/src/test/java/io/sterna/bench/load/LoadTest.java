package io.sterna.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class LoadTest {

    private static final Duration SECOND = Duration.ofSeconds(1);

    @Test
    void shouldScaleQuantitiesAndKeepALeastOne() {
        Load load = new Load(SECOND, SECOND, 0.05, 1_024);

        assertThat(load.scaled(100_000, 1_000)).isEqualTo(5_000);
        assertThat(load.scaled(1_000, 200)).isEqualTo(200);
    }

    @Test
    void shouldBoundWhatAWindowLeavesInAQueue() {
        Load load = new Load(SECOND, Duration.ofSeconds(5), 1, 1_024);

        assertThat(load.maxMessages(load.time())).isEqualTo(200_000);
        assertThat(load.maxMessages(Duration.ZERO)).isEqualTo(1_000);
    }

    @Test
    void shouldRefuseLoadThatMakesNoSense() {
        for (Runnable nonsense : List.<Runnable>of(
                () -> new Load(SECOND, Duration.ZERO, 1, 1_024),
                () -> new Load(SECOND.negated(), SECOND, 1, 1_024),
                () -> new Load(SECOND, SECOND, 0, 1_024),
                () -> new Load(SECOND, SECOND, Double.NaN, 1_024),
                () -> new Load(SECOND, SECOND, 1, 7))) {
            assertThatThrownBy(nonsense::run).isInstanceOf(IllegalArgumentException.class);
        }
    }

    @Test
    void shouldKnowWhenEachTenthWasComplete() {
        Backlog.Tenths tenths = new Backlog.Tenths(100);
        tenths.start();
        for (int i = 0; i < 100; i++) {
            tenths.onAccepted();
        }

        assertThat(tenths.rate(1)).isPositive();
        assertThat(tenths.rate(10)).isPositive();
    }
}

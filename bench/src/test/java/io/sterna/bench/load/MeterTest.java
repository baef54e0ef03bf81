package io.sterna.bench.load;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Duration;
import java.util.OptionalDouble;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class MeterTest {

    private static final Duration LONG = Duration.ofMinutes(1);

    @Test
    void shouldEndAWindowWhenEnoughWasCounted() throws Exception {
        Meter meter = new Meter(BrokerProbe.NONE);
        try (Crew crew = new Crew()) {
            crew.start("counter", () -> {
                while (crew.isRunning()) {
                    meter.count(1);
                }
            });
            Window window = meter.window(crew, LONG, 1_000);
            crew.stop();

            assertThat(window.messages()).isGreaterThanOrEqualTo(1_000);
            assertThat(window.seconds()).isNotNegative();
            assertThat(window.cpuMicros()).isEmpty();
        }
    }

    @Test
    void shouldEndAtOnceWhenTheTotalWasReachedBefore() throws Exception {
        Meter meter = new Meter(BrokerProbe.NONE);
        meter.count(10);
        try (Crew crew = new Crew()) {
            assertThat(meter.windowUntil(crew, LONG, 10).messages()).isZero();
        }
    }

    @Test
    void shouldLeaveOutWhatWasRecordedBeforeTheWindow() throws Exception {
        Meter meter = new Meter(BrokerProbe.NONE);
        meter.recordLatency(1_000_000_000);
        try (Crew crew = new Crew()) {
            crew.start("recorder", () -> {
                while (crew.isRunning()) {
                    meter.recordLatency(1_000);
                    meter.count(1);
                }
            });
            Window window = meter.window(crew, LONG, 100);
            crew.stop();

            assertThat(window.latencyNanos().getTotalCount()).isGreaterThanOrEqualTo(100);
            assertThat(window.latencyNanos().getMaxValue()).isLessThan(1_000_000);
        }
    }

    @Test
    void shouldChargeTheWindowWithWhatTheBrokerSpentInIt() throws Exception {
        AtomicLong spent = new AtomicLong(500);
        Meter meter = new Meter(new BrokerProbe() {
            @Override
            public OptionalDouble cpuMicros() {
                return OptionalDouble.of((double) spent.getAndAdd(300));
            }

            @Override
            public OptionalDouble rssKib() {
                return OptionalDouble.empty();
            }

            @Override
            public OptionalDouble liveHeapKib() {
                return OptionalDouble.empty();
            }
        });
        try (Crew crew = new Crew()) {
            assertThat(meter.window(crew, Duration.ofNanos(1), 1).cpuMicros()).hasValue(300);
        }
    }

    @Test
    void shouldEndWithTheReasonWhenAThreadOfTheCrewFails() {
        Meter meter = new Meter(BrokerProbe.NONE);
        try (Crew crew = new Crew()) {
            crew.start("failing", () -> {
                throw new ScenarioFailedException("the broker is gone");
            });
            assertThatThrownBy(() -> meter.window(crew, LONG, 1))
                    .isInstanceOf(ScenarioFailedException.class)
                    .hasMessage("the broker is gone");
            assertThat(crew.isRunning()).isFalse();
        }
    }
}

package io.sterna.bench.jmh;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each benchmark does what it says it measures. */
class BenchmarksTest {

    @Test
    void shouldFindADurableMessageWithoutTimeToLive() throws Exception {
        SectionScanBenchmark benchmark = new SectionScanBenchmark();
        benchmark.bodyBytes = 1_024;
        benchmark.prepare();

        assertThat(benchmark.scan()).isTrue();
        assertThat(benchmark.firstDelivery().prefix()).isEmpty();
        assertThat(benchmark.redelivery().prefix()).isNotEmpty();
    }

    @Test
    void shouldSettleEveryMessageThatTheEngineCarries() {
        EngineBenchmark benchmark = new EngineBenchmark();
        benchmark.open();

        assertThat(benchmark.oneAtATime()).isEqualTo(1);
        assertThat(benchmark.batched()).isEqualTo(101);
        assertThat(benchmark.batched()).isEqualTo(201);
    }

    @Test
    void shouldTakeMessagesInOrderFromTheHeadOfTheBacklog() {
        QueueBenchmark benchmark = new QueueBenchmark();
        benchmark.backlog = 10;
        benchmark.consumers = 3;
        benchmark.fill();

        assertThat(Stream.generate(benchmark::enqueueDispatchAccept).limit(5)).containsExactly(1L, 2L, 3L, 4L, 5L);
    }

    @Test
    void shouldWaitForTheWholeBatchAndLeaveNothingBehind(@TempDir Path directory) throws Exception {
        try (StoreHarness harness = new StoreHarness(directory)) {
            // Two records come before the first batch, and one that acknowledges it before the second.
            assertThat(harness.append(10)).isEqualTo(12);
            assertThat(harness.append(10)).isEqualTo(23);
        }
        try (Stream<Path> left = Files.list(directory)) {
            assertThat(left).isEmpty();
        }
    }
}

package io.sterna.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.DoubleStream;
import org.junit.jupiter.api.Test;

class SoakVerdictTest {

    private static final List<Sample> FLAT = disk(50, 50, 50, 50, 50, 50);

    @Test
    void shouldPassWhenNothingWasLostAndNothingGrew() {
        SoakVerdict verdict = verdict(FLAT, FLAT, Optional.empty());

        assertThat(verdict.passed()).isTrue();
        assertThat(verdict.toText())
                .contains(
                        "12 cycles, 6 restarts (3 SIGKILL, 3 SIGTERM); 1,000,000 messages received, 1,234 again after a"
                                + " restart; deepest backlog 1,024 MiB",
                        "data directory  below 100 MiB after every cycle: yes",
                        "verdict: passed")
                .anyMatch(line -> line.contains("none lost"));
    }

    @Test
    void shouldFailAndSayWhyWhenAMessageWasLost() {
        SoakVerdict verdict = verdict(FLAT, List.of(), Optional.of("cycle 7: q: 1 messages lost"));

        assertThat(verdict.passed()).isFalse();
        assertThat(verdict.toText())
                .contains("verdict: FAILED", "one process without a restart: 0 cycles, too few to tell a trend")
                .anyMatch(line -> line.contains("cycle 7: q: 1 messages lost"));
    }

    @Test
    void shouldFailWhenSomethingGrewInOneProcess() {
        SoakVerdict verdict = verdict(FLAT, disk(10, 20, 30, 50, 70, 90), Optional.empty());

        assertThat(verdict.passed()).isFalse();
        assertThat(verdict.toText()).anyMatch(line -> line.contains("HAS GROWN"));
    }

    @Test
    void shouldFailWhenSomethingGrewFromProcessToProcess() {
        assertThat(verdict(disk(10, 20, 30, 50, 70, 90), FLAT, Optional.empty()).passed())
                .isFalse();
    }

    @Test
    void shouldFailWhenTheDataDirectoryWasLargeOnce() {
        SoakVerdict verdict = verdict(disk(50, 50, 100, 50, 50, 50), FLAT, Optional.empty());

        assertThat(verdict.passed()).isFalse();
        assertThat(verdict.toText()).contains("data directory  below 100 MiB after every cycle: NO");
    }

    private static SoakVerdict verdict(List<Sample> restarted, List<Sample> steady, Optional<String> failure) {
        return new SoakVerdict(restarted, steady, restarted.size() / 2, 1_000_000, 1_234, 1L << 30, failure);
    }

    private static List<Sample> disk(double... mib) {
        return DoubleStream.of(mib)
                .mapToObj(size -> new Sample(Map.of(Quantity.DISK, size)))
                .toList();
    }
}

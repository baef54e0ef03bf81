package io.sterna.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole soak, brief: too brief to tell growth, but with a restart of each kind under load. */
class SoakTest {

    private static final Soak.Plan BRIEF = new Soak.Plan(Duration.ofSeconds(6), 8 << 20, 2, 1);

    @Test
    void shouldLoseNothingOverAKillAndAStopWhenLoadGoesOn(@TempDir Path directory) throws Exception {
        List<String> launcher = List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-cp",
                System.getProperty("java.class.path"),
                "io.sterna.broker.cli.Main");
        StringWriter out = new StringWriter();
        SoakVerdict verdict;
        Path data = Files.createDirectory(directory.resolve("data"));
        try (SoakBroker broker = new SoakBroker(launcher, Map.of(), data)) {
            verdict = new Soak(BRIEF, broker, new PrintWriter(out)).run();
        }

        assertThat(verdict.failure()).as(out.toString()).isEmpty();
        assertThat(verdict.received()).isPositive();
        assertThat(verdict.killed()).isPositive();
        assertThat(verdict.restarted()).hasSizeGreaterThanOrEqualTo(2);
        assertThat(verdict.steady()).isNotEmpty();
        assertThat(verdict.steady().get(0).values()).containsKey(Quantity.DISK);
        assertThat(verdict.toText())
                .contains("messages        none lost, none came back after its acknowledgement, all in order");
    }
}

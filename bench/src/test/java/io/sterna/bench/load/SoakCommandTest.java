package io.sterna.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;

class SoakCommandTest {

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final CommandLine command =
            SoakCommand.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));

    @Test
    void shouldTeachWithExamples() {
        assertThat(command.execute("--help")).isZero();
        assertThat(out.toString()).contains("bench/soak --minutes 3", "--heap", "--backlog", "--data", "Exit code");
    }

    @Test
    void shouldRefuseAHeapThatIsNone() {
        for (String heap : new String[] {"lots", "16m", "99999999999g", "4194304g", ""}) {
            assertThat(command.execute("--heap", heap)).as(heap).isEqualTo(CommandLine.ExitCode.USAGE);
            assertThat(err.toString()).contains("256m or 1g");
        }
    }

    @Test
    void shouldRefuseTimesAndBacklogsThatMakeNoSense() {
        assertThat(command.execute("--minutes", "0")).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(command.execute("--minutes", "NaN")).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(command.execute("--backlog", "0")).isEqualTo(CommandLine.ExitCode.USAGE);
    }

    @Test
    void shouldRefuseADirectoryWithSomethingInIt(@TempDir Path directory) throws Exception {
        Files.writeString(directory.resolve("mine"), "keep");

        assertThat(command.execute("--data", directory.toString())).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(err.toString()).contains("is not empty");
        assertThat(directory.resolve("mine")).exists();
    }
}

package io.sterna.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;
import picocli.CommandLine;

class LoadCommandTest {

    private final StringWriter out = new StringWriter();
    private final StringWriter err = new StringWriter();
    private final CommandLine command =
            LoadCommand.commandLine().setOut(new PrintWriter(out)).setErr(new PrintWriter(err));

    @Test
    void shouldTeachWithExamples() {
        assertThat(command.execute("--help")).isZero();
        assertThat(out.toString()).contains("load run --url amqp://127.0.0.1:5672", "scenarios", "table");
    }

    @Test
    void shouldListEveryScenario() {
        assertThat(command.execute("scenarios")).isZero();
        assertThat(Scenarios.ALL)
                .allSatisfy(scenario -> assertThat(out.toString()).contains(scenario.name(), scenario.about()));
        assertThat(Scenarios.ALL).extracting(Scenario::name).doesNotHaveDuplicates();
    }

    @Test
    void shouldNameTheScenariosWhenOneIsUnknown() {
        assertThat(command.execute("run", "--url", "amqp://127.0.0.1:1", "--scenarios", "drain,drian"))
                .isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(err.toString()).contains("drian", "send-blocking-16");
    }

    @Test
    void shouldRefuseAnAddressOfAnotherKind() {
        assertThat(command.execute("run", "--url", "http://127.0.0.1:1")).isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(err.toString()).contains("amqp://host:port");
    }

    @Test
    void shouldRefuseToChooseQueuesByTheirOwnerWithoutANodeToAsk() {
        assertThat(command.execute("run", "--url", "amqp://127.0.0.1:1", "--queues", "here"))
                .isEqualTo(CommandLine.ExitCode.USAGE);
        assertThat(err.toString()).contains("--http");
    }

    @Test
    void shouldFindSeveralFreePorts() {
        assertThat(command.execute("ports", "3")).isZero();
        assertThat(out.toString().lines().distinct()).hasSize(3);
    }
}

package io.sterna.broker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.Writer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The demonstration as a process, driven by what is typed. */
@Timeout(240)
class DemoClusterTest {
    private static final Duration PATIENCE = Duration.ofSeconds(90);
    private static final String WHOLE = "64 partitions: 64 as they should be";

    @TempDir
    Path directory;

    private Process demo;

    private void start(String... options) throws IOException {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-Xmx128m",
                "-Djava.io.tmpdir=" + directory,
                "-cp",
                System.getProperty("java.class.path"),
                Main.class.getName(),
                "demo",
                "cluster"));
        command.addAll(List.of(options));
        demo = new ProcessBuilder(command)
                .redirectOutput(directory.resolve("out").toFile())
                .redirectError(directory.resolve("errors").toFile())
                .start();
    }

    @AfterEach
    void end() {
        List<ProcessHandle> nodes = demo.descendants().toList();
        demo.destroyForcibly().onExit().join();
        nodes.forEach(ProcessHandle::destroyForcibly);
    }

    @Test
    void shouldShowHowTheOthersTakeOverWhenANodeIsKilledAndStartedAgain() throws Exception {
        start();
        try (Writer keys = demo.outputWriter()) {
            await("all nodes serve and messages flow", "owns 2\\d, node2 owns 2\\d, node3 owns 2\\d; " + WHOLE);
            await("messages flow", "[1-9]\\d* accepted, \\d+ of them not received yet, 0 received again");
            int accepted = accepted();

            type(keys, "2");
            await("it is killed", "node2 was killed");
            await("the others own all", "node1 owns \\d+, node2 away, node3 owns \\d+; .* 0 without an owner");
            awaitAcceptedAbove(accepted);

            type(keys, "2");
            await("all is as before", "node2 away[^$]*node2 owns 2\\d, node3 owns 2\\d; " + WHOLE);
            List<ProcessHandle> nodes = demo.descendants().toList();
            assertThat(nodes).hasSize(3);

            type(keys, "q");
            assertThat(demo.waitFor(60, TimeUnit.SECONDS)).isTrue();
            assertThat(demo.exitValue()).isZero();
            assertThat(nodes).noneMatch(ProcessHandle::isAlive);
            assertThat(directory.toFile().list()).noneMatch(name -> name.startsWith("sterna-demo-"));
        }
    }

    @Test
    void shouldEndAllProcessesWhenItIsTerminated() throws Exception {
        start("--no-load");
        await("the nodes run", "node3 was started");
        List<ProcessHandle> nodes = demo.descendants().toList();
        assertThat(nodes).hasSize(3);

        new ProcessBuilder("kill", "-TERM", Long.toString(demo.pid())).start().waitFor();

        assertThat(demo.waitFor(60, TimeUnit.SECONDS)).isTrue();
        assertThat(demo.exitValue()).isZero();
        assertThat(nodes).noneMatch(ProcessHandle::isAlive);
        assertThat(directory.toFile().list()).noneMatch(name -> name.startsWith("sterna-demo-"));
    }

    @Test
    void shouldEndAllProcessesWhenItIsKilled() throws Exception {
        start("--no-load", "--data", directory.resolve("kept").toString());
        await("the nodes run", "node1 owns 2\\d, node2 owns 2\\d, node3 owns 2\\d");
        List<ProcessHandle> nodes = demo.descendants().toList();

        demo.destroyForcibly().waitFor();

        Awaitility.await().atMost(PATIENCE).until(() -> nodes.stream().noneMatch(ProcessHandle::isAlive));
        assertThat(directory.resolve("kept/node1")).isDirectory();
    }

    private static void type(Writer keys, String key) throws IOException {
        keys.write(key + "\n");
        keys.flush();
    }

    private void await(String what, String pattern) {
        Pattern wanted = Pattern.compile(pattern);
        Awaitility.await(what).atMost(PATIENCE).until(() -> wanted.matcher(output())
                .find());
    }

    private void awaitAcceptedAbove(int before) {
        Awaitility.await("messages flow again").atMost(PATIENCE).until(() -> accepted() > before);
    }

    private int accepted() throws IOException {
        Matcher matcher = Pattern.compile("in all (\\d+) accepted").matcher(output());
        int last = 0;
        while (matcher.find()) {
            last = Integer.parseInt(matcher.group(1));
        }
        return last;
    }

    private String output() throws IOException {
        return Files.readString(directory.resolve("out"));
    }
}

package io.sterna.broker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.amqp.sasl.PasswordHash;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The program as a process: ready line, exit codes, signals, words. */
@Timeout(120)
class LauncherIT {
    @TempDir
    Path directory;

    /** The first start may have something to say about a class archive; what follows is about the others. */
    @BeforeAll
    static void startOnce(@TempDir Path directory) throws Exception {
        try (SternaProcess sterna = SternaProcess.run(directory)) {
            assertThat(sterna.terminate()).isZero();
        }
    }

    @Test
    void shouldPrintOneReadyLineAndServeWhenStarted() throws Exception {
        try (SternaProcess sterna = SternaProcess.run(directory)) {
            try (Socket socket =
                    new Socket(InetAddress.getLoopbackAddress(), sterna.amqp().getPort())) {
                assertThat(socket.isConnected()).isTrue();
            }
            assertThat(status(sterna, "/healthz")).isEqualTo(200);
            assertThat(status(sterna, "/readyz")).isEqualTo(200);
            assertThat(status(sterna, "/metrics")).isEqualTo(200);

            assertThat(sterna.terminate()).isZero();
            assertThat(sterna.output())
                    .matches("ready amqp://127\\.0\\.0\\.1:\\d+ http://127\\.0\\.0\\.1:\\d+ in \\d+ ms\\R");
            assertThat(sterna.errors()).doesNotContain("Exception");
            assertThat(directory.resolve("data")).isDirectory();
        }
    }

    @Test
    void shouldExitWithZeroWhenInterrupted() throws Exception {
        try (SternaProcess sterna = SternaProcess.run(directory)) {
            sterna.signal("INT");

            assertThat(sterna.awaitExit()).isZero();
        }
    }

    @Test
    void shouldExitWithThreeWhenTheDataDirectoryIsInUse() throws Exception {
        try (SternaProcess first = SternaProcess.run(directory, "--data", "shared");
                SternaProcess second =
                        SternaProcess.start(directory, "run", "--port", "0", "--http-port", "0", "--data", "shared")) {
            assertThat(second.awaitExit()).isEqualTo(3);
            assertThat(second.errors()).hasLineCount(1).startsWith("sterna: ").contains("shared");
            assertThat(second.output()).isEmpty();
            assertThat(first.terminate()).isZero();
        }
    }

    @Test
    void shouldStartAgainOnItsDataWhenKilled() throws Exception {
        try (SternaProcess killed = SternaProcess.run(directory)) {
            killed.kill();
        }
        try (SternaProcess again = SternaProcess.run(directory)) {
            assertThat(again.terminate()).isZero();
        }
    }

    @ParameterizedTest
    @CsvSource({"--port, amqp", "--http-port, http"})
    void shouldExitWithOneWhenAPortIsTaken(String option, String section) throws Exception {
        try (ServerSocket taken = new ServerSocket(0);
                SternaProcess sterna = SternaProcess.start(
                        directory,
                        "run",
                        "--set",
                        "amqp.port=0",
                        "--set",
                        "http.port=0",
                        option,
                        Integer.toString(taken.getLocalPort()))) {
            assertThat(sterna.awaitExit()).isEqualTo(1);
            assertThat(lastLine(sterna.errors()))
                    .startsWith("sterna: cannot listen on 127.0.0.1:" + taken.getLocalPort() + " (" + section + ".host")
                    .contains("in use");
            assertThat(sterna.errors()).doesNotContain("\tat ");
            assertThat(sterna.output()).isEmpty();
        }
    }

    @Test
    void shouldExitWithOneWhenTheHostIsNotKnown() throws Exception {
        try (SternaProcess sterna = SternaProcess.start(
                directory, "run", "--port", "0", "--http-port", "0", "--set", "amqp.host=no.such.host.invalid")) {
            assertThat(sterna.awaitExit()).isEqualTo(1);
            assertThat(lastLine(sterna.errors()))
                    .isEqualTo("sterna: cannot listen on no.such.host.invalid:0 (amqp.host, amqp.port):"
                            + " the host is not known");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    run --porr 1                     | sterna: Unknown options: '--porr', '1'; see bin/sterna run --help
                    run --port                       | sterna: Missing required parameter for option '--port' (N); see
                    run --port x                     | sterna: amqp.port = "x" (command line): allowed is a whole number
                    run --set amqp.port=1 --port 1x  | sterna: amqp.port = "1x" (command line): allowed is a whole number
                    run --set amqp.prot=1            | sterna: amqp.prot (command line) is not a known key
                    run --set cluster.enabled=true   | sterna: cluster.members = []: allowed is three nodes or more
                    run --config missing.conf        | sterna: configuration file missing.conf cannot be read
                    rum                              | sterna: Unmatched argument at index 0: 'rum'
                    version 1                        | sterna: Unmatched argument at index 1: '1'; see bin/sterna version
                    """)
    void shouldExitWithTwoWhenUsageOrConfigurationIsWrong(String arguments, String expected) throws Exception {
        try (SternaProcess sterna = SternaProcess.start(directory, arguments.split(" ", -1))) {
            assertThat(sterna.awaitExit()).isEqualTo(2);
            assertThat(sterna.errors()).hasLineCount(1).startsWith(expected);
            assertThat(sterna.output()).isEmpty();
        }
    }

    @Test
    void shouldTakeSettingsFromTheEnvironment() throws Exception {
        Map<String, String> environment =
                Map.of("STERNA_AMQP_PORT", "0", "STERNA_HTTP_PORT", "0", "STERNA_AMQP_HOST", "localhost");
        try (SternaProcess sterna = SternaProcess.start(directory, SternaProcess.LAUNCHER, environment, "run")) {
            sterna.awaitReady();

            assertThat(sterna.amqp().getHost()).isEqualTo("localhost");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    --help               | JAVA_OPTS=-Xmx2g bin/sterna run
                    run --help           | bin/sterna run --port 0 --http-port 0 --data /tmp/trial
                    hash-password --help | auth.users { alice = "$scram$1$…" }
                    version --help       | bin/sterna version
                    """)
    void shouldTeachWithExamplesWhenAskedForHelp(String arguments, String example) throws Exception {
        try (SternaProcess sterna = SternaProcess.start(directory, arguments.split(" ", -1))) {
            assertThat(sterna.awaitExit()).isZero();
            assertThat(sterna.output()).contains("Usage: sterna", example);
            assertThat(sterna.output().lines()).allMatch(line -> line.length() <= 100);
            assertThat(sterna.errors()).isEmpty();
        }
    }

    @Test
    void shouldPrintItsVersion() throws Exception {
        try (SternaProcess sterna = SternaProcess.start(directory, "version")) {
            assertThat(sterna.awaitExit()).isZero();
            assertThat(sterna.output()).matches("sterna \\d+\\.\\d+\\.\\d+\\S*, Java \\S+\\R");
        }
    }

    @Test
    void shouldPassJavaOptionsOnLast() throws Exception {
        Map<String, String> environment = Map.of("JAVA_OPTS", "-Xmx77m -XshowSettings:vm");
        try (SternaProcess sterna = SternaProcess.start(directory, SternaProcess.LAUNCHER, environment, "version")) {
            assertThat(sterna.awaitExit()).isZero();
            assertThat(sterna.errors()).contains("77.00M");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"secret\n", "secret", "pass word \u00e4\u20ac\n"})
    void shouldHashAPasswordFromStandardInput(String typed) throws Exception {
        try (SternaProcess sterna =
                SternaProcess.start(directory, "hash-password").type(typed)) {
            assertThat(sterna.awaitExit()).isZero();
            assertThat(sterna.output()).hasLineCount(1);
            assertThat(PasswordHash.parse(sterna.output().strip()).verify(typed.replace("\n", "")))
                    .isTrue();
        }
    }

    @Test
    void shouldExitWithTwoWhenThePasswordIsEmpty() throws Exception {
        try (SternaProcess sterna =
                SternaProcess.start(directory, "hash-password").type("")) {
            assertThat(sterna.awaitExit()).isEqualTo(2);
            assertThat(sterna.errors()).hasLineCount(1).startsWith("sterna: password is empty");
        }
    }

    @Test
    void shouldRunThroughASymbolicLinkFromAnyDirectory() throws Exception {
        Path link = Files.createSymbolicLink(directory.resolve("link"), SternaProcess.LAUNCHER);
        Path linkToLink = Files.createSymbolicLink(directory.resolve("a link to it"), link.getFileName());
        try (SternaProcess sterna = SternaProcess.start(directory, linkToLink, Map.of(), "version")) {
            assertThat(sterna.awaitExit()).isZero();
        }
    }

    @Test
    void shouldRunFromAnInstallationWithoutSourcesWhosePathHasSpaces() throws Exception {
        Path home = directory.resolve("an installation");
        Path lib = Files.createDirectories(home.resolve("broker/target/sterna/lib"));
        try (var jars = Files.list(SternaProcess.HOME.resolve("broker/target/sterna/lib"))) {
            for (Path jar : jars.toList()) {
                Files.copy(jar, lib.resolve(jar.getFileName()));
            }
        }
        Path launcher = Files.createDirectories(home.resolve("bin")).resolve("sterna");
        Files.copy(SternaProcess.LAUNCHER, launcher);
        String[] arguments = {"run", "--port", "0", "--http-port", "0", "--data", "my data"};
        try (SternaProcess sterna = SternaProcess.start(directory, launcher, Map.of(), arguments)) {
            sterna.awaitReady();

            assertThat(sterna.terminate()).isZero();
            assertThat(directory.resolve("my data")).isDirectory();
            assertThat(home.resolve("broker/target/sterna")).isDirectoryContaining("glob:**.jsa");
        }
    }

    @Test
    void shouldNameEveryLibraryInTheNotice() throws Exception {
        String notice = Files.readString(SternaProcess.HOME.resolve("NOTICE"));
        try (var jars = Files.list(SternaProcess.HOME.resolve("broker/target/sterna/lib"))) {
            assertThat(jars.map(jar -> jar.getFileName().toString().replaceFirst("(-\\d.*)?\\.jar$", "")))
                    .filteredOn(artifact -> !artifact.startsWith("sterna-"))
                    .isNotEmpty()
                    .allSatisfy(artifact -> assertThat(notice).containsPattern("\\b" + artifact + "\\b"));
        }
    }

    private static int status(SternaProcess sterna, String path) throws IOException, InterruptedException {
        HttpRequest request =
                HttpRequest.newBuilder(sterna.http().resolve(path)).build();
        return HttpClient.newHttpClient()
                .send(request, BodyHandlers.discarding())
                .statusCode();
    }

    private static String lastLine(String text) {
        return text.lines().reduce("", (former, line) -> line);
    }
}

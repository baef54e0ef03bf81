package io.sterna.broker.cli;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The README's example does what the README says. */
@Timeout(120)
class HelloJmsIT {
    private static final Path EXAMPLE = SternaProcess.HOME.resolve("examples/hello-jms/src/main/java/HelloJms.java");

    @TempDir
    Path directory;

    @Test
    void shouldReceiveWhatItSends() throws Exception {
        try (SternaProcess sterna = SternaProcess.run(directory)) {
            Path output = directory.resolve("example.txt");
            Process example = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java")
                                    .toString(),
                            "-cp",
                            System.getProperty("java.class.path"),
                            EXAMPLE.toString(),
                            sterna.amqp().toString())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            try {
                assertThat(example.waitFor(60, SECONDS)).isTrue();
            } finally {
                example.destroyForcibly();
            }
            assertThat(Files.readString(output)).contains("received: Hello, Sterna");
            assertThat(example.exitValue()).isZero();
        }
    }

    @Test
    void shouldStandInTheReadmeAsItIs() throws IOException {
        String readme = Files.readString(SternaProcess.HOME.resolve("README.md"));
        String code = readme.substring(readme.indexOf("```java\n") + 8);
        String source = Files.readString(EXAMPLE).replaceAll("\\s+", " ");

        assertThat(source)
                .contains(code.substring(code.indexOf("try"), code.indexOf("```"))
                        .replaceAll("\\s+", " ")
                        .strip());
    }
}

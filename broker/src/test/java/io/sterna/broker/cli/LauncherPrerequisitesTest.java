package io.sterna.broker.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the launcher says when something it needs is missing. Runs in an empty checkout with a path of its own. */
@Timeout(60)
class LauncherPrerequisitesTest {
    private static final List<String> TOOLS = List.of(
            "bash", "cat", "cksum", "cut", "dirname", "env", "find", "flock", "head", "mkdir", "readlink", "sed");

    @TempDir
    Path directory;

    private Path tools;
    private Path launcher;
    private Path javaHome;

    @BeforeEach
    void makeCheckout() throws IOException {
        tools = Files.createDirectories(directory.resolve("tools"));
        for (String tool : TOOLS) {
            for (String place : List.of("/bin", "/usr/bin")) {
                if (Files.isExecutable(Path.of(place, tool))) {
                    script(tools.resolve(tool), "exec " + place + "/" + tool + " \"$@\"");
                }
            }
        }
        launcher = Files.createDirectories(directory.resolve("bin")).resolve("sterna");
        Files.copy(SternaProcess.LAUNCHER, launcher);
        Files.createFile(directory.resolve("pom.xml"));
        javaHome = directory.resolve("java");
        javaIs("17.0.9");
        script(javaHome.resolve("bin/javac"), "");
    }

    @Test
    void shouldAskForAJdkWhenThereIsNoJava() throws Exception {
        assertRefused(Map.of("JAVA_HOME", ""), "sterna: no Java found: install a JDK 17 or newer");
    }

    @Test
    void shouldSayWhereItLookedWhenJavaHomeIsWrong() throws Exception {
        assertRefused(Map.of("JAVA_HOME", "/nowhere"), "sterna: JAVA_HOME is /nowhere, but there is no bin/java in it");
    }

    @ParameterizedTest
    @CsvSource({"11.0.20", "1.8.0_392", "16"})
    void shouldNameTheVersionWhenJavaIsTooOld(String version) throws Exception {
        javaIs(version);

        assertRefused(
                Map.of(), "sterna: " + javaHome + "/bin/java is Java " + version + "; a JDK 17 or newer is needed");
    }

    @Test
    void shouldAskForAJdkWhenThereIsOnlyARuntimeToBuildWith() throws Exception {
        Files.delete(javaHome.resolve("bin/javac"));

        assertRefused(Map.of(), "sterna: " + javaHome + " is a Java runtime only; building Sterna needs a JDK 17");
    }

    @Test
    void shouldAskForMavenWhenItHasToBuildAndThereIsNone() throws Exception {
        assertRefused(Map.of(), "sterna: no Maven found on the path; building Sterna needs Maven 3.8 or newer");
    }

    @ParameterizedTest
    @CsvSource({"3.6", "3.7", "2.2"})
    void shouldNameTheVersionWhenMavenIsTooOld(String version) throws Exception {
        script(tools.resolve("mvn"), "echo Apache Maven " + version + ".3");

        assertRefused(
                Map.of(), "sterna: Maven " + version + " is on the path; building Sterna needs Maven 3.8 or newer");
    }

    @Test
    void shouldSayThatItBuildsAndThatTheBuildFailed() throws Exception {
        script(
                tools.resolve("mvn"),
                """
                case $* in
                  *--version*) echo Apache Maven 4.0.0 ;;
                  *) echo this is why; exit 1 ;;
                esac
                """);

        assertRefused(
                Map.of(),
                "sterna: building Sterna in " + directory.toRealPath()
                        + " (its first use, or its sources have changed)\nthis is why\nsterna: the build failed");
    }

    private void assertRefused(Map<String, String> furtherEnvironment, String expected) throws Exception {
        Map<String, String> environment = new HashMap<>();
        environment.put("PATH", tools.toString());
        environment.put("JAVA_HOME", javaHome.toString());
        environment.putAll(furtherEnvironment);
        try (SternaProcess sterna = SternaProcess.start(directory, launcher, environment, "run")) {
            assertThat(sterna.awaitExit()).isEqualTo(1);
            assertThat(sterna.errors()).startsWith(expected);
            assertThat(sterna.output()).isEmpty();
        }
    }

    private void javaIs(String version) throws IOException {
        script(javaHome.resolve("bin/java"), "exit 99");
        Files.writeString(javaHome.resolve("release"), "JAVA_VERSION=\"" + version + "\"\n");
    }

    private static void script(Path file, String body) throws IOException {
        Files.createDirectories(file.getParent());
        Files.writeString(file, "#!/bin/sh\n" + body + "\n");
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwx------"));
    }
}

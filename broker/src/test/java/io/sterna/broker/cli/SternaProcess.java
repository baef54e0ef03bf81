package io.sterna.broker.cli;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * {@code bin/sterna} as a process of its own, as operators run it. Needs the packaged broker, so it is for tests that run
 * after packaging.
 */
public final class SternaProcess implements AutoCloseable {
    static final Path HOME = Path.of("..").toAbsolutePath().normalize();
    static final Path LAUNCHER = HOME.resolve("bin/sterna");

    /** The first start may have to prepare a class archive. */
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    private final Process process;
    private final Path output;
    private final Path errors;

    private SternaProcess(Process process, Path output, Path errors) {
        this.process = process;
        this.output = output;
        this.errors = errors;
    }

    /**
     * Starts a command.
     *
     * @param directory working directory; receives the process's output files
     */
    public static SternaProcess start(Path directory, String... arguments) throws IOException {
        return start(directory, LAUNCHER, Map.of(), arguments);
    }

    /** Starts a node on free ports, its data in {@code directory/data}, and waits until clients can connect. */
    public static SternaProcess run(Path directory, String... furtherArguments) throws IOException {
        List<String> arguments = new ArrayList<>(List.of("run", "--port", "0", "--http-port", "0"));
        arguments.addAll(List.of(furtherArguments));
        SternaProcess sterna = start(directory, arguments.toArray(String[]::new));
        sterna.awaitReady();
        return sterna;
    }

    static SternaProcess start(Path directory, Path launcher, Map<String, String> environment, String... arguments)
            throws IOException {
        Path output = Files.createTempFile(directory, "output", ".txt");
        Path errors = Files.createTempFile(directory, "errors", ".txt");
        List<String> command = new ArrayList<>(List.of(launcher.toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectOutput(output.toFile())
                .redirectError(errors.toFile());
        builder.environment().keySet().removeIf(name -> name.startsWith("STERNA_") || name.equals("JAVA_OPTS"));
        builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
        builder.environment().putAll(environment);
        return new SternaProcess(builder.start(), output, errors);
    }

    /** Writes to standard input and closes it. */
    SternaProcess type(String text) throws IOException {
        try (var input = process.outputWriter()) {
            input.write(text);
        }
        return this;
    }

    void awaitReady() {
        await().atMost(PATIENCE).until(() -> output().contains("ready") || !process.isAlive());
        assertThat(output()).as(errors()).startsWith("ready ");
    }

    public URI amqp() {
        return uri("amqp");
    }

    public URI http() {
        return uri("http");
    }

    private URI uri(String scheme) {
        for (String word : output().split(" ", -1)) {
            if (word.startsWith(scheme + "://")) {
                return URI.create(word);
            }
        }
        throw new AssertionError("no " + scheme + " address in: " + output());
    }

    String output() {
        return read(output);
    }

    String errors() {
        return read(errors);
    }

    /** SIGTERM, then the exit code. */
    public int terminate() throws InterruptedException {
        process.destroy();
        return awaitExit();
    }

    /** {@code kill -9}, of this process alone. */
    public void kill() throws InterruptedException {
        process.destroyForcibly();
        awaitExit();
    }

    void signal(String name) throws IOException, InterruptedException {
        Process kill = new ProcessBuilder("kill", "-" + name, Long.toString(process.pid())).start();
        assertThat(kill.waitFor()).isZero();
    }

    int awaitExit() throws InterruptedException {
        assertThat(process.waitFor(PATIENCE.toSeconds(), SECONDS))
                .as("process has ended")
                .isTrue();
        return process.exitValue();
    }

    /** Kills the process if it still lives, and waits for its end. */
    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}

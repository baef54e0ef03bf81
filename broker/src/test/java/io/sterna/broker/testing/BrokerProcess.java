package io.sterna.broker.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.io.Writer;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A broker in a process of its own, which a test may kill. It runs from the class path of the tests, so that it is
 * always the code under test; its standard error goes to the file {@code broker.log} beside the data directory.
 */
public final class BrokerProcess implements BrokerUnderTest {
    static final int HEAP_MEBIBYTES = 512;

    private static final long START_TIMEOUT_SECONDS = 60;
    private static final long STOP_TIMEOUT_SECONDS = 30;

    /** Also where the machine has two processors only: what goes from one loop to another is harder. */
    private static final String SEVERAL_LOOPS = "threads.event-loops=2";

    private static final Pattern AMQP_URL = Pattern.compile("amqp://\\S+");
    private static final Pattern HTTP_URL = Pattern.compile("http://\\S+");
    private static final Pattern WEBSOCKET_URL = Pattern.compile("amqpws://\\S+");

    private final Process process;
    private final String readyLine;
    private final URI url;

    private BrokerProcess(Process process, String readyLine) {
        this.process = process;
        this.readyLine = readyLine;
        url = URI.create(find(AMQP_URL, readyLine));
    }

    private static String find(Pattern pattern, String line) {
        Matcher matcher = pattern.matcher(line);
        if (!matcher.find()) {
            throw new IllegalStateException("not in the ready line: " + pattern + "; it is: " + line);
        }
        return matcher.group();
    }

    /**
     * Starts a broker and returns when it has said that it is ready.
     *
     * @param port the port to listen on, 0 for a free one
     * @param settings {@code key=value}
     * @throws IllegalStateException when it ends, or says nothing for a minute; the message holds its output
     */
    public static BrokerProcess start(Path data, int port, List<String> settings) {
        return start(List.of(), data, port, settings, HEAP_MEBIBYTES);
    }

    /** @param within a command that runs another one in its own process, {@code ip netns exec} for instance; or empty */
    static BrokerProcess start(List<String> within, Path data, int port, List<String> settings, int heapMebibytes) {
        Path log = data.resolveSibling(data.getFileName() + ".log");
        List<String> command = new ArrayList<>(within);
        command.addAll(command(
                heapMebibytes, "run", "--data", data.toString(), "--port", Integer.toString(port), "--http-port", "0"));
        command.addAll(List.of("--set", SEVERAL_LOOPS));
        settings.forEach(setting -> command.addAll(List.of("--set", setting)));
        try {
            Process process = new ProcessBuilder(command)
                    .redirectError(ProcessBuilder.Redirect.appendTo(log.toFile()))
                    .start();
            return new BrokerProcess(process, awaitReady(process, log));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What {@code sterna hash-password} prints, for the setting {@code auth.users}. */
    static String hashPassword(String password) {
        try {
            Process process = new ProcessBuilder(command(HEAP_MEBIBYTES, "hash-password"))
                    .redirectError(ProcessBuilder.Redirect.INHERIT)
                    .start();
            try (Writer input = process.outputWriter();
                    BufferedReader output = process.inputReader()) {
                input.write(password + System.lineSeparator());
                input.flush();
                return Optional.ofNullable(output.readLine()).orElseThrow();
            } finally {
                process.destroyForcibly();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<String> command(int heapMebibytes, String... arguments) {
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-ea",
                "-Xmx" + heapMebibytes + "m",
                "-XX:+ExitOnOutOfMemoryError",
                "-cp",
                System.getProperty("java.class.path"),
                "io.sterna.broker.cli.Main"));
        command.addAll(List.of(arguments));
        return command;
    }

    private static String awaitReady(Process process, Path log) throws IOException {
        CompletableFuture<String> ready = new CompletableFuture<>();
        Thread reader = new Thread(() -> readOutput(process, ready), "broker-output-" + process.pid());
        reader.setDaemon(true);
        reader.start();
        try {
            return ready.get(START_TIMEOUT_SECONDS, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            process.destroyForcibly();
            throw new IllegalStateException("the broker did not get ready:\n" + Files.readString(log), e);
        } catch (InterruptedException e) {
            process.destroyForcibly();
            throw new IllegalStateException("interrupted while the broker started", e);
        }
    }

    /** Reads to the end of the output, so that the broker never waits for a full pipe. */
    private static void readOutput(Process process, CompletableFuture<String> ready) {
        try (BufferedReader output = process.inputReader()) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                if (line.startsWith("ready")) {
                    ready.complete(line);
                }
            }
            ready.completeExceptionally(new IllegalStateException("the broker ended"));
        } catch (IOException e) {
            ready.completeExceptionally(e);
        }
    }

    @Override
    public String host() {
        return url.getHost();
    }

    @Override
    public int port() {
        return url.getPort();
    }

    /** Where clients of Qpid JMS connect over WebSocket; the setting {@code amqp.websocket.port} has to be there. */
    public String webSocketUrl() {
        return find(WEBSOCKET_URL, readyLine);
    }

    /** Where operators ask. */
    public URI httpUrl() {
        return URI.create(find(HTTP_URL, readyLine));
    }

    /** The process id, for a look from outside. */
    public long pid() {
        return process.pid();
    }

    /** Ends the process at once (SIGKILL), as a power cut would, and waits until it is gone. */
    public void kill() {
        process.destroyForcibly();
        awaitEnd();
    }

    /** Asks the process to end (SIGTERM), and kills it when it does not. */
    @Override
    public void close() {
        process.destroy();
        awaitEnd();
    }

    private void awaitEnd() {
        try {
            if (!process.waitFor(STOP_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly().waitFor();
                throw new IllegalStateException("the broker did not end within " + STOP_TIMEOUT_SECONDS + " s");
            }
        } catch (InterruptedException e) {
            process.destroyForcibly();
            throw new IllegalStateException("interrupted while the broker ended", e);
        }
    }
}

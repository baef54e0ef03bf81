package io.sterna.bench.load;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;

/**
 * Sterna as a child process, started again and again on the same port and data directory. Its log is {@code broker.log}
 * beside that directory. Whatever happens to this JVM in order, the child is ended with it, by its id. Owned by the
 * soak's thread.
 */
final class SoakBroker implements AutoCloseable {

    private static final Duration READY = Duration.ofMinutes(3);
    private static final Duration END = Duration.ofSeconds(60);
    private static final int LOWEST_PORT = 10_000;

    private final List<String> command;
    private final Map<String, String> environment;
    private final Path data;
    private final int port;
    private final Thread atExit = new Thread(this::end, "soak-exit");

    // Written by the owner, read by the hook, too
    private final AtomicReference<@Nullable Process> process = new AtomicReference<>();

    /**
     * @param launcher what stands before {@code run …}
     * @param environment set for the process beside what this one has
     */
    SoakBroker(List<String> launcher, Map<String, String> environment, Path data) throws IOException {
        this.environment = environment;
        this.data = data;
        this.port = freePort();
        command = new ArrayList<>(launcher);
        command.addAll(List.of("run", "--port", Integer.toString(port), "--http-port", "0", "--data", data.toString()));
        Runtime.getRuntime().addShutdownHook(atExit);
    }

    int port() {
        return port;
    }

    /** What can be seen of the process from outside. */
    BrokerProcess seen() throws ScenarioFailedException {
        checkRunning();
        return BrokerProcess.of(running().pid());
    }

    /** Fails when it has ended by itself, as a broker without memory does. */
    void checkRunning() throws ScenarioFailedException {
        Process running = running();
        if (!running.isAlive()) {
            throw new ScenarioFailedException(
                    "the broker ended by itself, with " + running.exitValue() + "; see " + log());
        }
    }

    Path log() {
        return data.resolveSibling("broker.log");
    }

    /** Lets the process write the stacks of its threads into its log; says nothing where that does not work. */
    void dumpThreads() throws IOException, InterruptedException {
        Process running = running();
        if (running.isAlive()) {
            new ProcessBuilder("kill", "-QUIT", Long.toString(running.pid()))
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start()
                    .waitFor(END.toSeconds(), TimeUnit.SECONDS);
        }
    }

    /** Starts it and waits until it serves. */
    void start() throws IOException, InterruptedException, ScenarioFailedException {
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectError(ProcessBuilder.Redirect.appendTo(log().toFile()));
        builder.environment().keySet().removeIf(name -> name.startsWith("STERNA_"));
        builder.environment().putAll(environment);
        Process started = builder.start();
        process.set(started);
        CompletableFuture<String> ready = new CompletableFuture<>();
        Thread reader = new Thread(() -> read(started, ready), "soak-broker-output");
        reader.setDaemon(true);
        reader.start();
        try {
            ready.get(READY.toSeconds(), TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new ScenarioFailedException("the broker did not get ready; see " + log(), e);
        }
    }

    /** SIGTERM, or SIGKILL; returns when the process is gone. */
    void stop(boolean kill) throws InterruptedException, ScenarioFailedException {
        Process running = running();
        if (kill) {
            running.destroyForcibly();
        } else {
            running.destroy();
        }
        if (!running.waitFor(END.toSeconds(), TimeUnit.SECONDS)) {
            throw new ScenarioFailedException("the broker did not end within " + END.toSeconds() + " s");
        }
        if (!kill && running.exitValue() != 0) {
            throw new ScenarioFailedException(
                    "the broker ended with " + running.exitValue() + " after SIGTERM; see " + log());
        }
    }

    /** The bytes of all files in the data directory; what goes away meanwhile counts or not. */
    long dataBytes() throws IOException {
        LongAdder bytes = new LongAdder();
        Files.walkFileTree(data, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                bytes.add(attributes.size());
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException gone) {
                return FileVisitResult.CONTINUE;
            }
        });
        return bytes.sum();
    }

    @Override
    public void close() {
        end();
        Runtime.getRuntime().removeShutdownHook(atExit);
    }

    private void end() {
        Process running = process.get();
        if (running == null) {
            return;
        }
        running.destroy();
        try {
            if (running.waitFor(END.toSeconds(), TimeUnit.SECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        running.destroyForcibly();
    }

    private Process running() {
        Process running = process.get();
        if (running == null) {
            throw new IllegalStateException("not started");
        }
        return running;
    }

    /** Reads to the end, so that the broker never waits for a full pipe. */
    private static void read(Process process, CompletableFuture<String> ready) {
        try (BufferedReader output =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = output.readLine(); line != null; line = output.readLine()) {
                if (line.startsWith("ready")) {
                    ready.complete(line);
                }
            }
            ready.completeExceptionally(new IOException("it has ended"));
        } catch (IOException e) {
            ready.completeExceptionally(e);
        }
    }

    /**
     * A port below those that the kernel gives to outgoing connections: a client that tries to reconnect, while nobody
     * listens, could otherwise be given that very port and connect to itself.
     */
    private static int freePort() throws IOException {
        int lowestOutgoing = 32_768;
        for (int attempt = 0; attempt < 1_000; attempt++) {
            int candidate = ThreadLocalRandom.current().nextInt(LOWEST_PORT, lowestOutgoing);
            try (ServerSocket socket = new ServerSocket(candidate, 1, InetAddress.getLoopbackAddress())) {
                return socket.getLocalPort();
            } catch (IOException taken) {
                // Another one, then.
            }
        }
        throw new IOException("no port between " + LOWEST_PORT + " and " + lowestOutgoing + " is free");
    }
}

package io.sterna.broker.testing;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * Another broker, against which the tests themselves are checked: {@code artemis} or {@code brokerj}, as the script {@code
 * bench/peers/run} starts them. It is started once, for all tests, and ends with this process at the latest.
 */
final class PeerProcess implements BrokerUnderTest {
    private static final String PEER_PROPERTY = "sterna.test.peer";
    private static final long STOP_TIMEOUT_SECONDS = 60;

    private final String name;
    private final Process process;
    private final Path directory;
    private final int port;

    private PeerProcess(String name, Process process, Path directory, int port) {
        this.name = name;
        this.process = process;
        this.directory = directory;
        this.port = port;
    }

    /** The name of the peer that the system property {@code sterna.test.peer} asks for. */
    static Optional<String> asked() {
        return Optional.ofNullable(System.getProperty(PEER_PROPERTY)).filter(name -> !name.isBlank());
    }

    static PeerProcess start(String name) {
        try {
            Path directory = Files.createTempDirectory("sterna-peer");
            int port = freePort();
            Process process = new ProcessBuilder(script(), name, directory.toString(), Integer.toString(port))
                    .redirectError(ProcessBuilder.Redirect.appendTo(
                            directory.resolve("run.err").toFile()))
                    .start();
            BufferedReader output = process.inputReader();
            String line = Optional.ofNullable(output.readLine()).orElse("");
            if (!line.startsWith("ready")) {
                process.destroy();
                throw new IllegalStateException(
                        name + " did not get ready:\n" + Files.readString(directory.resolve("run.err")));
            }
            return new PeerProcess(name, process, directory, port);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Tests run in the module's directory, or above it. */
    private static String script() {
        Path fromModule = Path.of("..", "bench", "peers", "run");
        return (Files.exists(fromModule) ? fromModule : Path.of("bench", "peers", "run"))
                .toAbsolutePath()
                .toString();
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    @Override
    public String host() {
        return "127.0.0.1";
    }

    @Override
    public int port() {
        return port;
    }

    /** Broker-J creates no topics by itself; it has an exchange that is one for any name. */
    @Override
    public String clientOptions() {
        return name.equals("brokerj") ? "jms.topicPrefix=amq.topic/" : "";
    }

    /** The end of its input tells the script to end. */
    @Override
    public void close() {
        try {
            process.getOutputStream().close();
            if (!process.waitFor(STOP_TIMEOUT_SECONDS, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
            BrokerExtension.deleteRecursively(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            process.destroyForcibly();
            throw new IllegalStateException("interrupted while the broker ended", e);
        }
    }
}

package io.sterna.broker.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.extension.AfterAllCallback;
import org.junit.jupiter.api.extension.BeforeAllCallback;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ExtensionContext.Namespace;
import org.junit.jupiter.api.extension.ExtensionContext.Store;

/**
 * A broker for the tests of a class, on a data directory of its own; or one for all classes that ask for {@link #shared}.
 * Register it in a static field. With the system property {@code sterna.test.peer} or {@code sterna.test.url} it is another
 * broker, the same for all, and settings are not heeded.
 */
public final class BrokerExtension implements BeforeAllCallback, AfterAllCallback {
    private static final String SHARED = "shared";

    private final List<String> settings;
    private final Map<String, String> passwordByUser;
    private final int heapMebibytes;
    private final boolean shared;
    private Optional<Running> running = Optional.empty();

    private record Running(BrokerUnderTest broker, Path directory) implements AutoCloseable {
        @Override
        public void close() throws IOException {
            broker.close();
            deleteRecursively(directory);
        }
    }

    private BrokerExtension(
            List<String> settings, Map<String, String> passwordByUser, int heapMebibytes, boolean shared) {
        this.settings = settings;
        this.passwordByUser = passwordByUser;
        this.heapMebibytes = heapMebibytes;
        this.shared = shared;
    }

    /** The broker, with default settings, that tests share which leave nothing behind that disturbs another. */
    public static BrokerExtension shared() {
        return new BrokerExtension(List.of(), Map.of(), BrokerProcess.HEAP_MEBIBYTES, true);
    }

    /** A broker with these settings ({@code key=value}) above the defaults. */
    public static BrokerExtension withSettings(String... settings) {
        return new BrokerExtension(List.of(settings), Map.of(), BrokerProcess.HEAP_MEBIBYTES, false);
    }

    /** A broker with these settings that lets in these users and nobody else. */
    public static BrokerExtension withUsers(Map<String, String> passwordByUser, String... settings) {
        List<String> all = new ArrayList<>(List.of(settings));
        all.add("auth.anonymous=false");
        return new BrokerExtension(all, passwordByUser, BrokerProcess.HEAP_MEBIBYTES, false);
    }

    /** The same in a process with this heap, which ends when it is used up. */
    public BrokerExtension withHeapMebibytes(int mebibytes) {
        return new BrokerExtension(settings, passwordByUser, mebibytes, shared);
    }

    /** Whether the tests run against another broker than Sterna. */
    public static boolean isPeer() {
        return PeerProcess.asked().isPresent();
    }

    /** The AMQP URL of the running broker, without options. */
    public String url() {
        return broker().url();
    }

    /** The running broker. */
    public BrokerUnderTest broker() {
        return running.orElseThrow().broker();
    }

    @Override
    public void beforeAll(ExtensionContext context) throws Exception {
        // What is in the store is closed by JUnit when all classes have run.
        running = Optional.of(
                shared || isPeer()
                        ? store(context).getOrComputeIfAbsent(SHARED, key -> start(), Running.class)
                        : start());
    }

    /** Ends the shared broker and starts another one in its place, so that no test suffers from what a test before it did. */
    public void replace(ExtensionContext context) throws IOException {
        store(context).remove(SHARED, Running.class).close();
        running = Optional.of(store(context).getOrComputeIfAbsent(SHARED, key -> start(), Running.class));
    }

    private static Store store(ExtensionContext context) {
        return context.getRoot().getStore(Namespace.create(BrokerExtension.class));
    }

    private Running start() {
        try {
            Path directory = Files.createTempDirectory("sterna-test");
            BrokerUnderTest broker = PeerProcess.asked()
                    .<BrokerUnderTest>map(PeerProcess::start)
                    .or(ExternalBroker::fromSystemProperty)
                    .orElseGet(() ->
                            BrokerProcess.start(List.of(), directory.resolve("data"), 0, allSettings(), heapMebibytes));
            return new Running(broker, directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private List<String> allSettings() {
        List<String> all = new ArrayList<>(settings);
        passwordByUser.forEach(
                (user, password) -> all.add("auth.users.\"" + user + "\"=" + BrokerProcess.hashPassword(password)));
        return all;
    }

    @Override
    public void afterAll(ExtensionContext context) throws Exception {
        if (running.isPresent() && !shared && !isPeer()) {
            running.get().close();
        }
        running = Optional.empty();
    }

    static void deleteRecursively(Path directory) throws IOException {
        try (Stream<Path> paths = Files.walk(directory)) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
    }
}

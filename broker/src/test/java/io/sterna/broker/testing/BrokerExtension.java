package io.sterna.broker.testing;

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

/** One broker for all the tests of a class, on a data directory of its own. Register it in a static field. */
public final class BrokerExtension implements BeforeAllCallback, AfterAllCallback {
    private final List<String> settings;
    private final Map<String, String> passwordByUser;
    private final int heapMebibytes;
    private Optional<Running> running = Optional.empty();

    private record Running(BrokerUnderTest broker, Path directory) {}

    private BrokerExtension(List<String> settings, Map<String, String> passwordByUser, int heapMebibytes) {
        this.settings = settings;
        this.passwordByUser = passwordByUser;
        this.heapMebibytes = heapMebibytes;
    }

    /** A broker with these settings ({@code key=value}) above the defaults. */
    public static BrokerExtension withSettings(String... settings) {
        return new BrokerExtension(List.of(settings), Map.of(), BrokerProcess.HEAP_MEBIBYTES);
    }

    /** A broker that lets in these users and nobody else. */
    public static BrokerExtension withUsers(Map<String, String> passwordByUser) {
        return new BrokerExtension(List.of("auth.anonymous=false"), passwordByUser, BrokerProcess.HEAP_MEBIBYTES);
    }

    /** The same in a process with this heap, which ends when it is used up. */
    public BrokerExtension withHeapMebibytes(int mebibytes) {
        return new BrokerExtension(settings, passwordByUser, mebibytes);
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
        Path directory = Files.createTempDirectory("sterna-test");
        BrokerUnderTest broker = ExternalBroker.fromSystemProperty()
                .orElseGet(() -> BrokerProcess.start(directory.resolve("data"), 0, allSettings(), heapMebibytes));
        running = Optional.of(new Running(broker, directory));
    }

    private List<String> allSettings() {
        List<String> all = new ArrayList<>(settings);
        passwordByUser.forEach(
                (user, password) -> all.add("auth.users.\"" + user + "\"=" + BrokerProcess.hashPassword(password)));
        return all;
    }

    @Override
    public void afterAll(ExtensionContext context) throws Exception {
        if (running.isEmpty()) {
            return;
        }
        running.get().broker().close();
        try (Stream<Path> paths = Files.walk(running.get().directory())) {
            for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(path);
            }
        }
        running = Optional.empty();
    }
}

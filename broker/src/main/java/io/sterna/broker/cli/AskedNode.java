package io.sterna.broker.cli;

import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Optional;
import picocli.CommandLine.Option;

/** How commands are told which running node to ask, and as whom. */
final class AskedNode {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    @Option(
            names = "--url",
            paramLabel = "URL",
            defaultValue = "http://127.0.0.1:8161",
            description = "A node's HTTP address (default ${DEFAULT-VALUE}).")
    private String url = "";

    @Option(
            names = "--user",
            paramLabel = "NAME",
            description = "A user of the broker; the password is taken from the environment variable STERNA_PASSWORD,"
                    + " or asked for.")
    private Optional<String> user = Optional.empty();

    /** To ask it with. Asks for a password where one is needed. */
    ManagementClient client() throws StartException {
        try {
            URI address = URI.create(url);
            if (address.getHost() == null) {
                throw new IllegalArgumentException("it is like http://127.0.0.1:8161");
            }
            return new ManagementClient(address, user.map(AskedNode::credentials), PATIENCE);
        } catch (IllegalArgumentException e) {
            throw new StartException(ExitCode.USAGE, "--url " + url + ": " + e.getMessage());
        }
    }

    private static String credentials(String name) {
        String password = Optional.ofNullable(System.getenv("STERNA_PASSWORD"))
                .or(() -> Optional.ofNullable(System.console())
                        .map(console -> new String(console.readPassword("Password of %s: ", name))))
                .orElse("");
        return Base64.getEncoder().encodeToString((name + ":" + password).getBytes(StandardCharsets.UTF_8));
    }
}

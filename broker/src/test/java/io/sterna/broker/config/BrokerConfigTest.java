package io.sterna.broker.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.sterna.amqp.sasl.PasswordHash;
import io.sterna.broker.config.ClusterConfig.NodeName;
import io.sterna.broker.config.ClusterConfig.Tls;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class BrokerConfigTest {
    private static final Path SHIPPED = Path.of("..", "config", "sterna.conf");

    private static final PasswordHash HASH = PasswordHash.create("secret", new SecureRandom());

    @TempDir
    Path directory;

    @Test
    void shouldHaveTheDocumentedDefaults() throws ConfigException {
        BrokerConfig config = BrokerConfig.of();

        assertThat(config.amqp())
                .isEqualTo(new AmqpConfig(
                        "127.0.0.1",
                        5672,
                        new WebSocketConfig(Optional.empty(), List.of()),
                        10_000,
                        60_000,
                        65_536,
                        104_857_600,
                        2047,
                        4095,
                        new SuspendedLinksConfig(10_000, 64 << 20, 86_400_000)));
        assertThat(config.http()).isEqualTo(new HttpConfig("127.0.0.1", 8161));
        assertThat(config.data()).isEqualTo(new DataConfig(Path.of("data"), Optional.empty()));
        assertThat(config.auth()).isEqualTo(new AuthConfig(true, Map.of()));
        assertThat(config.queues().autoCreate()).hasToString("[#]");
        assertThat(config.transactions()).isEqualTo(new TransactionsConfig(300_000, 64 << 20, 100_000, 2048));
    }

    @Test
    void shouldLeaveTheJournalAProcessorWhenThereAreSeveral() {
        assertThat(List.of(1, 2, 4, 1000).stream().map(ThreadsConfig::eventLoopsOn))
                .containsExactly(1, 1, 3, 256);
    }

    @Test
    void shouldKeepAGibibyteFreeOrAQuarterOfASmallDiskWhenNothingIsSaid() throws ConfigException {
        long gib = 1L << 30;
        DataConfig unset = BrokerConfig.of().data();
        assertThat(List.of(0L, gib, 4 * gib, 1000 * gib).stream().map(unset::minFreeBytesOn))
                .containsExactly(0L, gib / 4, gib, gib);
        assertThat(BrokerConfig.of("data.min-free-space=auto").data()).isEqualTo(unset);
        assertThat(BrokerConfig.of("data.min-free-space=0").data().minFreeBytesOn(gib))
                .isZero();
        assertThat(BrokerConfig.of("data.min-free-space=5 GiB").data().minFreeBytesOn(gib))
                .isEqualTo(5 * gib);
    }

    @Test
    void shouldNameEveryKeyWithItsDefaultInTheShippedFile() throws Exception {
        String shipped = Files.readString(SHIPPED);
        List<String> settings =
                shipped.lines().filter(line -> line.matches("#[a-z.-]+ = .*")).toList();
        Path uncommented = directory.resolve("uncommented.conf");
        Files.write(
                uncommented, settings.stream().map(line -> line.substring(1)).toList());

        assertThat(settings)
                .extracting(line -> line.substring(1, line.indexOf(' ')))
                .containsExactlyElementsOf(BrokerConfig.keys());
        assertThat(load(uncommented)).isEqualTo(BrokerConfig.of());
        assertThat(load(SHIPPED)).isEqualTo(BrokerConfig.of());
    }

    @Test
    void shouldReadEveryKeyFromAFile() throws Exception {
        BrokerConfig config = load(write(
                """
                amqp { host = "0.0.0.0", port = 1
                       websocket { port = 8, origins = ["https://example.org", "null"] }
                       handshake-timeout = 1 minute, idle-timeout = 0
                       max-frame-size = 1 MiB, max-message-size = 20 MiB, channel-max = 3, handle-max = 4
                       suspended-links { max-links = 5, max-bytes = 6 KiB, max-time = 7 s } }
                http { host = "::1", port = 2 }
                data { dir = "/var/lib/sterna", min-free-space = 300 MiB }
                auth { anonymous = yes, users { alice = "HASH", "bob@example.org" = "HASH" } }
                queues.auto-create = ["orders.#", "*.audit"]
                transactions { timeout = 30 s, max-bytes = 2 MiB, max-operations = 500, max-open = 7 }
                threads.event-loops = 3
                cluster { enabled = true, members = ["a@10.0.0.1:1", "b@[::1]:2", "10.0.0.3:3"], host = "::1", port = 2
                          node-id = b, backups = 2, min-in-sync = 3, announce = true, witness = true, secret = "sixteen letters!"
                          tls { certificate = c.pem, key = k.pem, trusted = t.pem, verify-host = false } }
                """
                        .replace("HASH", HASH.toString())));

        assertThat(config.amqp())
                .isEqualTo(new AmqpConfig(
                        "0.0.0.0",
                        1,
                        new WebSocketConfig(Optional.of(8), List.of("https://example.org", "null")),
                        60_000,
                        0,
                        1 << 20,
                        20 << 20,
                        3,
                        4,
                        new SuspendedLinksConfig(5, 6 << 10, 7_000)));
        assertThat(config.http()).isEqualTo(new HttpConfig("::1", 2));
        assertThat(config.data()).isEqualTo(new DataConfig(Path.of("/var/lib/sterna"), Optional.of(300L << 20)));
        assertThat(config.auth().anonymous()).isTrue();
        assertThat(config.auth().users().keySet()).containsExactlyInAnyOrder("alice", "bob@example.org");
        assertThat(config.auth().users().get("alice")).hasToString(HASH.toString());
        assertThat(config.queues().mayAutoCreate("orders.new")).isTrue();
        assertThat(config.queues().mayAutoCreate("invoices")).isFalse();
        assertThat(config.transactions()).isEqualTo(new TransactionsConfig(30_000, 2 << 20, 500, 7));
        assertThat(config.threads()).isEqualTo(new ThreadsConfig(3));
        assertThat(config.cluster())
                .isEqualTo(new ClusterConfig(
                        true,
                        "b",
                        "::1",
                        2,
                        List.of(
                                new NodeName("a", "10.0.0.1", 1),
                                new NodeName("b", "::1", 2),
                                new NodeName("10.0.0.3:3", "10.0.0.3", 3)),
                        2,
                        3,
                        true,
                        true,
                        Optional.of("sixteen letters!"),
                        Optional.of(new Tls(Path.of("c.pem"), Path.of("k.pem"), Path.of("t.pem"), false))));
    }

    @Test
    void shouldLetTheLaterSourceWin() throws Exception {
        Optional<Path> file = Optional.of(write("amqp { port = 1, channel-max = 1, handle-max = 1 }"));
        Map<String, String> environment = Map.of("STERNA_AMQP_PORT", "2", "STERNA_AMQP_CHANNEL_MAX", "2");
        List<String> settings = List.of("amqp.port=3", "amqp.port=4");

        AmqpConfig amqp = new ConfigSources(file, environment, settings).load().amqp();

        assertThat(amqp.port()).isEqualTo(4);
        assertThat(amqp.channelMax()).isEqualTo(2);
        assertThat(amqp.handleMax()).isEqualTo(1);
    }

    @Test
    void shouldTakeASettingsValueAsItStands() throws ConfigException {
        BrokerConfig config = BrokerConfig.of(
                "auth.users.alice=" + HASH,
                "auth.users.\"b.c\"=" + HASH,
                "queues.auto-create=a.*, b.#",
                "http.host= ::1",
                "data.dir=/tmp/${x} = {y}");

        assertThat(config.auth().users().keySet()).containsExactlyInAnyOrder("alice", "b.c");
        assertThat(config.auth().users().get("b.c")).hasToString(HASH.toString());
        assertThat(config.data().directory()).hasToString("/tmp/${x} = {y}");
        assertThat(config.queues().autoCreate()).hasToString("[a.*, b.#]");
        assertThat(config.http().host()).isEqualTo("::1");
        assertThat(BrokerConfig.of("queues.auto-create=").queues().autoCreate()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"127.0.0.1, true", "::1, true", "localhost, true", "0.0.0.0, false", "192.0.2.1, false"})
    void shouldLetAnonymousInByDefaultOnlyWhenListeningOnLoopback(String host, boolean expected)
            throws ConfigException {
        assertThat(BrokerConfig.of("amqp.host=" + host).auth().anonymous()).isEqualTo(expected);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    amqp.port=70000            | amqp.port = "70000" (command line): allowed is a whole number from 0 to 65535
                    amqp.port=-1               | amqp.port = "-1" (command line): allowed is a whole number from 0 to 65535
                    amqp.port=56.5             | amqp.port = "56.5" (command line): allowed is a whole number from 0 to 65535
                    amqp.port=                 | amqp.port = "" (command line): allowed is a whole number from 0 to 65535
                    amqp.host=                 | amqp.host = "" (command line): allowed is a text that is not blank
                    amqp.handshake-timeout=1   | amqp.handshake-timeout = "1" (command line): allowed is a duration from 100 ms to 600 s, as in "10 s"
                    amqp.idle-timeout=soon     | amqp.idle-timeout = "soon" (command line): allowed is a duration from 0 s to 86400 s, as in "10 s"
                    amqp.max-frame-size=511    | amqp.max-frame-size = "511" (command line): allowed is a size from 512 B to 16 MiB, as in "64 KiB"
                    amqp.max-message-size=9g   | amqp.max-message-size = "9g" (command line): allowed is a size from 1 KiB to 1023 MiB, as in "64 KiB"
                    amqp.channel-max=65536     | amqp.channel-max = "65536" (command line): allowed is a whole number from 0 to 65535
                    amqp.handle-max=x          | amqp.handle-max = "x" (command line): allowed is a whole number from 0 to 65535
                    amqp.websocket.port=on     | amqp.websocket.port = "on" (command line): allowed is off or a whole number from 0 to 65535
                    amqp.websocket.port=65536  | amqp.websocket.port = "65536" (command line): allowed is off or a whole number from 0 to 65535
                    http.port=x                | http.port = "x" (command line): allowed is a whole number from 0 to 65535
                    data.min-free-space=-1 B   | data.min-free-space = "-1 B" (command line): allowed is auto or a size from 0 B to 1024 GiB, as in
                    data.min-free-space=10%    | data.min-free-space = "10%" (command line): allowed is auto or a size from 0 B to 1024 GiB
                    auth.anonymous=maybe       | auth.anonymous = "maybe" (command line): allowed is true or false
                    auth.users=alice           | auth.users = "alice" (command line): allowed is a section, as in auth.users { … }
                    auth.users.alice=secret    | auth.users.alice = (not shown) (command line): allowed is what bin/sterna hash-password prints: password hash must begin with
                    queues.auto-create=a*      | queues.auto-create = a* (command line): allowed is words with dots
                    cluster.enabled=true       | cluster.members = []: allowed is three nodes or more: of two neither could tell the other's death
                    cluster.members=a          | cluster.members = a (command line): allowed is host:port, or id@host:port, of each node's cluster.host
                    cluster.secret=short       | cluster.secret = (not shown) (command line): allowed is at least 16 characters
                    cluster.ports=1            | cluster.ports (command line) is not a known key; known in cluster: announce, backups, enabled, host, members
                    amqp.prot=1                | amqp.prot (command line) is not a known key; known in amqp: channel-max, handle-max, handshake-timeout
                    amqp=1                     | amqp = "1" (command line): allowed is a section, as in amqp { … }
                    amqps.port=1               | amqps (command line) is not a known key; known sections: amqp, auth, cluster, data, http, queues
                    amqp..port=1               | setting 'amqp..port' is no key
                    amqp.port                  | setting 'amqp.port' has no value: allowed is key=value
                    =1                         | setting '=1' has no value: allowed is key=value
                    """)
    void shouldSayInOneLineWhatIsWrong(String setting, String expected) {
        assertThatThrownBy(() -> BrokerConfig.of(setting))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith(expected)
                .message()
                .hasLineCount(1);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            textBlock =
                    """
                    amqp.port = [1]         | amqp.port = [1] (%s: 1): allowed is a whole number
                    amqp.port = 1.5         | amqp.port = 1.5 (%s: 1): allowed is a whole number
                    amqp.port = null        | amqp.port = null (%s: 1): allowed is a whole number
                    amqp.port = ${missing}  | configuration file cannot be used: %s: 1: Could not resolve substitution
                    amqp { port = 1         | configuration file cannot be used: %s: 2: expecting a close parentheses
                    queues.auto-create = {} | queues.auto-create = {} (%s: 1): allowed is a list of texts
                    data.dir = []           | data.dir = [] (%s: 1): allowed is a text
                    """)
    void shouldNameFileAndLineWhenAFileIsWrong(String content, String expected) throws IOException {
        Path file = write(content);

        assertThatThrownBy(() -> load(file))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith(String.format(expected, file))
                .message()
                .hasLineCount(1);
    }

    @Test
    void shouldRefuseAFileThatIsNotThere() {
        Path missing = directory.resolve("missing.conf");
        assertThatThrownBy(() -> load(missing))
                .isInstanceOf(ConfigException.class)
                .hasMessage("configuration file " + missing + " cannot be read: allowed is a readable file");
    }

    @Test
    void shouldNameTheVariableWhenTheEnvironmentIsWrong() {
        Map<String, String> environment = Map.of("STERNA_HTTP_PORT", "x");
        assertThatThrownBy(() -> new ConfigSources(Optional.empty(), environment, List.of()).load())
                .hasMessage("http.port = \"x\" (environment variable STERNA_HTTP_PORT): allowed is a whole number"
                        + " from 0 to 65535");
    }

    @Test
    void shouldRefuseUsersThatAreTheSameToSasl() {
        // RFC 4013: a soft hyphen is mapped to nothing
        assertThatThrownBy(() -> BrokerConfig.of("auth.users.\"al\u00adice\"=" + HASH, "auth.users.alice=" + HASH))
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith("auth.users = ");
    }

    @Test
    void shouldListVariablesThatNameNoKey() {
        Map<String, String> environment = Map.of("STERNA_AMQP_PROT", "1", "STERNA_AMQP_PORT", "1", "PATH", "x");
        assertThat(new ConfigSources(Optional.empty(), environment, List.of()).unknownVariables())
                .containsExactly("STERNA_AMQP_PROT");
    }

    @Test
    void shouldGiveEachKeyAVariableOfItsOwn() {
        assertThat(BrokerConfig.keys().stream().map(ConfigSources::variableOf)).doesNotHaveDuplicates();
    }

    private static BrokerConfig load(Path file) throws ConfigException {
        return new ConfigSources(Optional.of(file), Map.of(), List.of()).load();
    }

    private Path write(String... lines) throws IOException {
        return Files.write(directory.resolve("test.conf"), Arrays.asList(lines));
    }
}

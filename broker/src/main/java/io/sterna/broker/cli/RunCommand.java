package io.sterna.broker.cli;

import io.sterna.broker.config.BrokerConfig;
import io.sterna.broker.config.ConfigException;
import io.sterna.broker.config.ConfigSources;
import io.sterna.store.Store;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code sterna run}: one node in the foreground. */
@Command(
        name = "run",
        description = {
            "Runs one node in the foreground.",
            "%nWhen clients can connect, standard output gets one line that begins with \"ready\" and names the AMQP and"
                    + " HTTP addresses, and that for AMQP over WebSocket when amqp.websocket.port is set. The log goes to standard error. SIGTERM or Ctrl-C drains and exits 0.%n"
        },
        footer = {
            "%nExamples:",
            "  bin/sterna run",
            "  bin/sterna run --port 0 --http-port 0 --data /tmp/trial",
            "  bin/sterna run --config config/sterna.conf --set amqp.idle-timeout=30s",
            "  STERNA_AMQP_HOST=0.0.0.0 STERNA_AUTH_ANONYMOUS=true bin/sterna run",
            "%nWhat comes later wins: default, --config, environment, --set, the other options. config/sterna.conf"
                    + " lists every key with its default. A key's environment variable is STERNA_ and the key in upper"
                    + " case with _ for each . and -.",
            "%nExit codes: 0 stopped by a signal; 1 could not start; 2 wrong usage or configuration; 3 data directory"
                    + " in use."
        })
final class RunCommand implements Callable<Integer> {
    @Mixin
    private SettingsOptions settings = new SettingsOptions();

    @Option(
            names = "--port",
            paramLabel = "N",
            description = "Listen for AMQP on this port (amqp.port; default 5672; 0 picks a free one).")
    private Optional<String> amqpPort = Optional.empty();

    @Option(
            names = "--http-port",
            paramLabel = "N",
            description = "Listen for HTTP on this port (http.port; default 8161; 0 picks a free one).")
    private Optional<String> httpPort = Optional.empty();

    @Option(
            names = "--until-parent-ends",
            description = "End as well when the process has ended that started this one.")
    private boolean untilParentEnds;

    @Override
    public Integer call() throws ConfigException, StartException, InterruptedException {
        ConfigSources sources = settings.sources(ports());
        BrokerConfig config = sources.load();
        warn(sources, config);
        Shutdown shutdown = Shutdown.onSignal();
        if (untilParentEnds) {
            ProcessHandle.current().parent().ifPresent(RunCommand::endWith);
        }
        try {
            Store store = DataDirectory.open(config.data());
            Node node = Node.start(config, store);
            shutdown.draining(node::stop);
            System.out.println(readyLine(config, node));
        } catch (StartException | RuntimeException e) {
            shutdown.cancel();
            throw e;
        }
        new CountDownLatch(1).await(); // a signal ends the process
        return ExitCode.OK.code();
    }

    private static void endWith(ProcessHandle parent) {
        Thread watch = new Thread(
                () -> {
                    parent.onExit().join();
                    System.exit(ExitCode.OK.code());
                },
                "parent-watch");
        watch.setDaemon(true);
        watch.start();
    }

    private List<String> ports() {
        List<String> ports = new ArrayList<>();
        amqpPort.ifPresent(value -> ports.add("amqp.port=" + value));
        httpPort.ifPresent(value -> ports.add("http.port=" + value));
        return ports;
    }

    private static void warn(ConfigSources sources, BrokerConfig config) {
        Logger log = LoggerFactory.getLogger(RunCommand.class);
        for (String variable : sources.unknownVariables()) {
            log.warn("Environment variable {} names no key and is ignored", variable);
        }
        if (!config.auth().anonymous() && config.auth().users().isEmpty()) {
            log.warn(
                    "Nobody can connect: auth.anonymous is false, which is its default when amqp.host is not a loopback"
                            + " address, and auth.users is empty");
        }
    }

    private static String readyLine(BrokerConfig config, Node node) {
        long sinceJvmStartMillis = System.currentTimeMillis()
                - ManagementFactory.getRuntimeMXBean().getStartTime();
        return "ready amqp://" + Urls.hostAndPort(config.amqp().host(), node.amqpPort())
                + node.webSocketPort()
                        .map(port ->
                                " amqpws://" + Urls.hostAndPort(config.amqp().host(), port))
                        .orElse("")
                + " http://" + Urls.hostAndPort(config.http().host(), node.httpPort()) + " in " + sinceJvmStartMillis
                + " ms";
    }
}

package io.sterna.broker.cli;

import io.sterna.broker.Broker;
import io.sterna.broker.StartRefusedException;
import io.sterna.broker.config.AmqpConfig;
import io.sterna.broker.config.BrokerConfig;
import io.sterna.broker.http.HttpEndpoint;
import io.sterna.broker.http.Metrics;
import io.sterna.broker.partition.DiskSpace;
import io.sterna.store.Store;
import io.sterna.store.StoreException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import java.io.IOException;
import java.net.UnknownHostException;
import java.nio.channels.UnresolvedAddressException;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One running node: store, Vert.x, HTTP and broker. HTTP listens first, so that {@code /readyz} can say that the store is
 * being recovered. Started and stopped by threads that may block.
 */
final class Node {
    private static final Logger LOG = LoggerFactory.getLogger(Node.class);
    private static final long DRAIN_TIMEOUT_SECONDS = 10;

    private final Store store;
    private final Vertx vertx;
    private final Metrics metrics;

    // Written while starting, read by HTTP's event loop.
    private volatile Optional<Broker> broker = Optional.empty();
    private volatile Optional<HttpEndpoint> http = Optional.empty();
    private volatile Optional<Integer> webSocketPort = Optional.empty();

    private Node(BrokerConfig config, Store store) {
        this.store = store;
        this.vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(config.threads().eventLoops())
                .setPreferNativeTransport(true)
                // Nothing is served from files: no cache directory in /tmp.
                .setFileSystemOptions(new FileSystemOptions()
                        .setClassPathResolvingEnabled(false)
                        .setFileCachingEnabled(false)));
        this.metrics = new Metrics(store::metrics);
    }

    /** Blocks until clients can connect. */
    static Node start(BrokerConfig config, Store store) throws StartException {
        Node node = new Node(config, store);
        try {
            node.http = Optional.of(await(
                    HttpEndpoint.start(
                            config.http(),
                            node.vertx,
                            node::problem,
                            node.metrics,
                            () -> node.broker.map(Broker::manager),
                            () -> node.broker.flatMap(Broker::cluster),
                            Broker.managers(config.auth(), node.vertx)),
                    "http.host, http.port",
                    config.http().host(),
                    config.http().port()));
            node.broker = Optional.of(await(
                    Broker.start(
                            config,
                            node.vertx,
                            store,
                            DiskSpace.of(config.data().directory()),
                            node.metrics.registry()),
                    "amqp.host, amqp.port",
                    config.amqp().host(),
                    config.amqp().port()));
            if (config.amqp().webSocket().port().isPresent()) {
                node.listenWebSocket(
                        config.amqp(), config.amqp().webSocket().port().get());
            }
            return node;
        } catch (StartException | RuntimeException e) {
            node.stop();
            throw e;
        }
    }

    private void listenWebSocket(AmqpConfig config, int port) throws StartException {
        webSocketPort = Optional.of(await(
                broker.orElseThrow().listenWebSocket(port), "amqp.host, amqp.websocket.port", config.host(), port));
    }

    int amqpPort() {
        return broker.map(Broker::amqpPort).orElseThrow();
    }

    /** Where clients connect over WebSocket, if they may. */
    Optional<Integer> webSocketPort() {
        return webSocketPort;
    }

    int httpPort() {
        return http.map(HttpEndpoint::port).orElseThrow();
    }

    /** Drains, for a bounded time, then closes everything. Blocks. */
    void stop() {
        broker.ifPresent(running -> awaitStop("The broker", running.stop()));
        http.ifPresent(running -> awaitStop("HTTP", running.stop()));
        store.close();
        metrics.close();
        awaitStop("Vert.x", vertx.close());
    }

    private Optional<String> problem() {
        return broker.map(Broker::problem).orElse(Optional.of("starting"));
    }

    private static <T> T await(Future<T> started, String keys, String host, int port) throws StartException {
        try {
            return started.toCompletionStage().toCompletableFuture().get();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StartException(ExitCode.FAILED, "interrupted while starting");
        } catch (ExecutionException e) {
            Throwable cause = e.getCause();
            if (cause instanceof StartRefusedException refused) {
                throw new StartException(
                        refused.misconfigured() ? ExitCode.USAGE : ExitCode.FAILED, refused.getMessage());
            }
            if (cause instanceof StoreException) {
                throw new StartException(ExitCode.FAILED, cause.getMessage());
            }
            if (cause instanceof IOException || cause instanceof UnresolvedAddressException) {
                throw new StartException(
                        ExitCode.FAILED,
                        "cannot listen on " + Urls.hostAndPort(host, port) + " (" + keys + "): " + reason(cause));
            }
            throw new IllegalStateException("could not start", cause);
        }
    }

    private static String reason(Throwable cause) {
        if (cause instanceof UnknownHostException || cause instanceof UnresolvedAddressException) {
            return "the host is not known";
        }
        String message = String.valueOf(cause.getMessage());
        // The native transport says "bind(..) failed with error(-98): Address already in use".
        return message.substring(message.lastIndexOf(": ") < 0 ? 0 : message.lastIndexOf(": ") + 2);
    }

    private static void awaitStop(String what, Future<Void> stopped) {
        try {
            stopped.toCompletionStage().toCompletableFuture().get(DRAIN_TIMEOUT_SECONDS, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (TimeoutException e) {
            LOG.warn("{} did not stop within {} s", what, DRAIN_TIMEOUT_SECONDS);
        } catch (ExecutionException e) {
            LOG.warn("{} did not stop cleanly", what, e.getCause());
        }
    }
}

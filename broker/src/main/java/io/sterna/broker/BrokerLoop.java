package io.sterna.broker;

import io.sterna.amqp.AmqpError;
import io.sterna.amqp.ConnectionSettings;
import io.sterna.amqp.net.AmqpLoop;
import io.sterna.amqp.sasl.SaslAuthenticator;
import io.sterna.amqp.sasl.SharedSecret;
import io.sterna.broker.amqp.BrokerServices;
import io.sterna.broker.amqp.ClientConnection;
import io.sterna.broker.config.BrokerConfig;
import io.sterna.broker.forward.PeerAddress;
import io.sterna.broker.forward.PeerConnector;
import io.sterna.broker.partition.Loop;
import io.vertx.core.AbstractVerticle;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/** One event loop of the broker: its partitions' {@link Loop}, its sockets, its clients. Owned by that event loop. */
final class BrokerLoop extends AbstractVerticle {
    /** How many transfer frames a session may have under way to us. */
    private static final int SESSION_WINDOW_FRAMES = 2048;

    /** How long a client may take to answer our close. */
    private static final long CLOSE_TIMEOUT_MILLIS = 2_000;

    private final long memoryBytes;
    private final Set<ClientConnection> open = new LinkedHashSet<>();
    private @Nullable Loop loop;
    private @Nullable AmqpLoop sockets;
    private final List<NetServer> servers = new ArrayList<>();
    private PeerConnector peers = PeerConnector.NONE;

    BrokerLoop(long memoryBytes) {
        this.memoryBytes = memoryBytes;
    }

    @Override
    public void start(Promise<Void> started) {
        loop = new Loop(new VertxEventLoop(context), memoryBytes);
        sockets = new AmqpLoop(vertx);
        started.complete();
    }

    /** There once the verticle is deployed. Any thread. */
    Loop loop() {
        if (loop == null) {
            throw new IllegalStateException("the loop has not started");
        }
        return loop;
    }

    /** Listens for AMQP on a port of {@code amqp.host}; the future has the port in use. Any thread. */
    Future<Integer> listen(BrokerServices services, SaslAuthenticator authenticator, int port) {
        return listen(() -> sockets()
                .listen(
                        options(services, port),
                        settings(services),
                        authenticator,
                        () -> clientOf(services, services.routing()::servers)));
    }

    /** The same over WebSocket, at ports of which other nodes do not know. */
    Future<Integer> listenWebSocket(BrokerServices services, SaslAuthenticator authenticator, int port) {
        List<String> origins = services.config().amqp().webSocket().origins();
        return listen(() -> sockets()
                .listenWebSocket(
                        options(services, port),
                        origins,
                        settings(services),
                        authenticator,
                        () -> clientOf(services, List::of)));
    }

    private Future<Integer> listen(Supplier<Future<NetServer>> listener) {
        Promise<Integer> listening = Promise.promise();
        loop().run(() -> listener.get()
                .map(server -> {
                    servers.add(server);
                    return server.actualPort();
                })
                .onComplete(listening));
        return listening.future();
    }

    private AmqpLoop sockets() {
        if (sockets == null) {
            throw new IllegalStateException("the loop has not started");
        }
        return sockets;
    }

    private ClientConnection clientOf(BrokerServices services, Supplier<List<PeerAddress>> servers) {
        return new ClientConnection(services, loop(), open, peers, servers);
    }

    /** From now on connects to other nodes, as one that knows their secret. Before any of the clients is there. */
    void peers(SharedSecret secret, BrokerConfig config) {
        peers = new PeerSockets(vertx, sockets(), secret, containerId -> settings(config, containerId));
    }

    private static NetServerOptions options(BrokerServices services, int port) {
        return new NetServerOptions().setHost(services.config().amqp().host()).setPort(port);
    }

    private static ConnectionSettings settings(BrokerServices services) {
        return settings(services.config(), "sterna");
    }

    private static ConnectionSettings settings(BrokerConfig config, String containerId) {
        var amqp = config.amqp();
        return new ConnectionSettings(
                containerId,
                amqp.maxFrameBytes(),
                amqp.channelMax(),
                amqp.handleMax(),
                SESSION_WINDOW_FRAMES,
                amqp.idleTimeoutMillis(),
                amqp.handshakeTimeoutMillis(),
                CLOSE_TIMEOUT_MILLIS);
    }

    /** Holds back what is to be said to clients, and to other nodes over AMQP, for as long as this says so. Any thread. */
    void holdOutputWhile(BooleanSupplier condition) {
        loop().run(() -> sockets().holdOutputWhile(condition));
    }

    /** Drops what waits for clients whose connections were closed here, as it may be wrong. On this loop. */
    void dropOutputOfEnding() {
        sockets().dropOutputOfEnding();
    }

    /** Completes when all that was appended here so far is durable, or never will be. Any thread. */
    Future<Void> appended() {
        if (loop().problem().isPresent()) {
            return Future.succeededFuture();
        }
        Promise<Void> durable = Promise.promise();
        loop().afterAppended(durable::complete);
        return durable.future();
    }

    /** Completes when what is in the mailbox now has been done. Any thread. */
    Future<Void> turn() {
        Promise<Void> done = Promise.promise();
        loop().post(done::complete);
        return done.future();
    }

    /** Closes all connections for that reason. Any thread. */
    void closeConnections(AmqpError reason) {
        loop().post(() -> List.copyOf(open).forEach(connection -> connection.close(reason)));
    }

    /** Addresses are owned by other nodes than before. Any thread. */
    void routesChanged() {
        loop().post(() -> List.copyOf(open).forEach(ClientConnection::onRoutesChanged));
    }

    /** Another node is not reached any more. Any thread. */
    void nodeGone(String node) {
        loop().post(() -> List.copyOf(open).forEach(connection -> connection.onNodeGone(node)));
    }

    /** Stops listening, closes all connections, and completes when they are gone or the time is over. Any thread. */
    Future<Void> stop(AmqpError reason, long timeoutMillis) {
        closeConnections(reason);
        Promise<Void> stopped = Promise.promise();
        loop().post(() -> {
            List<Future<Void>> ends = servers.stream()
                    .map(server -> server.shutdown(timeoutMillis, TimeUnit.MILLISECONDS))
                    .toList();
            Future.join(ends).<Void>mapEmpty().onComplete(stopped);
        });
        return stopped.future();
    }
}

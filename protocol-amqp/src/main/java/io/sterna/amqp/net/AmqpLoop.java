package io.sterna.amqp.net;

import io.sterna.amqp.Connection;
import io.sterna.amqp.ConnectionHandler;
import io.sterna.amqp.ConnectionSettings;
import io.sterna.amqp.LoopResources;
import io.sterna.amqp.sasl.SaslAuthenticator;
import io.sterna.amqp.sasl.SaslCredentials;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * The AMQP connections of one event loop. Created and owned by the loop; listening on one port from several loops shares
 * the port's connections out among them.
 */
public final class AmqpLoop {
    /** How often timers are looked at, which is how late a time-out may be. */
    private static final long TICK_MILLIS = 100;

    /** Output that is held back is tried again so often. */
    private static final long RETRY_MILLIS = 5;

    /** Received bytes are copied out of Netty's buffers through an array of this size. */
    private static final int SCRATCH_BYTES = 64 * 1024;

    private final Vertx vertx;
    private final Context context;
    private final LoopResources resources;
    private final byte[] scratch = new byte[SCRATCH_BYTES];
    private final Set<SocketConnection> open = new LinkedHashSet<>();
    private final List<SocketConnection> dirty = new ArrayList<>();
    private long timer;
    private final Set<SocketConnection> heldBack = new LinkedHashSet<>();
    private BooleanSupplier holding = () -> false;
    private boolean ticking;
    private boolean flushScheduled;
    private boolean retryScheduled;

    /**
     * Ties a loop to the calling event loop's context.
     *
     * @throws IllegalStateException when the caller is not on an event loop
     */
    public AmqpLoop(Vertx vertx) {
        this.vertx = vertx;
        context = vertx.getOrCreateContext();
        if (!context.isEventLoopContext() || !Context.isOnEventLoopThread()) {
            throw new IllegalStateException("an AMQP loop is created on its event loop");
        }
        resources = new LoopResources(task -> context.runOnContext(nothing -> task.run()));
    }

    /**
     * Listens for clients.
     *
     * @param handlers makes the handler of each new connection; called on this loop
     * @return the server, whose {@code actualPort()} is the one in use; failed when the address can't be bound
     */
    public Future<NetServer> listen(
            NetServerOptions options,
            ConnectionSettings settings,
            SaslAuthenticator authenticator,
            Supplier<ConnectionHandler> handlers) {
        return listen(options, settings, authenticator, handlers, PlainBinding::new);
    }

    /**
     * Listens for clients that come by WebSocket; parameters as above.
     *
     * @param origins where the web pages come from that may connect, besides those of the same host and port, as in {@code
     *     https://example.org}; {@code *} for all
     */
    public Future<NetServer> listenWebSocket(
            NetServerOptions options,
            List<String> origins,
            ConnectionSettings settings,
            SaslAuthenticator authenticator,
            Supplier<ConnectionHandler> handlers) {
        return listen(
                options,
                settings,
                authenticator,
                handlers,
                connection -> new WebSocketBinding(connection, List.copyOf(origins)));
    }

    private Future<NetServer> listen(
            NetServerOptions options,
            ConnectionSettings settings,
            SaslAuthenticator authenticator,
            Supplier<ConnectionHandler> handlers,
            Function<Connection, Binding> bindings) {
        options.setTcpNoDelay(true).setTcpKeepAlive(true);
        return vertx.createNetServer(options)
                .connectHandler(socket -> {
                    SocketConnection adapter = new SocketConnection(this, (NetSocketInternal) socket);
                    Connection connection = Connection.server(
                            settings, authenticator, resources, handlers.get(), adapter::wake, nowMillis());
                    adapter.start(connection, bindings.apply(connection));
                })
                .listen();
    }

    /** Connects to a server, with {@code client} made on this loop. Without credentials anonymously. */
    public Future<Connection> connect(
            NetClient client,
            int port,
            String host,
            ConnectionSettings settings,
            Optional<SaslCredentials> credentials,
            ConnectionHandler handler) {
        return client.connect(port, host).map(socket -> {
            SocketConnection adapter = new SocketConnection(this, (NetSocketInternal) socket);
            Connection connection =
                    Connection.client(settings, credentials, resources, handler, adapter::wake, nowMillis());
            adapter.start(connection, new PlainBinding(connection));
            adapter.wake();
            return connection;
        });
    }

    /**
     * Holds back what is to be written to sockets for as long as this says so. What waits is written afterwards. Called on
     * this loop.
     */
    public void holdOutputWhile(BooleanSupplier condition) {
        holding = condition;
    }

    /**
     * Drops what waits to be written to those whose connections the engine has closed, and closes their sockets. To be called
     * before output goes on, when some of what waits may be wrong. Called on this loop.
     */
    public void dropOutputOfEnding() {
        List.copyOf(open).forEach(SocketConnection::dropIfEnding);
    }

    boolean holdsOutput() {
        return holding.getAsBoolean();
    }

    /** Flushes the connection in a while. */
    void tryAgain(SocketConnection connection) {
        heldBack.add(connection);
        if (!retryScheduled) {
            retryScheduled = true;
            vertx.setTimer(RETRY_MILLIS, id -> retry());
        }
    }

    private void retry() {
        retryScheduled = false;
        List<SocketConnection> now = List.copyOf(heldBack);
        heldBack.clear();
        now.forEach(SocketConnection::flushSafely);
    }

    /** How many sockets are open. */
    public int connections() {
        return open.size();
    }

    static long nowMillis() {
        return System.nanoTime() / 1_000_000;
    }

    byte[] scratch() {
        return scratch;
    }

    void onOpened(SocketConnection connection) {
        open.add(connection);
        if (!ticking) {
            ticking = true;
            timer = vertx.setPeriodic(TICK_MILLIS, id -> tick());
        }
    }

    void onClosed(SocketConnection connection) {
        open.remove(connection);
        if (open.isEmpty() && ticking) {
            ticking = false;
            vertx.cancelTimer(timer);
        }
    }

    /** Flushes the connection at the end of this turn, together with all others that have something to say by then. */
    void markDirty(SocketConnection connection) {
        dirty.add(connection);
        if (!flushScheduled) {
            flushScheduled = true;
            context.runOnContext(nothing -> flush());
        }
    }

    private void flush() {
        flushScheduled = false;
        List<SocketConnection> now = List.copyOf(dirty);
        dirty.clear();
        now.forEach(SocketConnection::flushSafely);
    }

    private void tick() {
        long now = nowMillis();
        for (SocketConnection connection : List.copyOf(open)) {
            connection.maybeTick(now);
        }
    }
}

package io.sterna.cluster.net;

import io.sterna.cluster.NodeReport;
import io.sterna.cluster.Peers;
import io.sterna.cluster.ReplicaMessage;
import io.sterna.cluster.table.TableMessage;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.internal.net.NetSocketInternal;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import java.util.List;
import java.util.UUID;
import java.util.function.LongSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The other nodes, as far as this one is tied to them.
 *
 * <p>Created and owned by an event loop; what says so may be called by any thread.
 */
public final class PeerNetwork implements Peers {
    /** How often heartbeats and silence are looked at, for each heartbeat. */
    private static final int TICKS_PER_HEARTBEAT = 4;

    private final Vertx vertx;
    private final Context context;
    private final PeerSettings settings;
    private final NetClient client;
    private final Links links;
    private @Nullable NetServer server;
    private long timer;

    /**
     * Ties a node to the calling event loop.
     *
     * @param node its id
     * @param disk the number of its data directory
     * @param clockMillis rises with time
     * @throws IllegalStateException when the caller is not on an event loop
     */
    public PeerNetwork(
            Vertx vertx,
            PeerSettings settings,
            String node,
            long disk,
            PeerListener listener,
            LongSupplier clockMillis) {
        this.vertx = vertx;
        context = vertx.getOrCreateContext();
        if (!context.isEventLoopContext() || !Context.isOnEventLoopThread()) {
            throw new IllegalStateException("a network is created on its event loop");
        }
        this.settings = settings;
        NetClientOptions options = new NetClientOptions().setTcpNoDelay(true).setConnectTimeout((int)
                settings.limits().handshakeMillis());
        settings.tls().ifPresent(tls -> tls.applyTo(options));
        client = vertx.createNetClient(options);
        PeerIdentity self = new PeerIdentity(
                node,
                disk,
                UUID.randomUUID(),
                settings.address(),
                settings.clientPort(),
                settings.witness(),
                settings.founders());
        links = new Links(vertx, client, settings, self, listener, clockMillis);
    }

    /**
     * Listens, and calls the others.
     *
     * @return the address in use; failed when it can't be bound, or the files for TLS can't be read
     */
    public Future<PeerAddress> start() {
        NetServerOptions options = new NetServerOptions()
                .setHost(settings.address().host())
                .setPort(settings.address().port())
                .setTcpNoDelay(true);
        settings.tls().ifPresent(tls -> tls.applyTo(options));
        return vertx.createNetServer(options)
                .connectHandler(socket -> links.onCalled((NetSocketInternal) socket))
                .listen()
                .map(this::onListening);
    }

    private PeerAddress onListening(NetServer listening) {
        server = listening;
        PeerAddress address = new PeerAddress(settings.address().host(), listening.actualPort());
        timer = vertx.setPeriodic(
                Math.max(1, settings.limits().heartbeatMillis() / TICKS_PER_HEARTBEAT), id -> links.tick());
        links.start(address);
        return address;
    }

    /** Closes all connections, and calls and answers nobody any more. */
    public Future<Void> stop() {
        vertx.cancelTimer(timer);
        links.stop();
        Future<Void> silent = server == null ? Future.succeededFuture() : server.close();
        return silent.compose(nothing -> client.close());
    }

    /** Sends to a node if there is a connection to it. Any thread. */
    @Override
    public void send(String to, long generation, ReplicaMessage message) {
        links.send(to, new Outgoing.OfReplica(generation, message, ReplicaMessageFormat.bytes(message)));
    }

    /** Sends something of the partition table to a node if there is a connection to it. Any thread. */
    public void send(String to, TableMessage message) {
        links.send(to, new Outgoing.OfTable(message, TableMessageFormat.bytes(message)));
    }

    /** Sends something of the partition table to all nodes that there is a connection to. Any thread. */
    public void sendAll(TableMessage message) {
        links.connected().forEach(to -> send(to, message));
    }

    /** Sends something to a node if there is a connection to it, for its user of the network. Any thread. */
    public void note(String to, byte[] note) {
        links.send(to, new Outgoing.OfUser(note));
    }

    /** Sends a report to all nodes that there is a connection to. Any thread. */
    public void report(NodeReport report) {
        Outgoing entry = new Outgoing.OfNode(report, ClusterFormat.bytes(report));
        links.connected().forEach(to -> links.send(to, entry));
    }

    /** Has nothing to do with a node any more, until it calls. Any thread. */
    public void forget(String other) {
        context.runOnContext(nothing -> links.forget(other));
    }

    /** What has gone to and come from each node that was ever connected. Any thread. */
    public List<PeerFigures> figures() {
        return links.figures();
    }
}

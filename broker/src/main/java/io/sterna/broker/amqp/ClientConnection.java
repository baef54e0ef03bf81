package io.sterna.broker.amqp;

import io.sterna.amqp.AmqpError;
import io.sterna.amqp.AmqpTypes.Symbol;
import io.sterna.amqp.Connection;
import io.sterna.amqp.ConnectionHandler;
import io.sterna.amqp.DeliveryState;
import io.sterna.amqp.ErrorCondition;
import io.sterna.amqp.Link;
import io.sterna.amqp.OpenTerms;
import io.sterna.amqp.ReceiverLink;
import io.sterna.amqp.RemoteOpen;
import io.sterna.amqp.SenderLink;
import io.sterna.amqp.Session;
import io.sterna.amqp.sasl.SharedSecret;
import io.sterna.broker.forward.Forwarding;
import io.sterna.broker.forward.PeerAddress;
import io.sterna.broker.forward.PeerConnector;
import io.sterna.broker.partition.Loop;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** One client. Owned by its connection's loop. */
public final class ClientConnection implements ConnectionHandler {
    private static final Logger log = LoggerFactory.getLogger(ClientConnection.class);

    private static final String SOLE_CONNECTION = "sole-connection-for-container";
    private static final List<String> CAPABILITIES =
            List.of(SOLE_CONNECTION, "DELAYED_DELIVERY", "ANONYMOUS-RELAY", "SHARED-SUBS");

    private final BrokerServices services;
    private final Loop loop;
    private final Set<ClientConnection> open;
    private final PeerConnector peers;
    private final Supplier<List<PeerAddress>> servers;
    private final PendingLeaves leaves = new PendingLeaves();
    private final ClientLinks links;
    private @Nullable Connection connection;
    private @Nullable Forwarding forwarding;
    private @Nullable Attaching attaching;
    private @Nullable ClientTransactions transactions;
    private @Nullable ClientInbound inbound;
    private boolean holdsContainerId;

    /** Where the client is, if this is the connection of another node for it. */
    private String fromNode = "";

    private boolean counted;

    /**
     * Makes the handler of a connection.
     *
     * @param open its loop's set of open connections
     * @param peers connects to other nodes from that loop
     * @param servers where a client may go that loses this node
     */
    public ClientConnection(
            BrokerServices services,
            Loop loop,
            Set<ClientConnection> open,
            PeerConnector peers,
            Supplier<List<PeerAddress>> servers) {
        this.servers = servers;
        this.services = services;
        this.loop = loop;
        this.open = open;
        this.peers = peers;
        links = new ClientLinks(services.links());
    }

    @Override
    public void onOpen(Connection opened) {
        connection = opened;
        RemoteOpen remote = opened.remote();
        boolean peer = opened.user().equals(SharedSecret.USER);
        if (peer) {
            opened.actFor(String.valueOf(remote.properties().get(Forwarding.FOR_USER)));
            fromNode = String.valueOf(remote.properties().get(Forwarding.FROM_NODE));
        }
        ClientTasks tasks = new ClientTasks(loop, opened);
        ClientTransactions its = new ClientTransactions(services, tasks, leaves, remote, peer);
        transactions = its;
        ClientInbound arriving = new ClientInbound(loop.inbound(), opened);
        inbound = arriving;
        Forwarding forwarded = new Forwarding(
                new ClientForwarding(opened, peer, services.counters(), tasks, leaves, its, arriving),
                services.routing(),
                peers);
        forwarding = forwarded;
        attaching = new Attaching(
                new ClientContext(services, tasks, leaves, its, arriving, links, forwarded, remote.containerId()));
        Optional<AmqpError> refusal = services.admission().refusal();
        if (refusal.isPresent()) {
            openAndClose(opened, refusal.get());
            return;
        }
        boolean sole = remote.desiredCapabilities().contains(SOLE_CONNECTION);
        if (sole && !services.containerIds().take(remote.containerId())) {
            refuseSecond(opened, remote.containerId());
            return;
        }
        holdsContainerId = sole;
        counted = true;
        services.counters().onOpened();
        open.add(this);
        opened.open(new OpenTerms(CAPABILITIES, List.of(), properties()));
        log.debug("connection of {} as {} opened", remote.containerId(), opened.user());
    }

    private Map<String, Object> properties() {
        List<Map<Symbol, Object>> others = servers.get().stream()
                .map(server -> Map.<Symbol, Object>of(
                        new Symbol("network-host"), server.host(), new Symbol("port"), server.port()))
                .toList();
        return others.isEmpty()
                ? Map.of("product", "Sterna")
                : Map.of("product", "Sterna", "failover-server-list", others);
    }

    /** Clients raise an invalid client id then. */
    private static void refuseSecond(Connection connection, String containerId) {
        openAndClose(
                connection,
                new AmqpError(
                        ErrorCondition.INVALID_FIELD,
                        "another connection has the container id " + containerId
                                + "; close it or take another client id",
                        Map.of("invalid-field", new Symbol("container-id"))));
    }

    /** The open tells that a close follows, the close tells why. */
    private static void openAndClose(Connection connection, AmqpError why) {
        connection.open(
                new OpenTerms(List.of(SOLE_CONNECTION), List.of(), Map.of(Forwarding.ESTABLISHMENT_FAILED, true)));
        connection.close(Optional.of(why));
    }

    @Override
    public void onAttach(SenderLink link) {
        attaching().attach(link);
    }

    @Override
    public void onAttach(ReceiverLink link) {
        attaching().attach(link);
    }

    private Attaching attaching() {
        if (attaching == null) {
            throw new IllegalStateException("the connection is not open");
        }
        return attaching;
    }

    @Override
    public void onPassedOver(DeliveryState.Transactional state) {
        if (transactions != null) {
            transactions.onPassedOver(state);
        }
    }

    @Override
    public void onBuffering(ReceiverLink link, int bytes) {
        if (inbound != null) {
            inbound.onBuffering(link, bytes);
        }
    }

    /** Closes the connection for that reason. */
    public void close(AmqpError reason) {
        if (connection != null) {
            connection.close(Optional.of(reason));
        }
    }

    /** Addresses are owned by other nodes than before. */
    public void onRoutesChanged() {
        if (forwarding != null && connection != null && connection.isOpen()) {
            forwarding.onRoutesChanged();
        }
    }

    /**
     * Another node is not reached any more. What this connection holds for that node's clients, or what they use here, goes
     * back at once, and not when its silence is noticed; so does what this client has from that node.
     */
    public void onNodeGone(String node) {
        if (forwarding == null || connection == null || !connection.isOpen()) {
            return;
        }
        if (node.equals(fromNode)) {
            close(AmqpError.of(
                    ErrorCondition.CONNECTION_FORCED,
                    "node " + node + ", through which this client has come, is not reached any more"));
        } else {
            forwarding.onNodeGone(node);
        }
    }

    /** A client that has closed in order never sees again what it has acknowledged, whatever happens to us next. */
    @Override
    public void onLeaving(Runnable answer) {
        if (forwarding != null && connection != null && !connection.isOpen()) {
            forwarding.close();
        }
        leaves.whenNone(answer);
    }

    @Override
    public void onGone(Link link) {
        links.onGone(link);
        if (forwarding != null) {
            forwarding.onGone(link);
        }
    }

    @Override
    public void onEnded(Session session) {
        links.onEnded(session);
        if (forwarding != null) {
            forwarding.onEnded(session);
        }
    }

    @Override
    public void onClosed(Connection closed, Optional<AmqpError> error) {
        open.remove(this);
        if (forwarding != null) {
            forwarding.close();
        }
        links.onClosed();
        if (inbound != null) {
            inbound.onClosed();
        }
        if (holdsContainerId) {
            holdsContainerId = false;
            // Whoever takes it next finds the subscriptions that its links held free.
            leaves.whenNone(
                    () -> services.containerIds().release(closed.remote().containerId()));
        }
        if (counted) {
            services.counters().onClosed();
        }
        error.ifPresent(reason -> log.info("a connection ended: {}", reason));
    }
}

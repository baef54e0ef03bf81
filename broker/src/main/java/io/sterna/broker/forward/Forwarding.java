package io.sterna.broker.forward;

import io.sterna.amqp.AmqpError;
import io.sterna.amqp.ErrorCondition;
import io.sterna.amqp.Link;
import io.sterna.amqp.OpenTerms;
import io.sterna.amqp.ReceiverLink;
import io.sterna.amqp.RemoteOpen;
import io.sterna.amqp.SenderLink;
import io.sterna.amqp.Session;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What one client's connection uses of other nodes. Owned by its loop. */
public final class Forwarding {
    /** Among the properties of another node's open: the user whose links are forwarded. */
    public static final String FOR_USER = "sterna:for-user";

    /** Among the properties of another node's open: that node. */
    public static final String FROM_NODE = "sterna:from-node";

    /** Among the properties of an open that a close follows. */
    public static final String ESTABLISHMENT_FAILED = "amqp:connection-establishment-failed";

    private final ForwardingClient client;
    private final Routing routing;
    private final PeerConnector connector;
    private final Map<PeerAddress, Mirror> mirrors = new LinkedHashMap<>(0);
    private final Map<Link, Attempt> attempts = new HashMap<>(0);

    /** Where the addresses of links were served when they were attached, unless they are never served elsewhere. */
    private final Map<Link, Place> places = new HashMap<>(0);

    private record Place(String address, Route route) {}

    public Forwarding(ForwardingClient client, Routing routing, PeerConnector connector) {
        this.client = client;
        this.routing = routing;
        this.connector = connector;
    }

    /**
     * Brings a link to where its address is served.
     *
     * @param here attaches it when that is this node; run at once, or when the address has come here
     */
    public void attach(Link link, String address, Runnable here) {
        if (routing.isFixed()) {
            here.run();
            return;
        }
        begin(new Attempt(
                this,
                client,
                link,
                () -> route(link, address),
                error -> error.condition().equals(Attempt.NOT_OWNER),
                here));
    }

    private Route route(Link link, String address) {
        Route route = routing.of(address);
        places.put(link, new Place(address, route));
        return route;
    }

    private void begin(Attempt attempt) {
        attempts.put(attempt.link(), attempt);
        attempt.go();
    }

    /** A node was made here for a link. */
    public void onMade(Link link, String address) {
        if (!routing.isFixed()) {
            places.put(link, new Place(address, Route.Here.INSTANCE));
        }
    }

    /** Whether an address is served here now. */
    public boolean isHere(String address) {
        return routing.of(address) instanceof Route.Here;
    }

    /**
     * Brings a link without a source, which looks for a subscription by its name, to the other nodes, one after the other.
     *
     * @param unknown none of them has it
     */
    public void lookUp(SenderLink link, Runnable unknown) {
        ArrayDeque<PeerAddress> left = new ArrayDeque<>(client.isPeer() ? List.of() : routing.owners());
        begin(new Attempt(
                this,
                client,
                link,
                () -> left.isEmpty() ? Route.Here.INSTANCE : new Route.At(left.element()),
                error -> error.condition().equals(ErrorCondition.NOT_FOUND) && left.poll() != null,
                unknown));
    }

    /** Takes the messages of a link that say themselves where they go, and go to other nodes. */
    public ForwardedPosts postsOf(ReceiverLink link) {
        return new ForwardedPosts(this, client, routing, link);
    }

    /** Whether messages never go to other nodes. */
    public boolean isAlone() {
        return routing.isFixed();
    }

    /** Why nothing can be done in a transaction. */
    static AmqpError unknownTransaction() {
        return AmqpError.of(
                ErrorCondition.TRANSACTION_UNKNOWN_ID,
                "there is no such transaction on this connection, or none any more");
    }

    /** The connection to a node, which may have to be made first. */
    Mirror mirror(PeerAddress owner) {
        Mirror there = mirrors.get(owner);
        return there != null ? there : connect(owner);
    }

    private Mirror connect(PeerAddress owner) {
        Mirror mirror = new Mirror(this, client, owner);
        mirrors.put(owner, mirror);
        RemoteOpen open = client.connection().remote();
        Map<String, Object> properties = new LinkedHashMap<>(open.properties());
        properties.put(FOR_USER, client.connection().user());
        properties.put(FROM_NODE, routing.self());
        connector.connect(
                owner, open.containerId(), new OpenTerms(List.of(), List.of(), properties), mirror, mirror::onFailed);
        return mirror;
    }

    void forget(Mirror mirror) {
        mirrors.remove(mirror.owner(), mirror);
    }

    /** A link of the client's is over. */
    public void onGone(Link link) {
        places.remove(link);
        Attempt attempt = attempts.remove(link);
        if (attempt != null) {
            attempt.end();
        }
    }

    /** One of the client's sessions has ended; its links were told before. */
    public void onEnded(Session session) {
        if (mirrors.isEmpty()) {
            return;
        }
        if (client.connection().isOpen()) {
            List.copyOf(mirrors.values()).forEach(mirror -> mirror.onClientEnded(session));
        } else {
            client.post(this::close); // When all sessions have ended.
        }
    }

    /** The client's connection is over; its links were told before. */
    public void close() {
        List.copyOf(mirrors.values()).forEach(Mirror::close);
    }

    /** A node is not reached any more, although the connections to it may seem to be alive. */
    public void onNodeGone(String node) {
        List.copyOf(mirrors.values()).stream()
                .filter(mirror -> mirror.owner().node().equals(node))
                .forEach(mirror -> mirror.onNodeGone());
    }

    /**
     * Addresses have moved. A client with a link that is not where its address is served now is to connect again: with that
     * it finds out what has become of what was under way, as after a crash of a single broker.
     */
    public void onRoutesChanged() {
        Optional<String> moved =
                places.values().stream().filter(this::hasMoved).findAny().map(Place::address);
        moved.ifPresent(address -> client.connection()
                .close(Optional.of(AmqpError.of(
                        ErrorCondition.CONNECTION_FORCED,
                        "another node serves '" + address + "' from now on; connect again"))));
    }

    private boolean hasMoved(Place place) {
        Route now = routing.of(place.address());
        if (place.route() instanceof Route.Here) {
            return !(now instanceof Route.Here);
        }
        // An owner that is not known any more may turn out to be the same.
        return place.route() instanceof Route.At && !(now instanceof Route.Nowhere) && !now.equals(place.route());
    }
}

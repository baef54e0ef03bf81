package io.sterna.broker.forward;

import io.sterna.amqp.AmqpError;
import io.sterna.amqp.Connection;
import io.sterna.amqp.ConnectionHandler;
import io.sterna.amqp.ErrorCondition;
import io.sterna.amqp.Link;
import io.sterna.amqp.ReceiverLink;
import io.sterna.amqp.SenderLink;
import io.sterna.amqp.Session;
import io.sterna.broker.partition.Countdown;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A connection to an owner that says what one client would say there. Owned by the loop of the client's connection, on
 * which it is, too.
 */
final class Mirror implements ConnectionHandler {
    /**
     * So much may have come from the owner that the client, who has asked for it, does not read; then nothing is read from
     * the owner, either.
     */
    private static final long MOST_UNREAD_BYTES = 16L * 1024 * 1024;

    /** So long what a client has sent that is gone may be on its way to an owner that takes nothing. */
    static final long LEAVING_MILLIS = 10_000;

    private final Forwarding forwarding;
    private final ForwardingClient client;
    private final PeerAddress owner;

    /** What waits for the connection. */
    private final List<Attempt> waiting = new ArrayList<>();

    private final Map<Session, MirrorSession> sessions = new HashMap<>(2);

    /** Ended, and not answered yet. */
    private final Set<Session> ending = new HashSet<>(0);

    /** Parts of the client's transactions that are not over. */
    private final Set<MirrorBranch> branches = new LinkedHashSet<>(0);

    private Optional<MirrorCoordinator> coordinator = Optional.empty();
    private State state = State.CONNECTING;
    private @Nullable Connection connection;
    private boolean inOrder = true;
    private int uses;
    private long unreadBytes;

    /**
     * {@code CONNECTING → OPEN → CLOSING → OVER}, and each of them to OVER when the connection fails; CONNECTING to CLOSING
     * when the client goes.
     */
    private enum State {
        CONNECTING,
        OPEN,
        CLOSING,
        OVER
    }

    Mirror(Forwarding forwarding, ForwardingClient client, PeerAddress owner) {
        this.forwarding = forwarding;
        this.client = client;
        this.owner = owner;
    }

    PeerAddress owner() {
        return owner;
    }

    /** Attaches a link there, as soon as there is a connection. */
    void attach(Attempt attempt) {
        if (state == State.CONNECTING) {
            waiting.add(attempt);
        } else if (isOpen()) {
            attempt.attach(session(attempt.link().session()));
        } else {
            attempt.later("the connection to " + owner + " is over");
        }
    }

    /** The session there for one of the client's. */
    MirrorSession session(Session ofClient) {
        return sessions.computeIfAbsent(
                ofClient,
                session -> new MirrorSession(this, client, connection().begin()));
    }

    boolean isOpen() {
        return state == State.OPEN && connection().isOpen();
    }

    Connection connection() {
        if (connection == null) {
            throw new IllegalStateException("not connected");
        }
        return connection;
    }

    /** Something depends on this connection: a link that the client has, or a message without an outcome. */
    void use(int more) {
        uses += more;
    }

    /** A link here is lost, or all are: the client is to begin anew, as with a single broker that went down. */
    void fail(String why) {
        client.connection()
                .close(Optional.of(AmqpError.of(
                        ErrorCondition.CONNECTION_FORCED,
                        "the connection to the node " + owner + " was lost (" + why + "); connect again")));
    }

    // ---- Transactions

    /** The link that controls them. */
    MirrorCoordinator coordinator() {
        MirrorCoordinator its = coordinator.orElseGet(() -> new MirrorCoordinator(this));
        coordinator = Optional.of(its);
        return its;
    }

    /** The link is gone, and with it all that was not discharged. */
    void forget(MirrorCoordinator gone, AmqpError why) {
        coordinator = coordinator.filter(its -> its != gone);
        List.copyOf(branches).forEach(branch -> branch.lose(why));
    }

    void add(MirrorBranch branch) {
        branches.add(branch);
    }

    void remove(MirrorBranch branch) {
        branches.remove(branch);
    }

    /** Writes what has been said of deliveries on any session, before what follows. */
    void writeDispositions() {
        sessions.values().forEach(session -> session.atOwner().writeDispositions());
        ending.forEach(Session::writeDispositions);
    }

    // ---- Bytes for the client that it has not taken yet

    void onUnread(long bytes) {
        unreadBytes += bytes;
        if (unreadBytes > MOST_UNREAD_BYTES) {
            connection().holdInput(true);
        }
    }

    void onRead(long bytes) {
        boolean before = unreadBytes > MOST_UNREAD_BYTES / 2;
        unreadBytes -= bytes;
        if (before && unreadBytes <= MOST_UNREAD_BYTES / 2) {
            connection().holdInput(false);
        }
    }

    // ---- The client's end

    void onClientLost(boolean itsInOrder) {
        inOrder &= itsInOrder;
    }

    /** One of the client's sessions has ended. */
    void onClientEnded(Session ofClient) {
        MirrorSession session = sessions.remove(ofClient);
        if (session != null && state == State.OPEN && !session.atOwner().ended()) {
            client.onLeaving();
            ending.add(session.atOwner());
            session.end();
        }
    }

    /** The client's connection is over: this one is, too, when what the client has sent is on the wire. */
    void close() {
        if (state == State.OPEN) {
            state = State.CLOSING;
            client.onLeaving();
            Countdown left = new Countdown(sessions.size() + 1, this::hangUp);
            sessions.values().forEach(session -> session.whenSent(left::down));
            left.down();
            if (connection().isOpen()) {
                client.after(LEAVING_MILLIS, this::hangUp);
            }
        } else if (state == State.CONNECTING) {
            state = State.CLOSING;
        }
        waiting.forEach(Attempt::end);
        waiting.clear();
    }

    /** Nothing comes from the owner any more, though the connection may stay open for a while. */
    void onNodeGone() {
        String why = "it is not connected to this node any more";
        if (state == State.CONNECTING) {
            onFailed(why);
        } else if (state == State.OPEN && uses > 0) {
            fail(why);
        }
        if (connection != null) {
            connection.close(Optional.of(MirrorSession.lost()));
        }
    }

    private void hangUp() {
        connection().close(inOrder ? Optional.empty() : Optional.of(MirrorSession.lost()));
    }

    // ---- The connection to the owner

    /** There will be no connection. */
    void onFailed(String why) {
        state = State.OVER;
        forwarding.forget(this);
        List<Attempt> now = List.copyOf(waiting);
        waiting.clear();
        now.forEach(each -> each.later(owner + " can't be reached: " + why));
    }

    @Override
    public void onOpen(Connection opened) {
        if (state != State.CONNECTING) {
            opened.close(Optional.empty());
            return;
        }
        if (opened.remote().properties().containsKey(Forwarding.ESTABLISHMENT_FAILED)) {
            return; // The close that follows says why.
        }
        connection = opened;
        state = State.OPEN;
        List<Attempt> now = List.copyOf(waiting);
        waiting.clear();
        now.forEach(this::attach);
    }

    @Override
    public void onAttach(SenderLink link) {
        refuse(link);
    }

    @Override
    public void onAttach(ReceiverLink link) {
        refuse(link);
    }

    private static void refuse(Link link) {
        link.refuse(AmqpError.of(ErrorCondition.NOT_ALLOWED, "links are attached by the node that has connected"));
    }

    @Override
    public void onBuffering(ReceiverLink link, int bytes) {
        client.onPart(link, bytes);
    }

    @Override
    public void onEndAnswered(Session session) {
        if (ending.remove(session)) {
            client.onLeft();
        }
    }

    @Override
    public void onClosed(Connection closed, Optional<AmqpError> error) {
        State before = state;
        if (before == State.CONNECTING) {
            onFailed(AmqpError.describe(error));
            return;
        }
        state = State.OVER;
        forwarding.forget(this);
        ending.forEach(session -> client.onLeft());
        ending.clear();
        if (before == State.CLOSING && connection != null) {
            client.onLeft();
        } else if (uses > 0) {
            fail(AmqpError.describe(error));
        }
    }
}

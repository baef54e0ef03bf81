package io.sterna.amqp;

import java.util.Optional;
import org.apache.qpid.proton.amqp.transport.Close;
import org.jspecify.annotations.Nullable;

/**
 * How a connection opens, closes and is given up: both ends' states, and what has been said about them (AMQP 1.0 §2.4).
 * Owned by the connection.
 */
final class ConnectionLife {
    private final Connection connection;
    private final ConnectionSettings settings;
    private final ConnectionHandler handler;
    private final Outbox output;
    private final IdleTimers timers;
    private EndpointState local = EndpointState.UNOPENED;
    private EndpointState peer = EndpointState.UNOPENED;
    private @Nullable RemoteOpen remote;
    private Optional<OpenTerms> openWhenReady = Optional.empty();
    private Optional<AmqpError> error = Optional.empty();
    private boolean finished;

    ConnectionLife(
            Connection connection,
            ConnectionSettings settings,
            ConnectionHandler handler,
            Outbox output,
            IdleTimers timers) {
        this.connection = connection;
        this.settings = settings;
        this.handler = handler;
        this.output = output;
        this.timers = timers;
    }

    EndpointState local() {
        return local;
    }

    EndpointState peer() {
        return peer;
    }

    Optional<RemoteOpen> remote() {
        return Optional.ofNullable(remote);
    }

    boolean isOpen() {
        return local == EndpointState.OPEN && peer == EndpointState.OPEN && !finished;
    }

    /** Whether there is nothing more to say or to hear. */
    boolean finished() {
        return finished;
    }

    /** Whether anything may still be written. */
    boolean speaks() {
        return !finished && local != EndpointState.CLOSED;
    }

    /** Sends our open, or has it sent {@link #onReady}; returns whether it was sent. */
    boolean open(OpenTerms terms) {
        if (finished || local != EndpointState.UNOPENED) {
            return false;
        }
        if (!connection.frames().ready()) {
            openWhenReady = Optional.of(terms);
            return false;
        }
        local = local.transitionTo(EndpointState.OPEN);
        connection.write(0, OpenFrames.write(settings, terms));
        return true;
    }

    /** The handshake is done. */
    void onReady() {
        openWhenReady.ifPresent(connection::open);
    }

    void onRemoteOpen(RemoteOpen open) {
        peer = peer.transitionTo(EndpointState.OPEN);
        remote = open;
        timers.peerIdleTimeoutMillis(open.idleTimeoutMillis());
        handler.onOpen(connection);
    }

    void close(Optional<AmqpError> reason) {
        if (!speaks()) {
            return;
        }
        if (!connection.frames().ready()) {
            finish(reason);
            return;
        }
        if (local == EndpointState.UNOPENED) {
            local = local.transitionTo(EndpointState.OPEN);
            connection.write(0, OpenFrames.write(settings, OpenTerms.PLAIN)); // §2.4.1: nothing goes before the open
        }
        output.writeSessions(Integer.MAX_VALUE);
        sendClose(reason);
        error = reason;
        connection.frames().sessions().lose(inOrder(reason));
        if (peer == EndpointState.CLOSED) {
            finish(error);
        }
    }

    /** A node that shuts down is nobody's failure. */
    private static boolean inOrder(Optional<AmqpError> reason) {
        return reason.map(error -> error.condition().equals(ErrorCondition.CONNECTION_FORCED))
                .orElse(true);
    }

    private void sendClose(Optional<AmqpError> reason) {
        local = local.transitionTo(EndpointState.CLOSED);
        Close close = new Close();
        close.setError(Translate.protonError(reason));
        output.performative(0, close, connection.maxOutgoingFrameBytes());
        output.dropSessions();
        timers.onCloseSent();
        connection.wakeUnlessCalled();
    }

    void onRemoteClose(Optional<AmqpError> reason) {
        peer = EndpointState.CLOSED; // Also without an open before, when we have closed because of that.
        if (local == EndpointState.CLOSED) {
            finish(error.or(() -> reason));
        } else {
            connection.frames().sessions().lose(reason.isEmpty());
            handler.onLeaving(() -> answerClose(reason));
        }
    }

    private void answerClose(Optional<AmqpError> reason) {
        if (speaks()) {
            sendClose(Optional.empty());
            finish(reason);
        }
    }

    void onSocketClosed() {
        finish(error);
    }

    /** Gives up a peer that keeps us waiting for too long. */
    void giveUpWhenDue() {
        if (finished) {
            return;
        }
        if (local == EndpointState.CLOSED) {
            if (timers.closeExpired()) {
                finish(error);
            }
        } else if (peer == EndpointState.UNOPENED && timers.handshakeExpired()) {
            giveUp("no AMQP open came within " + settings.handshakeTimeoutMillis() + " ms");
        } else if (timers.peerSilent()) {
            giveUp("nothing came for " + settings.idleTimeoutMillis() + " ms, the idle time-out");
        }
    }

    private void giveUp(String description) {
        close(Optional.of(AmqpError.of(ErrorCondition.RESOURCE_LIMIT_EXCEEDED, description)));
    }

    /** When {@link #giveUpWhenDue}, or a heartbeat, will be due: in so many milliseconds. */
    long untilNextMillis() {
        return finished
                ? Long.MAX_VALUE
                : timers.untilNext(peer == EndpointState.UNOPENED, local == EndpointState.CLOSED);
    }

    void finish(Optional<AmqpError> reason) {
        if (finished) {
            return;
        }
        finished = true;
        error = reason;
        output.dropSessions();
        connection.frames().stop();
        connection.frames().sessions().lose(false); // Those that were not told before.
        handler.onClosed(connection, error);
        connection.wakeUnlessCalled();
    }
}

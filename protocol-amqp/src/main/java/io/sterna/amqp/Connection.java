package io.sterna.amqp;

import io.sterna.amqp.sasl.SaslAuthenticator;
import io.sterna.amqp.sasl.SaslCredentials;
import java.security.SecureRandom;
import java.util.Optional;
import org.apache.qpid.proton.amqp.transport.Close;
import org.jspecify.annotations.Nullable;

/**
 * One AMQP connection without its socket (AMQP 1.0 §2.4): {@link #receive} what came, {@link #pull} what is to go out,
 * {@link #tick} when time has passed. Owned by one event loop; everything that it tells the application of is called on
 * that loop.
 */
public final class Connection {
    /** A peer that does not read what it asked for is not listened to any more once so much of it waits. */
    private static final int MAX_UNREAD_OUTPUT_BYTES = 1024 * 1024;

    /** The largest frame that we send, whatever the peer takes: more would not save anything. */
    private static final int MAX_OUTGOING_FRAME_BYTES = 128 * 1024;

    private final ConnectionSettings settings;
    private final LoopResources resources;
    private final ConnectionHandler handler;
    private final Runnable wake;
    private final Outbox output;
    private final FrameDispatcher frames;
    private final IdleTimers timers;
    private EndpointState local = EndpointState.UNOPENED;
    private EndpointState peer = EndpointState.UNOPENED;
    private @Nullable RemoteOpen remote;
    private Optional<OpenTerms> openWhenReady = Optional.empty();
    private String user = "";
    private Optional<AmqpError> error = Optional.empty();
    private boolean called;
    private boolean finished;

    private Connection(
            ConnectionSettings settings,
            LoopResources resources,
            ConnectionHandler handler,
            Runnable wake,
            long nowMillis,
            HandshakeFactory handshakes) {
        this.settings = settings;
        this.resources = resources;
        this.handler = handler;
        this.wake = wake;
        output = new Outbox(resources);
        timers = new IdleTimers(settings, nowMillis);
        frames = new FrameDispatcher(this, resources);
        frames.handshake(handshakes.create(output.writer(), new HandshakeOutcome()));
    }

    private interface HandshakeFactory {
        Handshake create(FrameWriter writer, Handshake.Outcome outcome);
    }

    /**
     * The side that was connected to.
     *
     * @param resources of the loop that will own the connection
     * @param wake called on the loop when, outside of {@link #receive} and {@link #tick}, there is something to
     *     {@link #pull}; may be called more often than needed
     * @param nowMillis a monotonic time
     */
    public static Connection server(
            ConnectionSettings settings,
            SaslAuthenticator authenticator,
            LoopResources resources,
            ConnectionHandler handler,
            Runnable wake,
            long nowMillis) {
        HandshakeFactory handshakes = (writer, outcome) ->
                new ServerHandshake(authenticator, resources, writer, settings.maxFrameBytes(), outcome);
        return new Connection(settings, resources, handler, wake, nowMillis, handshakes);
    }

    /** The side that connects; parameters as above. Without credentials it is anonymous. */
    public static Connection client(
            ConnectionSettings settings,
            Optional<SaslCredentials> credentials,
            LoopResources resources,
            ConnectionHandler handler,
            Runnable wake,
            long nowMillis) {
        HandshakeFactory handshakes = (writer, outcome) -> new ClientHandshake(
                credentials, new SecureRandom(), resources, writer, settings.maxFrameBytes(), outcome);
        return new Connection(settings, resources, handler, wake, nowMillis, handshakes);
    }

    public ConnectionSettings settings() {
        return settings;
    }

    /** What the peer said in its open. */
    public RemoteOpen remote() {
        if (remote == null) {
            throw new IllegalStateException("the peer has not opened yet");
        }
        return remote;
    }

    /** Who the peer is, as SASL has found; {@code anonymous} without SASL. */
    public String user() {
        return user;
    }

    /** Whether both sides have opened and none has closed. */
    public boolean isOpen() {
        return local == EndpointState.OPEN && peer == EndpointState.OPEN && !finished;
    }

    /** Sends our open, once. A client may call it before the handshake is done. What the peer sent ahead goes on then. */
    public void open(OpenTerms terms) {
        if (finished || local != EndpointState.UNOPENED) {
            return;
        }
        if (!frames.ready()) {
            openWhenReady = Optional.of(terms);
            return;
        }
        local = local.transitionTo(EndpointState.OPEN);
        write(0, OpenFrames.write(settings, terms));
        if (!called) {
            frames.resume();
        }
    }

    /**
     * Begins a session; for clients.
     *
     * @throws IllegalStateException when the connection is not {@link #isOpen open} or has no channel left
     */
    public Session begin() {
        if (!isOpen()) {
            throw new IllegalStateException("a session begins on an open connection");
        }
        return frames.sessions().begin();
    }

    /** Closes the connection; its links are lost at once. The socket is closed when the peer has closed too, or in time. */
    public void close(Optional<AmqpError> reason) {
        if (finished || local == EndpointState.CLOSED) {
            return;
        }
        if (!frames.ready()) {
            finish(reason);
            return;
        }
        if (local == EndpointState.UNOPENED) {
            local = local.transitionTo(EndpointState.OPEN);
            write(0, OpenFrames.write(settings, OpenTerms.PLAIN)); // §2.4.1: nothing goes before the open
        }
        flushSessions(Integer.MAX_VALUE);
        sendClose(reason);
        error = reason;
        frames.sessions().lose(inOrder(reason));
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
        writeFrame(0, close);
        output.dropSessions();
        timers.onCloseSent();
        wakeUnlessCalled();
    }

    /** Takes what the socket read; the array is not kept. */
    public void receive(byte[] bytes, int offset, int length, long nowMillis) {
        timers.now(nowMillis);
        if (!finished) {
            called = true;
            try {
                frames.receive(bytes, offset, length);
            } finally {
                called = false;
            }
        }
    }

    /** Whether the socket should go on reading: not while we can't go on, nor while the peer does not take our answers. */
    public boolean wantsInput() {
        return !frames.waiting() && output.length() < MAX_UNREAD_OUTPUT_BYTES;
    }

    /** Whether there may be something to {@link #pull}. */
    public boolean hasOutput() {
        return !output.isEmpty();
    }

    /**
     * Makes output ready for the socket: {@link #outputBytes()} of {@link #outputArray()}, to be followed by
     * {@link #outputTaken}. Transfers are written up to about {@code maxBytes}; the rest waits for the next call.
     */
    public void pull(int maxBytes) {
        flushSessions(maxBytes);
    }

    public byte[] outputArray() {
        return output.array();
    }

    public int outputBytes() {
        return output.length();
    }

    /** The socket has taken, and copied, all of the output. */
    public void outputTaken() {
        if (output.length() > 0) {
            timers.onSent();
            output.onTaken();
        }
    }

    /** Whether the socket is to be closed as soon as the output is written. */
    public boolean finished() {
        return finished;
    }

    /** The socket is gone. */
    public void onSocketClosed() {
        finish(error);
    }

    /**
     * Does what is due.
     *
     * @return milliseconds until this is to be called again
     */
    public long tick(long nowMillis) {
        timers.now(nowMillis);
        boolean handshaking = peer == EndpointState.UNOPENED;
        if (!finished && handshaking && local != EndpointState.CLOSED && timers.handshakeExpired()) {
            giveUp("no AMQP open came within " + settings.handshakeTimeoutMillis() + " ms");
        } else if (!finished && local == EndpointState.CLOSED && timers.closeExpired()) {
            finish(error);
        } else if (!finished && local != EndpointState.CLOSED && timers.peerSilent()) {
            giveUp("nothing came for " + settings.idleTimeoutMillis() + " ms, the idle time-out");
        }
        if (!finished
                && local == EndpointState.OPEN
                && frames.ready()
                && output.length() == 0
                && timers.heartbeatDue()) {
            output.writer().empty();
        }
        return finished ? Long.MAX_VALUE : timers.untilNext(handshaking, local == EndpointState.CLOSED);
    }

    private void giveUp(String description) {
        close(Optional.of(AmqpError.of(ErrorCondition.RESOURCE_LIMIT_EXCEEDED, description)));
    }

    // What follows is for the sessions and the dispatcher.

    private final class HandshakeOutcome implements Handshake.Outcome {
        @Override
        public void onReady(String foundUser) {
            user = foundUser;
            openWhenReady.ifPresent(Connection.this::open);
        }

        @Override
        public void onRefused(String reason) {
            finish(Optional.of(AmqpError.of(ErrorCondition.UNAUTHORIZED_ACCESS, reason)));
        }

        @Override
        public void expectHeader() {
            frames.expectHeader();
        }

        @Override
        public void maxFrameBytes(int bytes) {
            frames.maxFrameBytes(bytes);
        }

        @Override
        public void resume() {
            frames.resume();
        }

        @Override
        public void wake() {
            wake.run();
        }
    }

    ConnectionHandler handler() {
        return handler;
    }

    FrameWriter writer() {
        return output.writer();
    }

    PerformativeCodec codec() {
        return resources.codec;
    }

    int maxOutgoingFrameBytes() {
        long theirs = remote == null ? ConnectionSettings.MIN_MAX_FRAME_BYTES : remote.maxFrameBytes();
        return (int) Math.min(theirs, MAX_OUTGOING_FRAME_BYTES);
    }

    EndpointState localState() {
        return local;
    }

    EndpointState peerState() {
        return peer;
    }

    IdleTimers timers() {
        return timers;
    }

    FrameDispatcher frames() {
        return frames;
    }

    void onRemoteOpen(RemoteOpen open) {
        peer = peer.transitionTo(EndpointState.OPEN);
        remote = open;
        timers.peerIdleTimeoutMillis(open.idleTimeoutMillis());
        handler.onOpen(this);
    }

    void onRemoteClose(Optional<AmqpError> reason) {
        peer = EndpointState.CLOSED; // Also without an open before, when we have closed because of that.
        if (local == EndpointState.CLOSED) {
            finish(error.or(() -> reason));
        } else {
            frames.sessions().lose(reason.isEmpty());
            handler.onLeaving(() -> answerClose(reason));
        }
    }

    private void answerClose(Optional<AmqpError> reason) {
        if (!finished && local != EndpointState.CLOSED) {
            sendClose(Optional.empty());
            finish(reason);
        }
    }

    void write(int channel, Object performative) {
        if (finished || local == EndpointState.CLOSED) {
            return;
        }
        if (!writeFrame(channel, performative)) {
            close(Optional.of(AmqpError.of(
                    ErrorCondition.FRAME_SIZE_TOO_SMALL,
                    "what has to be said does not fit into your max-frame-size of " + maxOutgoingFrameBytes())));
        }
        wakeUnlessCalled();
    }

    /** Writes a frame, with less to its error when it is too large otherwise; returns whether it fitted. */
    private boolean writeFrame(int channel, Object performative) {
        int maxBytes = maxOutgoingFrameBytes();
        return output.writer().performative(FrameWriter.AMQP, channel, performative, maxBytes)
                || (Translate.shortenError(performative)
                        && output.writer().performative(FrameWriter.AMQP, channel, performative, maxBytes));
    }

    /** Takes a session, once, whose {@link Session#flush} is to be called. */
    void schedule(Session session) {
        output.schedule(session);
        wakeUnlessCalled();
    }

    /** How often output has left us. */
    long flushes() {
        return output.flushes();
    }

    private void wakeUnlessCalled() {
        if (!called) {
            wake.run();
        }
    }

    private void flushSessions(int maxBytes) {
        if (local == EndpointState.OPEN) {
            output.writeSessions(maxBytes);
        }
    }

    private void finish(Optional<AmqpError> reason) {
        if (finished) {
            return;
        }
        finished = true;
        error = reason;
        output.dropSessions();
        frames.stop();
        frames.sessions().lose(false); // Those that were not told before.
        handler.onClosed(this, error);
        wakeUnlessCalled();
    }
}

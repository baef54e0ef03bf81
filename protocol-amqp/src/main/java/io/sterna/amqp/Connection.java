package io.sterna.amqp;

import io.sterna.amqp.sasl.SaslAuthenticator;
import io.sterna.amqp.sasl.SaslCredentials;
import java.security.SecureRandom;
import java.util.Optional;

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
    private final ConnectionLife life;
    private String user = "";
    private boolean called;
    private boolean held;

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
        life = new ConnectionLife(this, settings, handler, output, timers);
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
        return life.remote().orElseThrow(() -> new IllegalStateException("the peer has not opened yet"));
    }

    /** Who the peer is, as SASL has found; {@code anonymous} without SASL. */
    public String user() {
        return user;
    }

    /** The peer acts for somebody else, whom it has authenticated: {@link #user} is that one from now on. */
    public void actFor(String otherUser) {
        user = otherUser;
    }

    /** Whether both sides have opened and none has closed. */
    public boolean isOpen() {
        return life.isOpen();
    }

    /** Whether this side has closed, or there is nothing more to say. */
    public boolean isEnding() {
        return !life.speaks();
    }

    /** Sends our open, once. A client may call it before the handshake is done. What the peer sent ahead goes on then. */
    public void open(OpenTerms terms) {
        if (life.open(terms) && !called) {
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
        life.close(reason);
    }

    /** Takes what the socket read; the array is not kept. */
    public void receive(byte[] bytes, int offset, int length, long nowMillis) {
        timers.now(nowMillis);
        if (!life.finished()) {
            called = true;
            try {
                frames.receive(bytes, offset, length);
            } finally {
                called = false;
            }
        }
    }

    /** Whether the peer has deliveries from us that it has not settled. */
    public boolean peerHoldsDeliveries() {
        return frames.sessions().peerHoldsDeliveries();
    }

    /**
     * Holds the peer back, or lets it go on: while held, an open connection {@link #wantsInput wants no input}, and the
     * peer is not taken to be silent.
     */
    public void holdInput(boolean hold) {
        held = hold;
        wakeUnlessCalled();
    }

    /**
     * Whether the socket should go on reading: not while we can't go on or the application can't, nor while the peer does
     * not take our answers.
     */
    public boolean wantsInput() {
        return !frames.waiting() && output.length() < MAX_UNREAD_OUTPUT_BYTES && !(held && life.isOpen());
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
        if (life.local() == EndpointState.OPEN) {
            output.writeSessions(maxBytes);
        }
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
        return life.finished();
    }

    /** The socket is gone. */
    public void onSocketClosed() {
        life.onSocketClosed();
    }

    /**
     * Does what is due.
     *
     * @return milliseconds until this is to be called again
     */
    public long tick(long nowMillis) {
        timers.now(nowMillis);
        if (held) {
            timers.onReceived();
        }
        life.giveUpWhenDue();
        if (!life.finished()
                && life.local() == EndpointState.OPEN
                && frames.ready()
                && output.length() == 0
                && timers.heartbeatDue()) {
            output.writer().empty();
        }
        return life.untilNextMillis();
    }

    // What follows is for the sessions and the dispatcher.

    private final class HandshakeOutcome implements Handshake.Outcome {
        @Override
        public void onReady(String foundUser) {
            user = foundUser;
            life.onReady();
        }

        @Override
        public void onRefused(String reason) {
            life.finish(Optional.of(AmqpError.of(ErrorCondition.UNAUTHORIZED_ACCESS, reason)));
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
        long theirs =
                life.remote().map(RemoteOpen::maxFrameBytes).orElse((long) ConnectionSettings.MIN_MAX_FRAME_BYTES);
        return (int) Math.min(theirs, MAX_OUTGOING_FRAME_BYTES);
    }

    EndpointState localState() {
        return life.local();
    }

    EndpointState peerState() {
        return life.peer();
    }

    IdleTimers timers() {
        return timers;
    }

    FrameDispatcher frames() {
        return frames;
    }

    void onRemoteOpen(RemoteOpen open) {
        life.onRemoteOpen(open);
    }

    void onRemoteClose(Optional<AmqpError> reason) {
        life.onRemoteClose(reason);
    }

    void write(int channel, Object performative) {
        if (!life.speaks()) {
            return;
        }
        if (!output.performative(channel, performative, maxOutgoingFrameBytes())) {
            close(Optional.of(AmqpError.of(
                    ErrorCondition.FRAME_SIZE_TOO_SMALL,
                    "what has to be said does not fit into your max-frame-size of " + maxOutgoingFrameBytes())));
        }
        wakeUnlessCalled();
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

    /** Has {@link #pull} called, unless that comes by itself after {@link #receive}. */
    void wakeUnlessCalled() {
        if (!called) {
            wake.run();
        }
    }
}

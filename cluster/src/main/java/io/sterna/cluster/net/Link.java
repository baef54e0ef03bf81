package io.sterna.cluster.net;

import io.netty.buffer.ByteBuf;
import io.netty.channel.Channel;
import io.sterna.cluster.net.Refusal.Code;
import io.vertx.core.Context;
import io.vertx.core.internal.net.NetSocketInternal;
import java.nio.ByteBuffer;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection to another node, from its socket's first byte to its last. Owned by the network's event loop, but for what
 * says so.
 */
final class Link implements Handshake.Actions, FrameAssembler.FrameHandler {
    private static final Logger log = LoggerFactory.getLogger(Link.class);

    /** Whoever keeps links. On the event loop. */
    interface Owner {
        long nowMillis();

        PeerLimits limits();

        PeerListener listener();

        /** Whether to go on with who was called, and has proven nothing yet. */
        Optional<Refusal> onHello(Link link, PeerIdentity other);

        /** Whether to have a link with who knows the secret. */
        Optional<Refusal> judge(Link link, PeerIdentity other);

        /** Where to count from now on; the link is up when that returns. */
        PeerCounters onUp(Link link, PeerIdentity other);

        /**
         * The link has ended.
         *
         * @param wasUp whether it was ever up
         * @param reason for people
         * @param code when one side has refused the other
         */
        void onClosed(Link link, boolean wasUp, String reason, Optional<Code> code);
    }

    private enum State {
        /** To UP when both know each other. */
        HANDSHAKE,
        /** Messages flow. */
        UP,
        /** From anywhere; for ever. */
        CLOSED
    }

    private final Owner owner;
    private final NetSocketInternal socket;
    private final Optional<Dialer> dialer;
    private final Handshake handshake;
    private final FrameAssembler assembler;
    private final long beganMillis;
    private State state = State.HANDSHAKE;
    private PeerCounters counters = new PeerCounters();
    private @Nullable PeerInput input;
    private long readMillis;
    private boolean heard;
    private String socketProblem = "";

    // Any thread, as its methods say
    private final LinkOutput output;

    /** @param dialer who has called the other node; empty when it has called this one */
    Link(
            Owner owner,
            Context context,
            NetSocketInternal socket,
            Optional<Dialer> dialer,
            Hello own,
            ClusterSecret secret) {
        this.owner = owner;
        this.socket = socket;
        this.dialer = dialer;
        handshake = new Handshake(dialer.isPresent(), own, secret, this);
        assembler = new FrameAssembler(socket.channelHandlerContext().alloc(), Hello.MAX_FRAME_BYTES);
        output = new LinkOutput(
                socket, owner.limits(), owner::nowMillis, () -> context.runOnContext(nothing -> flushSafely()));
        beganMillis = owner.nowMillis();
        readMillis = beganMillis;
    }

    void start() {
        socket.messageHandler(message -> onRead((ByteBuf) message));
        socket.drainHandler(nothing -> flushSafely());
        socket.exceptionHandler(failure -> socketProblem = ": " + failure.getMessage());
        socket.closeHandler(nothing -> close("the connection was closed" + socketProblem, Optional.empty()));
        handshake.start();
    }

    Optional<Dialer> dialer() {
        return dialer;
    }

    /** Who the other side says it is; known to be when the link is up. */
    Optional<PeerIdentity> other() {
        return handshake.other();
    }

    boolean isUp() {
        return state == State.UP;
    }

    String remoteHost() {
        return socket.remoteAddress().host();
    }

    /** About how much waits to be sent. Any thread. */
    long queuedBytes() {
        return output.queuedBytes();
    }

    /**
     * Sends something after what was sent before. Any thread.
     *
     * @return false when the link has ended or is about to
     */
    boolean offer(Outgoing entry) {
        return output.offer(entry);
    }

    private void onRead(ByteBuf received) {
        try {
            if (state != State.CLOSED) {
                readMillis = owner.nowMillis();
                heard = true;
                counters.receivedBytes.add(received.readableBytes());
                assembler.feed(received, this);
            }
        } catch (MalformedFrameException malformed) {
            refuse(Refusal.of(malformed));
        } catch (RuntimeException | OutOfMemoryError defect) {
            // No room for a long message is the end of this link, too: what follows would be read as something else.
            fail(defect);
        } finally {
            received.release();
        }
    }

    @Override
    public boolean onFrame(FrameKind kind, ByteBuffer body) throws MalformedFrameException {
        if (state == State.HANDSHAKE) {
            handshake.onFrame(kind, body);
        } else if (kind == FrameKind.REFUSAL) {
            onRefused(Refusal.read(body));
        } else {
            input().onFrame(kind, body);
        }
        return state != State.CLOSED;
    }

    @Override
    public boolean onStream(ByteBuf piece) throws MalformedFrameException {
        input().onStream(piece);
        return state != State.CLOSED;
    }

    private PeerInput input() throws MalformedFrameException {
        if (input == null) {
            throw new MalformedFrameException("a message before the handshake has ended");
        }
        return input;
    }

    private void flushSafely() {
        try {
            flush();
        } catch (RuntimeException defect) {
            fail(defect);
        }
    }

    private void flush() {
        output.onAwake();
        if (state == State.UP) {
            output.overflow().ifPresentOrElse(this::abort, output::flush);
        }
    }

    /** Looks after what time does. */
    void tick(long nowMillis) {
        try {
            onTick(nowMillis);
        } catch (RuntimeException defect) {
            fail(defect);
        }
    }

    private void onTick(long nowMillis) {
        PeerLimits limits = owner.limits();
        if (state == State.HANDSHAKE && nowMillis - beganMillis >= limits.handshakeMillis()) {
            refuse(new Refusal(Code.PROTOCOL, "the handshake did not end within " + limits.handshakeMillis() + " ms"));
        } else if (state == State.UP && nowMillis - readMillis >= limits.silenceMillis()) {
            abort("it has said nothing for " + limits.silenceMillis() + " ms");
        } else if (state == State.UP) {
            output.maybeHeartbeat(nowMillis, limits.heartbeatMillis());
        }
        if (state == State.UP && heard) {
            heard = false;
            owner.listener().onOctets(other().orElseThrow().node());
        }
    }

    /** This node was asleep: what it did not hear meanwhile is not the other's silence. */
    void forgive(long nowMillis) {
        readMillis = nowMillis;
    }

    @Override
    public void send(FrameKind kind, byte[] body) {
        output.writeNow(kind, body);
    }

    @Override
    public Optional<Refusal> onHello(PeerIdentity other) {
        return owner.onHello(this, other);
    }

    @Override
    public Optional<Refusal> judge(PeerIdentity other) {
        return owner.judge(this, other);
    }

    @Override
    public void onDone(PeerIdentity other) {
        assembler.limit(owner.limits().maxFrameBytes());
        state = State.UP;
        counters = owner.onUp(this, other);
        output.countBy(counters);
        input = new PeerInput(
                other.node(),
                owner.listener(),
                counters,
                socket.channelHandlerContext().alloc(),
                owner.limits().maxFrameBytes(),
                this::isUp);
    }

    @Override
    public void onRefusing(Refusal reason) {
        close(reason.text(), Optional.of(reason.code()));
    }

    @Override
    public void onRefused(Refusal reason) {
        close("it says: " + reason.text(), Optional.of(reason.code()));
    }

    /** Ends the link; the other side is told why. */
    void refuse(Refusal reason) {
        if (state != State.CLOSED) {
            send(FrameKind.REFUSAL, reason.toBytes());
            onRefusing(reason);
        }
    }

    /** An error of ours costs this link, never the loop that others live on. */
    private void fail(Throwable defect) {
        log.error("the connection to {} is closed because of a defect", describe(), defect);
        abort("a defect of this node, see its log");
    }

    private String describe() {
        return other().map(PeerIdentity::toString).orElseGet(this::remoteHost);
    }

    /** Ends the link with what the other side has not taken yet. */
    void abort(String reason) {
        close(reason, Optional.empty());
        Channel channel = socket.channelHandlerContext().channel();
        channel.unsafe().close(channel.voidPromise());
    }

    private void close(String reason, Optional<Code> code) {
        if (state == State.CLOSED) {
            return;
        }
        boolean wasUp = state == State.UP;
        state = State.CLOSED;
        output.close();
        assembler.release();
        if (input != null) {
            input.release();
        }
        socket.close();
        owner.onClosed(this, wasUp, reason, code);
    }
}

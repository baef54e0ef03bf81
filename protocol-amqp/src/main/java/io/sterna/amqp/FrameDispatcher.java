package io.sterna.amqp;

import io.sterna.amqp.codec.DecodeException;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.apache.qpid.proton.amqp.UnsignedShort;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Begin;
import org.apache.qpid.proton.amqp.transport.Close;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.End;
import org.apache.qpid.proton.amqp.transport.Open;
import org.jspecify.annotations.Nullable;

/**
 * Brings each frame to the session that it is for, and is the one place where a violation becomes an end or a close.
 * Owned by the connection.
 */
final class FrameDispatcher implements FrameAssembler.Sink {
    private final Connection connection;
    private final LoopResources resources;
    private final FrameAssembler assembler;
    private final Channels channels = new Channels();
    private final Map<LinkName, Link> linkNames = new HashMap<>(4);
    private @Nullable Handshake handshake;
    private boolean discarding;

    private record LinkName(String name, boolean sending) {}

    FrameDispatcher(Connection connection, LoopResources resources) {
        this.connection = connection;
        this.resources = resources;
        assembler = new FrameAssembler(this, connection.settings().maxFrameBytes());
    }

    void handshake(Handshake newHandshake) {
        handshake = newHandshake;
    }

    private Handshake handshake() {
        if (handshake == null) {
            throw new IllegalStateException("no handshake");
        }
        return handshake;
    }

    /** Whether AMQP frames may flow. */
    boolean ready() {
        return handshake != null && handshake.done();
    }

    /** Whether the peer's bytes have to wait for something of ours. */
    boolean waiting() {
        return handshake().waiting() || unanswered();
    }

    private boolean unanswered() {
        return connection.peerState() == EndpointState.OPEN && connection.localState() == EndpointState.UNOPENED;
    }

    void receive(byte[] bytes, int offset, int length) {
        if (!discarding) {
            if (waiting()) {
                assembler.keep(bytes, offset, length);
            } else {
                assembler.receive(bytes, offset, length);
            }
        }
    }

    void resume() {
        if (!discarding) {
            assembler.resume();
        }
    }

    void expectHeader() {
        assembler.expectHeader();
    }

    void maxFrameBytes(int bytes) {
        assembler.maxFrameBytes(bytes);
    }

    @Override
    public boolean onProtocolHeader(byte[] bytes, int offset) {
        return handshake().onHeader(bytes, offset);
    }

    @Override
    public void onNoProtocolHeader() {
        handshake().onNoHeader();
    }

    @Override
    public void onBadSize(long size, int maxFrameBytes) {
        fail(AmqpError.of(
                ErrorCondition.FRAMING_ERROR,
                "a frame of " + size + " bytes came; it must be 8 to " + maxFrameBytes + " here"));
    }

    @Override
    public boolean onFrame(byte[] bytes, int offset, int size) {
        connection.timers().onReceived();
        int body = offset + 4 * (bytes[offset + 4] & 0xff);
        int limit = offset + size;
        boolean goOn = true;
        try {
            if (body < offset + FrameAssembler.HEADER_BYTES || body > limit) {
                throw Violation.connection(
                        ErrorCondition.FRAMING_ERROR, "the data offset of a frame lies outside of it");
            }
            int expectedType = handshake().done() ? FrameWriter.AMQP : FrameWriter.SASL;
            if (bytes[offset + 5] != expectedType) {
                throw Violation.connection(
                        ErrorCondition.FRAMING_ERROR,
                        "a frame of type " + bytes[offset + 5] + " came where type " + expectedType + " is due");
            }
            if (expectedType == FrameWriter.SASL) {
                goOn = handshake().onSaslFrame(bytes, body, limit);
            } else {
                onAmqpFrame(Octets.uint16(bytes, offset + 6), bytes, body, limit);
            }
        } catch (DecodeException undecodable) {
            fail(AmqpError.of(ErrorCondition.DECODE_ERROR, undecodable.getMessage()));
        } catch (Violation violation) {
            fail(violation.error());
        }
        return goOn && !discarding && !connection.finished() && !unanswered();
    }

    /** What the peer sends makes no sense: it is told, and not read any more (§2.4.6, DISCARDING). */
    private void fail(AmqpError reason) {
        discarding = true;
        connection.close(Optional.of(reason));
    }

    private void onAmqpFrame(int channel, byte[] bytes, int body, int limit) throws DecodeException, Violation {
        if (channel > connection.settings().channelMax()) {
            throw Violation.connection(
                    ErrorCondition.FRAMING_ERROR,
                    "channel " + channel + " is above channel-max "
                            + connection.settings().channelMax());
        }
        if (body == limit) {
            if (connection.peerState() == EndpointState.UNOPENED) {
                throw notAnOpen();
            }
            return; // an empty frame only shows that the peer lives; §2.4.5
        }
        int code = Descriptors.performative(bytes, body, limit);
        switch (code) {
            case Descriptors.TRANSFER, Descriptors.FLOW, Descriptors.DISPOSITION ->
                onSessionFrame(code, channel, bytes, Descriptors.end(bytes, body, limit), limit);
            default -> onPerformative(channel, resources.codec.decode(bytes, body, limit));
        }
    }

    private static Violation notAnOpen() {
        return Violation.connection(
                ErrorCondition.NOT_ALLOWED, "the first frame of a connection has to be an open; AMQP 1.0 §2.4.1");
    }

    private void onSessionFrame(int code, int channel, byte[] bytes, int list, int limit)
            throws DecodeException, Violation {
        FieldReader fields = resources.fields;
        Session session = session(channel);
        if (session == null) {
            return;
        }
        try {
            if (code == Descriptors.TRANSFER) {
                TransferFrame transfer = resources.transfer;
                transfer.read(fields, bytes, list, limit);
                session.onTransfer(transfer, state(bytes, transfer.stateOffset, transfer.stateEnd));
            } else if (code == Descriptors.DISPOSITION) {
                DispositionFrame disposition = resources.disposition;
                disposition.read(fields, bytes, list, limit);
                session.onDisposition(disposition, state(bytes, disposition.stateOffset, disposition.stateEnd));
            } else {
                resources.flow.read(fields, bytes, list, limit);
                session.onFlow(resources.flow);
            }
        } catch (Violation violation) {
            endSession(session, violation);
        }
    }

    private Optional<DeliveryState> state(byte[] bytes, int offset, int end) throws DecodeException {
        if (offset < 0) {
            return Optional.empty();
        }
        return Descriptors.isAccepted(bytes, offset, end)
                ? ACCEPTED
                : TranslateState.ours(resources.codec.decode(bytes, offset, end));
    }

    private static final Optional<DeliveryState> ACCEPTED = Optional.of(DeliveryState.Accepted.INSTANCE);

    private static void endSession(Session session, Violation violation) throws Violation {
        if (violation.scope() == Violation.Scope.CONNECTION) {
            throw violation;
        }
        session.end(Optional.of(violation.error()));
    }

    private void onPerformative(int channel, Object performative) throws Violation {
        if (connection.peerState() == EndpointState.UNOPENED && !(performative instanceof Open)) {
            throw notAnOpen();
        }
        if (performative instanceof Open open) {
            onOpen(channel, open);
        } else if (performative instanceof Begin begin) {
            onBegin(channel, begin);
        } else if (performative instanceof Attach attach) {
            Session session = session(channel);
            if (session != null) {
                try {
                    session.onAttach(attach);
                } catch (Violation violation) {
                    endSession(session, violation);
                }
            }
        } else if (performative instanceof Detach detach) {
            Session session = session(channel);
            if (session != null) {
                try {
                    session.onDetach(detach);
                } catch (Violation violation) {
                    endSession(session, violation);
                }
            }
        } else if (performative instanceof End) {
            onEnd(channel);
        } else if (performative instanceof Close close) {
            discarding = true; // §2.4.3: nothing follows a close
            connection.onRemoteClose(Translate.error(close.getError()));
        } else {
            throw Violation.connection(ErrorCondition.NOT_IMPLEMENTED, "a frame that is no performative of AMQP 1.0");
        }
    }

    private void onOpen(int channel, Open open) throws Violation {
        if (connection.peerState() != EndpointState.UNOPENED) {
            throw Violation.connection(ErrorCondition.NOT_ALLOWED, "a second open; AMQP 1.0 §2.4.1");
        }
        if (channel != 0) {
            throw Violation.connection(ErrorCondition.NOT_ALLOWED, "an open has to come on channel 0; AMQP 1.0 §2.4.1");
        }
        connection.onRemoteOpen(OpenFrames.read(open));
    }

    /** The session on a channel; null when we are closing and do not care any more. */
    private @Nullable Session session(int channel) throws Violation {
        if (connection.peerState() == EndpointState.UNOPENED) {
            throw notAnOpen();
        }
        if (connection.localState() == EndpointState.CLOSED) {
            return null;
        }
        Session session = channels.remote(channel);
        if (session == null) {
            throw Violation.connection(ErrorCondition.NOT_ALLOWED, "no session has begun on channel " + channel);
        }
        return session;
    }

    private void onBegin(int channel, Begin begin) throws Violation {
        if (connection.localState() == EndpointState.CLOSED) {
            return;
        }
        if (channels.remote(channel) != null) {
            throw Violation.connection(
                    ErrorCondition.NOT_ALLOWED, "a session has begun on channel " + channel + " already");
        }
        UnsignedShort answers = begin.getRemoteChannel();
        Session session;
        if (answers == null) {
            session = take();
            session.begin(OptionalInt.of(channel));
        } else {
            session = channels.local(answers.intValue());
            if (session == null || session.peerState() != EndpointState.UNOPENED) {
                throw Violation.connection(
                        ErrorCondition.NOT_ALLOWED, "a begin answers channel " + answers + ", on which nobody asked");
            }
        }
        channels.mapRemote(channel, session);
        session.onBegin(begin);
    }

    private Session take() throws Violation {
        int max = connection.settings().channelMax();
        if (connection.peerState() == EndpointState.OPEN) {
            max = Math.min(max, connection.remote().channelMax());
        }
        int channel = channels.take(max);
        if (channel < 0) {
            throw Violation.connection(
                    ErrorCondition.RESOURCE_LIMIT_EXCEEDED, "all " + (max + 1) + " channels are in use");
        }
        Session session = new Session(connection, channel, connection.settings().sessionWindowFrames());
        channels.mapLocal(session);
        return session;
    }

    Session begin() {
        try {
            Session session = take();
            session.begin(OptionalInt.empty());
            return session;
        } catch (Violation noChannel) {
            throw new IllegalStateException(noChannel);
        }
    }

    private void onEnd(int channel) throws Violation {
        Session session = session(channel);
        if (session != null) {
            channels.freeRemote(channel);
            if (session.onEnd()) {
                session.end(Optional.empty());
            }
        }
    }

    void onLocalEnd(Session session) {
        channels.freeLocal(session);
    }

    void loseSessions() {
        channels.all().forEach(Session::onConnectionLost);
    }

    /** §2.6.1: a link that is attached again takes the place of the one of its name, which is told so. */
    void steal(String name, boolean sending) {
        Link former = linkNames.get(new LinkName(name, sending));
        if (former != null && former.attached()) {
            LinkHandler handler = former.handler();
            former.detach(
                    true, Optional.of(AmqpError.of(ErrorCondition.STOLEN, "link " + name + " was attached again")));
            if (handler != null) {
                handler.onLost();
            }
        }
    }

    void rememberName(Link link) {
        linkNames.put(new LinkName(link.name(), link.sending()), link);
    }

    void forgetName(Link link) {
        linkNames.remove(new LinkName(link.name(), link.sending()), link);
    }
}

package io.sterna.amqp;

import io.sterna.amqp.codec.DecodeException;
import java.util.Optional;
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
    private static final Optional<DeliveryState> ACCEPTED = Optional.of(DeliveryState.Accepted.INSTANCE);

    private final Connection connection;
    private final LoopResources resources;
    private final FrameAssembler assembler;
    private final Sessions sessions;
    private final LinkNames linkNames = new LinkNames();
    private @Nullable Handshake handshake;

    /** Whether nothing is read any more. */
    private boolean deaf;

    FrameDispatcher(Connection connection, LoopResources resources) {
        this.connection = connection;
        this.resources = resources;
        assembler = new FrameAssembler(this, connection.settings().maxFrameBytes());
        sessions = new Sessions(connection);
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

    Sessions sessions() {
        return sessions;
    }

    LinkNames linkNames() {
        return linkNames;
    }

    /** Whether AMQP frames may flow. */
    boolean ready() {
        return handshake != null && handshake.done();
    }

    /** Whether the peer's bytes have to wait for something of ours. */
    boolean waiting() {
        return !deaf && (handshake().waiting() || unanswered());
    }

    private boolean unanswered() {
        return connection.peerState() == EndpointState.OPEN && connection.localState() == EndpointState.UNOPENED;
    }

    void receive(byte[] bytes, int offset, int length) {
        if (deaf) {
            return;
        }
        if (waiting()) {
            assembler.keep(bytes, offset, length);
        } else {
            assembler.receive(bytes, offset, length);
        }
    }

    void resume() {
        if (!deaf) {
            assembler.resume();
        }
    }

    /** The connection is finished: nothing more is read, and what is still being checked is of no interest. */
    void stop() {
        deaf = true;
        handshake().abandon();
        assembler.clear();
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
        connection.close(Optional.of(AmqpError.of(
                ErrorCondition.FRAMING_ERROR,
                "a frame of " + size + " bytes came; it must be 8 to " + maxFrameBytes + " here")));
        deaf = true; // There is no telling where the next frame begins.
    }

    @Override
    public boolean onFrame(byte[] bytes, int offset, int size) {
        connection.timers().onReceived();
        int body = offset + 4 * (bytes[offset + 4] & 0xff);
        int limit = offset + size;
        boolean goOn = true;
        try {
            if (connection.localState() == EndpointState.CLOSED) {
                discard(bytes, body, limit);
            } else {
                goOn = onFrame(bytes, offset, body, limit);
            }
        } catch (DecodeException undecodable) {
            connection.close(Optional.of(AmqpError.of(ErrorCondition.DECODE_ERROR, undecodable.getMessage())));
        } catch (Violation violation) {
            connection.close(Optional.of(violation.error()));
        }
        return goOn && !deaf && !unanswered();
    }

    /** §2.4.6: after our close only the peer's close counts. */
    private void discard(byte[] bytes, int body, int limit) {
        try {
            if (body < limit
                    && Descriptors.isClose(bytes, body, limit)
                    && resources.codec.decode(bytes, body, limit) instanceof Close close) {
                deaf = true; // §2.4.3: nothing follows a close
                connection.onRemoteClose(Translate.error(close.getError()));
            }
        } catch (DecodeException undecodable) {
            // Discarded like all the rest; the peer that can't close in order is waited for no longer than any other.
            return;
        }
    }

    private boolean onFrame(byte[] bytes, int offset, int body, int limit) throws DecodeException, Violation {
        if (body < offset + FrameAssembler.HEADER_BYTES || body > limit) {
            throw Violation.connection(ErrorCondition.FRAMING_ERROR, "the data offset of a frame lies outside of it");
        }
        int expectedType = handshake().done() ? FrameWriter.AMQP : FrameWriter.SASL;
        if (bytes[offset + 5] != expectedType) {
            throw Violation.connection(
                    ErrorCondition.FRAMING_ERROR,
                    "a frame of type " + bytes[offset + 5] + " came where type " + expectedType + " is due");
        }
        if (expectedType == FrameWriter.SASL) {
            return handshake().onSaslFrame(bytes, body, limit);
        }
        onAmqpFrame(Octets.uint16(bytes, offset + 6), bytes, body, limit);
        return true;
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
        if (code == Descriptors.OTHER) {
            onPerformative(channel, resources.codec.decode(bytes, body, limit));
        } else if (connection.peerState() == EndpointState.UNOPENED) {
            throw notAnOpen();
        } else {
            Session session = sessions.onChannel(channel);
            try {
                onSessionFrame(session, code, bytes, Descriptors.end(bytes, body, limit), limit);
            } catch (Violation violation) {
                endSession(session, violation);
            }
        }
    }

    private static Violation notAnOpen() {
        return Violation.connection(
                ErrorCondition.NOT_ALLOWED, "the first frame of a connection has to be an open; AMQP 1.0 §2.4.1");
    }

    private void onSessionFrame(Session session, int code, byte[] bytes, int list, int limit)
            throws DecodeException, Violation {
        FieldReader fields = resources.fields;
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
    }

    private Optional<DeliveryState> state(byte[] bytes, int offset, int end) throws DecodeException {
        if (offset < 0) {
            return Optional.empty();
        }
        return Descriptors.isAccepted(bytes, offset, end)
                ? ACCEPTED
                : TranslateState.ours(resources.codec.decode(bytes, offset, end));
    }

    private static void endSession(Session session, Violation violation) throws Violation {
        if (violation.scope() == Violation.Scope.CONNECTION) {
            throw violation;
        }
        session.end(Optional.of(violation.error()));
    }

    private void onPerformative(int channel, Object performative) throws Violation {
        if (performative instanceof Open open) {
            onOpen(channel, open);
        } else if (connection.peerState() == EndpointState.UNOPENED) {
            throw notAnOpen();
        } else if (performative instanceof Begin begin) {
            sessions.onBegin(channel, begin);
        } else if (performative instanceof Attach || performative instanceof Detach) {
            onLinkFrame(sessions.onChannel(channel), performative);
        } else if (performative instanceof End end) {
            sessions.onEnd(channel, end);
        } else if (performative instanceof Close close) {
            deaf = true; // §2.4.3: nothing follows a close
            connection.onRemoteClose(Translate.error(close.getError()));
        } else {
            throw Violation.connection(ErrorCondition.NOT_IMPLEMENTED, "a frame that is no performative of AMQP 1.0");
        }
    }

    private static void onLinkFrame(Session session, Object performative) throws Violation {
        try {
            if (performative instanceof Attach attach) {
                session.links().onAttach(attach);
            } else if (performative instanceof Detach detach) {
                session.links().onDetach(detach);
            }
        } catch (Violation violation) {
            endSession(session, violation);
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
}

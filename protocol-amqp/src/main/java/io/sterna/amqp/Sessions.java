package io.sterna.amqp;

import java.util.Optional;
import java.util.OptionalInt;
import org.apache.qpid.proton.amqp.UnsignedShort;
import org.apache.qpid.proton.amqp.transport.Begin;
import org.apache.qpid.proton.amqp.transport.End;
import org.jspecify.annotations.Nullable;

/** The sessions of a connection: how they begin, end, and are found by their channels (AMQP 1.0 §2.5). */
final class Sessions {
    private final Connection connection;
    private final Channels channels = new Channels();

    Sessions(Connection connection) {
        this.connection = connection;
    }

    /** The session that the peer has on a channel. */
    Session onChannel(int channel) throws Violation {
        Session session = channels.remote(channel);
        if (session == null) {
            throw Violation.connection(ErrorCondition.NOT_ALLOWED, "no session has begun on channel " + channel);
        }
        return session;
    }

    void onBegin(int channel, Begin begin) throws Violation {
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
            session = awaitingBegin(answers.intValue());
        }
        channels.mapRemote(channel, session);
        session.onBegin(begin);
    }

    private Session awaitingBegin(int answered) throws Violation {
        @Nullable Session session = channels.local(answered);
        if (session == null || session.peerState() != EndpointState.UNOPENED) {
            throw Violation.connection(
                    ErrorCondition.NOT_ALLOWED, "a begin answers channel " + answered + ", on which nobody asked");
        }
        return session;
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

    /** Begins a session of ours. */
    Session begin() {
        try {
            Session session = take();
            session.begin(OptionalInt.empty());
            return session;
        } catch (Violation noChannel) {
            throw new IllegalStateException(noChannel);
        }
    }

    void onEnd(int channel, End end) throws Violation {
        Session session = onChannel(channel);
        channels.freeRemote(channel);
        if (session.onEnd(Translate.error(end.getError()))) {
            session.lose(session.remoteError().isEmpty());
            connection.handler().onLeaving(() -> session.sendEnd(Optional.empty()));
        } else {
            channels.freeLocal(session);
            connection.handler().onEndAnswered(session);
        }
    }

    /** We have ended a session: its channel is free, unless the peer has yet to answer to it. */
    void onLocalEnd(Session session) {
        if (session.peerState() != EndpointState.UNOPENED) {
            channels.freeLocal(session);
        }
    }

    boolean peerHoldsDeliveries() {
        return channels.all().stream()
                .anyMatch(session -> session.dispositions().anyOutgoing());
    }

    /** The connection is over. */
    void lose(boolean inOrder) {
        channels.all().forEach(session -> session.lose(inOrder));
    }
}

package io.sterna.amqp;

import io.netty.util.collection.IntObjectHashMap;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The sessions of a connection by the peer's channel numbers, and the channels that we have given (AMQP 1.0 §2.5.1). */
final class Channels {
    private final IntObjectHashMap<Session> byRemoteChannel = new IntObjectHashMap<>(2);
    private final IntObjectHashMap<Session> byLocalChannel = new IntObjectHashMap<>(2);
    private final BitSet localChannels = new BitSet();

    /** Takes the lowest free channel of ours, or -1 when none up to {@code max} is free. */
    int take(int max) {
        int channel = localChannels.nextClearBit(0);
        if (channel > max) {
            return -1;
        }
        localChannels.set(channel);
        return channel;
    }

    void mapLocal(Session session) {
        byLocalChannel.put(session.localChannel(), session);
    }

    void mapRemote(int remoteChannel, Session session) {
        byRemoteChannel.put(remoteChannel, session);
    }

    /** Frees a session's channel; nothing happens when it is another session's by now. */
    void freeLocal(Session session) {
        if (byLocalChannel.get(session.localChannel()) == session) {
            byLocalChannel.remove(session.localChannel());
            localChannels.clear(session.localChannel());
        }
    }

    void freeRemote(int remoteChannel) {
        byRemoteChannel.remove(remoteChannel);
    }

    @Nullable
    Session remote(int remoteChannel) {
        return byRemoteChannel.get(remoteChannel);
    }

    /** A session that we have begun, by our channel. */
    @Nullable
    Session local(int localChannel) {
        return byLocalChannel.get(localChannel);
    }

    Set<Session> all() {
        Set<Session> sessions = new LinkedHashSet<>(byLocalChannel.values());
        sessions.addAll(byRemoteChannel.values());
        return sessions;
    }
}

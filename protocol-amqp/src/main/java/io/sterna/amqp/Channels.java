package io.sterna.amqp;

import io.netty.util.collection.IntObjectHashMap;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
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

    void freeLocal(Session session) {
        byLocalChannel.remove(session.localChannel());
        localChannels.clear(session.localChannel());
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

    List<Session> all() {
        List<Session> sessions = new ArrayList<>(byLocalChannel.values());
        for (Session session : byRemoteChannel.values()) {
            if (!sessions.contains(session)) {
                sessions.add(session);
            }
        }
        return sessions;
    }
}

package io.sterna.amqp;

import io.netty.util.collection.LongObjectHashMap;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The links of a session by the peer's handles, and the handles that we have given (AMQP 1.0 §2.6.2). */
final class LinkTable {
    private final LongObjectHashMap<Link> byRemoteHandle = new LongObjectHashMap<>(2);
    private final Set<Link> all = new LinkedHashSet<>(4);
    private final List<Link> awaitingAttach = new ArrayList<>(0);
    private final BitSet localHandles = new BitSet();

    /** The link that the peer means, which may be one that we have detached. */
    Link byRemoteHandle(long handle) throws Violation {
        Link link = byRemoteHandle.get(handle);
        if (link == null) {
            throw Violation.session(ErrorCondition.UNATTACHED_HANDLE, "no link is attached with handle " + handle);
        }
        return link;
    }

    boolean inUse(long remoteHandle) {
        return byRemoteHandle.containsKey(remoteHandle);
    }

    void mapRemote(long handle, Link link) {
        byRemoteHandle.put(handle, link);
        all.add(link);
    }

    /** Takes the lowest free handle, as §2.7.3 recommends, or -1 when there is none up to {@code max}. */
    long assignLocal(Link link, long max) {
        int handle = localHandles.nextClearBit(0);
        if (handle > max) {
            return -1;
        }
        localHandles.set(handle);
        if (all.add(link)) {
            awaitingAttach.add(link);
        }
        return handle;
    }

    void freeRemote(Link link) {
        byRemoteHandle.remove(link.remoteHandle());
    }

    void freeLocal(Link link) {
        localHandles.clear((int) link.localHandle());
    }

    void remove(Link link) {
        all.remove(link);
    }

    /** The link of that name and direction whose attach the peer has not answered yet, or none. */
    @Nullable
    Link takeAwaiting(String name, boolean sending) {
        for (int i = 0; i < awaitingAttach.size(); i++) {
            Link link = awaitingAttach.get(i);
            if (link.sending() == sending && link.name().equals(name)) {
                awaitingAttach.remove(i);
                return link;
            }
        }
        return null;
    }

    List<Link> all() {
        return List.copyOf(all);
    }
}

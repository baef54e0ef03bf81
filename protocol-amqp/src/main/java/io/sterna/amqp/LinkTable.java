package io.sterna.amqp;

import io.netty.util.collection.LongObjectHashMap;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The links of a session by the peer's handles, and the handles that we have given (AMQP 1.0 §2.6.2). */
final class LinkTable {
    /** How many handles of links that died of an error are remembered to name the fault of a peer that goes on. */
    private static final int MAX_ERRANT_HANDLES = 64;

    private final LongObjectHashMap<Link> byRemoteHandle = new LongObjectHashMap<>();
    private final List<Link> all = new ArrayList<>();
    private final BitSet localHandles = new BitSet();
    private final List<Long> errantHandles = new ArrayList<>();

    /** The link that the peer means, which may be one that we have detached. */
    Link byRemoteHandle(long handle) throws Violation {
        Link link = byRemoteHandle.get(handle);
        if (link == null) {
            if (errantHandles.contains(handle)) {
                throw Violation.session(
                        ErrorCondition.ERRANT_LINK,
                        "handle " + handle + " was of a link that was detached with an error");
            }
            throw Violation.session(ErrorCondition.UNATTACHED_HANDLE, "no link is attached with handle " + handle);
        }
        return link;
    }

    boolean inUse(long remoteHandle) {
        return byRemoteHandle.containsKey(remoteHandle);
    }

    void mapRemote(long handle, Link link) {
        byRemoteHandle.put(handle, link);
        errantHandles.remove(handle);
        if (!all.contains(link)) {
            all.add(link);
        }
    }

    /** The lowest free handle, as §2.7.3 recommends. */
    long assignLocal(Link link) {
        int handle = localHandles.nextClearBit(0);
        localHandles.set(handle);
        if (!all.contains(link)) {
            all.add(link);
        }
        return handle;
    }

    void freeRemote(Link link) {
        byRemoteHandle.remove(link.remoteHandle());
        if (link.detachedWithError() && errantHandles.size() < MAX_ERRANT_HANDLES) {
            errantHandles.add(link.remoteHandle());
        }
    }

    void freeLocal(Link link) {
        localHandles.clear((int) link.localHandle());
    }

    void remove(Link link) {
        all.remove(link);
    }

    /** The link of that name and direction that is not attached by the peer yet, or none. */
    @Nullable
    Link awaitingAttach(String name, boolean sending) {
        for (Link link : all) {
            if (link.peerState() == EndpointState.UNOPENED
                    && link.sending() == sending
                    && link.name().equals(name)) {
                return link;
            }
        }
        return null;
    }

    List<Link> all() {
        return List.copyOf(all);
    }
}

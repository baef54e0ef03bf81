package io.sterna.cluster;

import io.sterna.store.LogOperation.NodeCreated;
import java.util.Arrays;

/** A hash of one thing of a content. Those of all things are added, so that order plays no part. */
final class Fingerprint {
    private Fingerprint() {}

    static long of(NodeCreated node) {
        return of("node", node.nodeId(), node.kind(), node.address(), node.settings());
    }

    static long of(Holdings.Value name, byte[] value) {
        return of("value", name.nodeId(), name.key(), value);
    }

    static long of(Object... parts) {
        long hash = 1;
        for (Object part : parts) {
            hash = (hash + (part instanceof byte[] bytes ? Arrays.hashCode(bytes) : part.hashCode()))
                    * 0x9E3779B97F4A7C15L;
            hash ^= hash >>> 29;
        }
        return hash;
    }
}

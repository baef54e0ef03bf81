package io.sterna.cluster.table;

import java.io.IOException;
import java.util.List;

/** The configuration names other founders than those that the cluster has begun with. */
public final class FoundersChangedException extends IOException {
    private static final long serialVersionUID = 1;

    FoundersChangedException(List<String> begun, List<String> configured) {
        super("this cluster has begun with the members " + begun + ", and cluster.members now names " + configured
                + "; they keep the partition table and stay the same: a node that takes another one's place has its id"
                + " (id@host:port), and a further node is not listed");
    }
}

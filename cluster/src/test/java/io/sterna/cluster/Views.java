package io.sterna.cluster;

import java.util.Collection;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** Views as tests write them: of one lineage, with nodes that have had one data directory only. */
final class Views {
    static final long LINEAGE = 7;
    static final long GENERATION = 1;

    private Views() {}

    static long disk(String node) {
        return node.hashCode();
    }

    static PartitionView view(int partition, long epoch, String owner, String... inSync) {
        return view(partition, epoch, owner, List.of(inSync));
    }

    static PartitionView view(int partition, long epoch, String owner, Collection<String> inSync) {
        SortedMap<String, Long> disks = new TreeMap<>();
        inSync.forEach(node -> disks.put(node, disk(node)));
        return new PartitionView(partition, epoch, LINEAGE, owner, disks);
    }

    /** Of a replica that has never held the partition, and follows the table. */
    static ReplicaReport blank(String node) {
        return report(node, Standing.BLANK, Position.START);
    }

    static ReplicaReport report(String node, Standing standing, Position end) {
        return new ReplicaReport(0, disk(node), standing.following(GENERATION), end, false);
    }

    static Standing promised(PartitionView view) {
        return Standing.BLANK.promising(view);
    }
}

package io.sterna.cluster;

import java.util.Collection;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * Who has a partition: one entry of the partition table. It is replaced only by one whose epoch is higher: by one, or by far
 * when an operator forces it.
 *
 * @param epoch rises with each change
 * @param lineage a random number, chosen when the partition was founded and each time it was opened by force: logs of two
 *     lineages have nothing to do with each other
 * @param owner who alone appends in this epoch
 * @param disks nodes that hold every committed record, the owner among them, with the data directory that they hold it in;
 *     sorted
 */
public record PartitionView(int partition, long epoch, long lineage, String owner, SortedMap<String, Long> disks) {
    public PartitionView {
        disks = Collections.unmodifiableSortedMap(new TreeMap<>(disks));
        if (epoch < 1) {
            throw new IllegalArgumentException("epoch is " + epoch + ", must be at least 1");
        }
        if (!disks.containsKey(owner)) {
            throw new IllegalArgumentException("the owner " + owner + " is not in sync: " + disks);
        }
    }

    /** The nodes that are in sync, sorted. */
    public List<String> inSync() {
        return List.copyOf(disks.keySet());
    }

    boolean isInSync(String node) {
        return disks.containsKey(node);
    }

    /** Whether it is this data directory that is in sync, and not one that the node had before or has got since. */
    boolean isInSync(String node, long disk) {
        Long its = disks.get(node);
        return its != null && its == disk;
    }

    /** Who is in sync beside the owner. */
    List<String> backups() {
        return disks.keySet().stream().filter(node -> !node.equals(owner)).toList();
    }

    /** The next view, with one more in sync. */
    PartitionView adding(String node, long disk) {
        SortedMap<String, Long> more = new TreeMap<>(disks);
        more.put(node, disk);
        return new PartitionView(partition, epoch + 1, lineage, owner, more);
    }

    /** The next view, with fewer in sync; the owner stays. */
    PartitionView removing(Collection<String> nodes) {
        return following(
                epoch + 1,
                owner,
                disks.keySet().stream().filter(node -> !nodes.contains(node)).toList());
    }

    /** The next view, with the same in sync and perhaps another owner. */
    PartitionView handingTo(String newOwner) {
        return new PartitionView(partition, epoch + 1, lineage, newOwner, disks);
    }

    /** A later view, with some of those who are in sync. */
    PartitionView following(long newEpoch, String newOwner, Collection<String> nodes) {
        SortedMap<String, Long> left = new TreeMap<>(disks);
        left.keySet().retainAll(nodes);
        return new PartitionView(partition, newEpoch, lineage, newOwner, left);
    }

    static PartitionView alone(int partition, long epoch, long lineage, String owner, long disk) {
        return new PartitionView(partition, epoch, lineage, owner, new TreeMap<>(Map.of(owner, disk)));
    }
}

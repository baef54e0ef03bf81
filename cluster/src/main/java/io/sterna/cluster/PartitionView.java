package io.sterna.cluster;

import java.util.ArrayList;
import java.util.Collection;
import java.util.List;

/**
 * Who has a partition: one entry of the partition table. It is replaced only by one whose epoch is higher by one.
 *
 * @param epoch rises with each change
 * @param owner who alone appends in this epoch
 * @param inSync nodes that hold every committed record, the owner among them; sorted
 */
public record PartitionView(int partition, long epoch, String owner, List<String> inSync) {
    public PartitionView {
        inSync = inSync.stream().distinct().sorted().toList();
        if (epoch < 1) {
            throw new IllegalArgumentException("epoch is " + epoch + ", must be at least 1");
        }
        if (!inSync.contains(owner)) {
            throw new IllegalArgumentException("the owner " + owner + " is not in sync: " + inSync);
        }
    }

    boolean isInSync(String node) {
        return inSync.contains(node);
    }

    /** Who is in sync beside the owner. */
    List<String> backups() {
        return inSync.stream().filter(node -> !node.equals(owner)).toList();
    }

    /** The next view, with one more in sync. */
    PartitionView adding(String node) {
        List<String> more = new ArrayList<>(inSync);
        more.add(node);
        return new PartitionView(partition, epoch + 1, owner, more);
    }

    /** The next view, with fewer in sync; the owner stays. */
    PartitionView removing(Collection<String> nodes) {
        return new PartitionView(
                partition,
                epoch + 1,
                owner,
                inSync.stream().filter(node -> !nodes.contains(node)).toList());
    }

    /** The next view, with the same in sync and perhaps another owner. */
    PartitionView handingTo(String newOwner) {
        return new PartitionView(partition, epoch + 1, newOwner, inSync);
    }
}

package io.sterna.broker.partition;

import io.sterna.store.RecoveryVisitor;
import java.util.List;

/** A partition that this node begins to own, while the store tells what it holds. Owned by the partition's loop. */
public final class PartitionOpening {
    private final Partition partition;
    private final PartitionRecovery recovery;
    private final Partitions all;

    PartitionOpening(Partition partition, LinkRestorer restorer, Partitions all) {
        this.partition = partition;
        this.all = all;
        recovery = new PartitionRecovery(List.of(partition), restorer);
    }

    /** Takes what the store has of the partition. */
    public RecoveryVisitor visitor() {
        return recovery;
    }

    /** The store has told everything: the partition serves from now on. */
    public void finish() {
        recovery.onRecovered();
        all.opened(partition);
        partition.nodes().onOpened();
        recovery.finish();
    }

    /** Another node has it before it was open. */
    public void cancel() {
        partition.close("it was not open yet");
    }
}

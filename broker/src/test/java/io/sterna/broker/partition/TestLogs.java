package io.sterna.broker.partition;

/** Makes logs for partitions that tests open. */
public final class TestLogs {
    private TestLogs() {}

    /** As of a node that is alone, in the store of its loop. */
    public static PartitionLog of(Partition partition, long lastEpoch, long lastIndex) {
        return new LoneLog(partition.id(), partition.loop().store(), lastEpoch, lastIndex);
    }
}

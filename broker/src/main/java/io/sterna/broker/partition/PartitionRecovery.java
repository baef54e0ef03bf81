package io.sterna.broker.partition;

import io.sterna.store.LogOperation;
import io.sterna.store.RecoveredMessage;
import io.sterna.store.RecoveryVisitor;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Makes nodes out of what the store has. Owned by the thread that recovers the store, or by the partition's loop. */
class PartitionRecovery implements RecoveryVisitor {
    private static final Logger log = LoggerFactory.getLogger(PartitionRecovery.class);

    private final Map<Integer, Partition> partitions = new HashMap<>();
    private final Map<Long, Node> nodes = new HashMap<>();
    private final Map<Long, Integer> withoutQueue = new TreeMap<>();
    private final RecoveredTransactions transactions = new RecoveredTransactions();
    private final RecoveredLinks links;

    /** @param which partitions those of which it will hear */
    PartitionRecovery(List<Partition> which, LinkRestorer restorer) {
        which.forEach(partition -> partitions.put(partition.id(), partition));
        links = new RecoveredLinks(restorer);
    }

    private Partition partition(int id) {
        return Optional.ofNullable(partitions.get(id))
                .orElseThrow(() -> new IllegalStateException("partition " + id + " is not being recovered"));
    }

    private Optional<Node> node(long id) {
        return Optional.ofNullable(nodes.get(id));
    }

    @Override
    public void onPartition(int partition, long epoch, long index) {
        // Its log is known.
    }

    @Override
    public void onNode(int partition, LogOperation.NodeCreated node) {
        nodes.put(node.nodeId(), partition(partition).nodes().recover(node));
    }

    @Override
    public void onValue(int partition, long nodeId, byte[] key, byte[] value) {
        if (nodeId == PartitionTransactions.PARTITION_ITSELF && transactions.take(partition(partition), key, value)) {
            return;
        }
        // Without the node, whose entry was damaged, its value is for nothing.
        node(nodeId).ifPresent(node -> partition(partition).nodes().recoverValue(node, key, value));
    }

    @Override
    public void onMessage(int partition, long queueId, RecoveredMessage message) {
        if (nodes.get(queueId) instanceof QueueNode node) {
            Optional<Subscription> holder = links.holder(node, message.sequence(), message.sizeBytes());
            transactions
                    .settling(node, message.sequence())
                    .ifPresentOrElse(
                            branch -> branch.restore(node, message, holder), () -> node.restore(message, holder));
        } else {
            withoutQueue.merge(queueId, 1, Integer::sum);
        }
    }

    /** All that the store has was told. */
    void onRecovered() {
        partitions
                .values()
                .forEach(partition ->
                        partition.onRecovered(links, () -> transactions.onRecovered(partition, this::node)));
        // The store keeps what it has of them, and has reported the damage that took their queues' names.
        withoutQueue.forEach((queueId, count) -> log.error(
                "{} messages belong to queue {}, of which the store does not know any more what it is called: they stay"
                        + " in the data directory and are not served",
                count,
                queueId));
    }

    /** The partitions can be written. */
    void finish() {
        links.finish();
        for (Partition partition : partitions.values()) {
            partition.loop().run(() -> partition.guard(partition.transactions().pending()::onOpened));
        }
    }
}

package io.sterna.broker.partition;

import io.sterna.broker.config.QueuePolicies;
import io.sterna.store.LogOperation;
import io.sterna.store.RecoveredMessage;
import io.sterna.store.RecoveryVisitor;
import io.sterna.store.Store;
import io.sterna.store.StoreException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * All partitions of this node, spread over its loops. The table is fixed once it is made; any thread may look into it.
 */
public final class Partitions {
    private static final Logger log = LoggerFactory.getLogger(Partitions.class);

    /** How many there are; part of the format of the data directory. */
    static final int ID_BITS = 6;

    private static final int COUNT = 1 << ID_BITS;

    private final List<Loop> loops;
    private final QueuePolicies policies;
    private final List<Partition> partitions = new ArrayList<>();
    private final TopicPatterns patterns = new TopicPatterns();
    private final SubscriptionNames names;

    private Partitions(List<Loop> loops, QueuePolicies policies) {
        this.loops = List.copyOf(loops);
        this.policies = policies;
        names = new SubscriptionNames(loops, this::of);
        for (int id = 0; id < COUNT; id++) {
            partitions.add(new Partition(id, loops.get(id % loops.size()), this));
        }
    }

    /**
     * Reads what the store has and opens it for writing. Blocks; loops must not have been given anything to do yet.
     *
     * @param policies how queues treat their messages
     * @param restorer takes the links that the store has kept
     */
    public static Partitions recover(Store store, List<Loop> loops, QueuePolicies policies, LinkRestorer restorer)
            throws StoreException {
        Partitions result = new Partitions(loops, policies);
        Recovery recovery = result.new Recovery(restorer);
        store.recover(recovery);
        for (Partition partition : result.partitions) {
            partition.onRecovered(recovery.links);
            partition.loop().onProblem(partition::tellStopped);
        }
        recovery.reportLost();
        result.loops.forEach(loop -> loop.open(store));
        result.partitions.forEach(
                partition -> partition.loop().post(() -> partition.nodes().onOpened()));
        recovery.links.finish();
        recovery.transactions.finish(result.partitions, recovery::node);
        return result;
    }

    private final class Recovery implements RecoveryVisitor {
        private final Map<Long, Node> nodes = new HashMap<>();
        private final Map<Long, Integer> withoutQueue = new TreeMap<>();
        private final RecoveredTransactions transactions = new RecoveredTransactions();
        private final RecoveredLinks links;

        private Recovery(LinkRestorer restorer) {
            links = new RecoveredLinks(restorer);
        }

        private Optional<Node> node(long id) {
            return Optional.ofNullable(nodes.get(id));
        }

        @Override
        public void onPartition(int partition, long epoch, long index) {
            partitions.get(partition).recover(epoch, index);
        }

        @Override
        public void onNode(int partition, LogOperation.NodeCreated node) {
            nodes.put(node.nodeId(), partitions.get(partition).nodes().recover(node));
        }

        @Override
        public void onValue(int partition, long nodeId, byte[] key, byte[] value) {
            if (nodeId == PartitionTransactions.PARTITION_ITSELF && transactions.take(partition, key, value)) {
                return;
            }
            // Without the node, whose entry was damaged, its value is for nothing.
            node(nodeId).ifPresent(node -> partitions.get(partition).nodes().recoverValue(node, key, value));
        }

        @Override
        public void onMessage(int partition, long queueId, RecoveredMessage message) {
            if (nodes.get(queueId) instanceof QueueNode node) {
                transactions.left(node, message).ifPresent(left -> node.restore(left, links));
            } else {
                withoutQueue.merge(queueId, 1, Integer::sum);
            }
        }

        /** The store keeps what it has of them, and has reported the damage that took their queues' names. */
        void reportLost() {
            withoutQueue.forEach((queueId, count) -> log.error(
                    "{} messages belong to queue {}, of which the store does not know any more what it is called: they"
                            + " stay in the data directory and are not served",
                    count,
                    queueId));
        }
    }

    /** How queues treat their messages. Any thread. */
    QueuePolicies policies() {
        return policies;
    }

    /** Where an address lives. */
    public Partition of(String address) {
        return partitions.get(Addresses.partition(address, COUNT));
    }

    /** All of them. Any thread. */
    public List<Partition> all() {
        return List.copyOf(partitions);
    }

    /** Subscriptions that have a name. Any thread. */
    public SubscriptionNames subscriptions() {
        return names;
    }

    TopicPatterns patterns() {
        return patterns;
    }

    /** Why some addresses are not served any more; empty while all is well. Any thread. */
    public Optional<String> problem() {
        return partitions.stream()
                .map(Partition::problem)
                .flatMap(Optional::stream)
                .findFirst();
    }

    /** What all queues hold. Any thread. */
    public PartitionTotals totals() {
        return loops.stream().map(loop -> loop.figures().totals()).reduce(PartitionTotals.NONE, PartitionTotals::plus);
    }
}

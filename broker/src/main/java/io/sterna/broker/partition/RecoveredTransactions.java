package io.sterna.broker.partition;

import io.sterna.amqp.codec.DecodeException;
import io.sterna.broker.queue.Outcome;
import io.sterna.store.RecoveredMessage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongFunction;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Transactions over several partitions that a crash has interrupted. What was decided is done, what was only prepared
 * is forgotten. Owned by the thread that recovers; what {@link #finish} posts, by the loops.
 */
final class RecoveredTransactions {
    private static final Logger log = LoggerFactory.getLogger(RecoveredTransactions.class);

    private final List<RecoveredBranch> branches = new ArrayList<>();
    private final Set<TransactionKey> decided = new LinkedHashSet<>();

    /** What decided branches do to messages by queue and sequence; made once all values are known. */
    private Optional<Map<Long, Map<Long, Retired>>> retired = Optional.empty();

    private record Retired(RecoveredBranch branch, Outcome outcome) {}

    /** Takes a value that a partition keeps for itself; false when it has nothing to do with transactions. */
    boolean take(int partition, byte[] key, byte[] value) {
        Optional<TransactionKey> prepared = TransactionKey.ofPrepared(key);
        if (prepared.isPresent()) {
            try {
                branches.add(new RecoveredBranch(prepared.get(), partition, PreparedWork.decode(value)));
            } catch (DecodeException otherVersion) {
                throw new IllegalStateException("partition " + partition + " has " + otherVersion.getMessage());
            }
            return true;
        }
        Optional<TransactionKey> decision = TransactionKey.ofDecided(key);
        decision.ifPresent(decided::add);
        return decision.isPresent();
    }

    /** The message as decided transactions leave it in its queue; empty when they have taken it out. */
    Optional<RecoveredMessage> left(QueueNode node, RecoveredMessage message) {
        if (decided.isEmpty()) {
            return Optional.of(message);
        }
        Retired its = retired().getOrDefault(node.id(), Map.of()).get(message.sequence());
        return its == null ? Optional.of(message) : its.branch().retire(node, message, its.outcome());
    }

    private Map<Long, Map<Long, Retired>> retired() {
        if (retired.isEmpty()) {
            Map<Long, Map<Long, Retired>> found = new HashMap<>();
            for (RecoveredBranch branch : branches) {
                if (decided.contains(branch.key())) {
                    branch.work().retirements().forEach(each -> {
                        Map<Long, Retired> ofQueue = found.computeIfAbsent(each.queueId(), id -> new HashMap<>());
                        for (long sequence : each.sequences()) {
                            ofQueue.put(sequence, new Retired(branch, each.outcome()));
                        }
                    });
                }
            }
            retired = Optional.of(found);
        }
        return retired.get();
    }

    /**
     * Writes down what has become of them, and publishes what decided ones had to publish. The loops are open.
     *
     * @param nodes finds a node by its id
     */
    void finish(List<Partition> partitions, LongFunction<Optional<Node>> nodes) {
        Map<TransactionKey, Integer> unfinished = new LinkedHashMap<>();
        decided.forEach(key -> unfinished.put(key, 0));
        branches.forEach(branch -> unfinished.computeIfPresent(branch.key(), (key, count) -> count + 1));
        unfinished.forEach((key, count) -> {
            Partition deciding = partitions.get(key.partition());
            deciding.loop().post(() -> forgetWhenAllAreDone(deciding, key, count, partitions, nodes));
        });
        for (RecoveredBranch branch : branches) {
            if (!decided.contains(branch.key())) {
                log.info("a transaction was prepared in partition {} and not decided: rolled back", branch.partition());
                Partition partition = partitions.get(branch.partition());
                partition
                        .loop()
                        .post(() -> partition.transactions().forget(branch.key().prepared()));
            }
        }
    }

    /** On the deciding partition's loop. */
    private void forgetWhenAllAreDone(
            Partition deciding,
            TransactionKey key,
            int count,
            List<Partition> partitions,
            LongFunction<Optional<Node>> nodes) {
        log.info("a transaction was decided by partition {} and is done in {} others", deciding.id(), count);
        Countdown left = new Countdown(count, () -> deciding.transactions().forget(key.decided()));
        for (RecoveredBranch branch : branches) {
            if (branch.key().equals(key)) {
                Partition partition = partitions.get(branch.partition());
                Runnable whenDurable = () -> deciding.loop().run(left::down);
                partition.loop().run(() -> partition.transactions().applyRecovered(branch, nodes, whenDurable));
            }
        }
    }
}

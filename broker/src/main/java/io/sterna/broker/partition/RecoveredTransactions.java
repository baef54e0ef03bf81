package io.sterna.broker.partition;

import io.sterna.amqp.codec.DecodeException;
import io.sterna.broker.queue.Outcome;
import io.sterna.store.LogOperation;
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
 * Transactions over several partitions that a crash has interrupted. What was decided is done, what was only prepared is
 * forgotten. Owned by the thread that recovers; what {@link #finish} posts, by the loops.
 */
final class RecoveredTransactions {
    private static final Logger log = LoggerFactory.getLogger(RecoveredTransactions.class);

    private final List<Branch> branches = new ArrayList<>();
    private final Set<TransactionKey> decided = new LinkedHashSet<>();

    /** What decided branches do to messages by queue and sequence; made once all values are known. */
    private Optional<Map<Long, Map<Long, Retired>>> retired = Optional.empty();

    private record Branch(int partition, TransactionKey key, PreparedWork work, List<LogOperation> operations) {}

    private record Retired(Branch branch, Outcome outcome) {}

    /** Takes a value that a partition keeps for itself; false when it has nothing to do with transactions. */
    boolean take(int partition, byte[] key, byte[] value) {
        Optional<TransactionKey> prepared = TransactionKey.ofPrepared(key);
        if (prepared.isPresent()) {
            try {
                branches.add(new Branch(partition, prepared.get(), PreparedWork.decode(value), new ArrayList<>()));
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
    Optional<RecoveredMessage> left(long queueId, RecoveredMessage message) {
        Retired its = retired().getOrDefault(queueId, Map.of()).get(message.sequence());
        if (its == null || its.outcome() instanceof Outcome.Released) {
            return Optional.of(message);
        }
        if (its.outcome() instanceof Outcome.Accepted) {
            its.branch().operations().add(new LogOperation.Acknowledged(queueId, new long[] {message.sequence()}));
            return Optional.empty();
        }
        return Optional.of(modified(queueId, message, its));
    }

    private static RecoveredMessage modified(long queueId, RecoveredMessage message, Retired its) {
        // A rejected one stays until it is rejected again: its payload is not at hand, and it is not lost this way.
        boolean failed = !(its.outcome() instanceof Outcome.Modified modified) || modified.deliveryFailed();
        byte[] added = its.outcome() instanceof Outcome.Modified modified ? modified.annotations() : new byte[0];
        byte[] annotations =
                added.length == 0 ? message.annotations() : Annotations.merge(message.annotations(), added);
        int count = message.deliveryCount() + (failed ? 1 : 0);
        its.branch()
                .operations()
                .add(new LogOperation.DeliveryUpdated(
                        queueId, message.sequence(), count, message.traits(), annotations));
        return new RecoveredMessage(message.sequence(), message.sizeBytes(), count, message.traits(), annotations);
    }

    private Map<Long, Map<Long, Retired>> retired() {
        if (retired.isEmpty()) {
            Map<Long, Map<Long, Retired>> found = new HashMap<>();
            for (Branch branch : branches) {
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
        for (Branch branch : branches) {
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
        for (Branch branch : branches) {
            if (branch.key().equals(key)) {
                Partition partition = partitions.get(branch.partition());
                Runnable whenDurable = () -> deciding.loop().run(left::down);
                partition.loop().run(() -> partition
                        .transactions()
                        .applyRecovered(key, branch.work(), branch.operations(), nodes, whenDurable));
            }
        }
    }

    /** Runs a task when it has been counted down; at once from 0. */
    private static final class Countdown {
        private final Runnable then;
        private int left;

        Countdown(int count, Runnable then) {
            this.then = then;
            left = count;
            if (count == 0) {
                then.run();
            }
        }

        void down() {
            if (--left == 0) {
                then.run();
            }
        }
    }
}

package io.sterna.broker.partition;

import io.sterna.amqp.AmqpError;
import io.sterna.amqp.ErrorCondition;
import io.sterna.broker.partition.TransactionBranch.Amount;
import io.sterna.store.LogOperation;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongFunction;

/**
 * A partition's part in transactions. What was prepared is kept in the store, so that it can still be done after a
 * crash when the partition that decides has decided so, and is forgotten when it has not. Owned by the partition's
 * loop.
 */
final class PartitionTransactions {
    /** The node id under which the store keeps what concerns the partition as a whole. */
    static final long PARTITION_ITSELF = 0;

    private final Partition partition;

    PartitionTransactions(Partition partition) {
        this.partition = partition;
    }

    /** How the preparing of a branch ended. */
    sealed interface Vote {
        record Prepared() implements Vote {}

        record Refused(AmqpError reason) implements Vote {}

        record Stopped(String reason) implements Vote {}
    }

    interface Voter {
        void on(Vote vote);
    }

    /** Why the branch can't be done; empty when it can. */
    Optional<AmqpError> refusal(TransactionBranch branch) {
        for (TransactionBranch.Retirement retirement : branch.retirements()) {
            if (!retirement.possible()) {
                return Optional.of(AmqpError.of(
                        ErrorCondition.ILLEGAL_STATE,
                        "a delivery from " + retirement.node().address()
                                + " was taken back before the commit, since its lock-duration was over"));
            }
        }
        for (TransactionBranch.Post post : branch.posts()) {
            if (post.needsNode() && post.node(partition).isEmpty()) {
                return Optional.of(AmqpError.of(ErrorCondition.RESOURCE_DELETED, post.address() + " was deleted"));
            }
        }
        if (branch.mostRecordBytes() > BrokerMessage.MAX_BYTES) {
            return Optional.of(AmqpError.of(
                    ErrorCondition.RESOURCE_LIMIT_EXCEEDED,
                    "the transaction is too large: what it does in one partition has to fit into one record"));
        }
        return amounts(branch).entrySet().stream()
                .flatMap(entry ->
                        entry
                                .getKey()
                                .fullness()
                                .refusal(
                                        entry.getValue().messages(),
                                        entry.getValue().bytes())
                                .stream())
                .findFirst();
    }

    private Map<QueueNode, Amount> amounts(TransactionBranch branch) {
        Map<QueueNode, Amount> amounts = new LinkedHashMap<>();
        for (TransactionBranch.Post post : branch.posts()) {
            Amount amount = new Amount(1, post.publication().message().sizeBytes());
            post.node(partition)
                    .map(node -> takers(node, post.publication()))
                    .orElseGet(List::of)
                    .forEach(queue -> amounts.merge(queue, amount, Amount::plus));
        }
        return amounts;
    }

    private static List<QueueNode> takers(Node node, Publication publication) {
        if (node instanceof TopicNode topic) {
            return topic.takers(publication);
        }
        QueueNode queue = (QueueNode) node;
        return queue.intake().isCopy(publication) ? List.of() : List.of(queue);
    }

    /** Keeps a branch until it is applied or aborted; votes when it can't be lost. */
    void prepare(TransactionKey key, TransactionBranch branch, Voter voter) {
        boolean served = partition.guard(() -> {
            Optional<AmqpError> refusal = refusal(branch);
            if (refusal.isPresent()) {
                voter.on(new Vote.Refused(refusal.get()));
                return;
            }
            branch.keepDeliveries(true);
            branch.reserve(amounts(branch));
            partition.append(new LogOperation.ValuePut(
                    PARTITION_ITSELF, key.prepared(), PreparedWork.of(branch).encode()));
            partition.afterAppended(() -> voter.on(new Vote.Prepared()));
        });
        if (!served) {
            voter.on(stopped());
        }
    }

    private Vote.Stopped stopped() {
        return new Vote.Stopped(partition.problem().orElseThrow());
    }

    /**
     * Does a branch, and the rest with it, in one record. Returns whether that will be; then it is told once durable.
     */
    boolean apply(TransactionBranch branch, Optional<LogOperation> rest, Runnable whenDurable) {
        return partition.guard(() -> partition.atomically(() -> {
                    rest.ifPresent(partition::append);
                    branch.apply();
                    partition.afterAppended(whenDurable);
                }))
                && partition.serves();
    }

    /**
     * Does what was prepared before a crash and has been decided.
     *
     * @param nodes finds a node by its id
     */
    void applyRecovered(RecoveredBranch branch, LongFunction<Optional<Node>> nodes, Runnable whenDurable) {
        partition.guard(() -> partition.atomically(() -> {
            byte[] key = branch.key().prepared();
            partition.append(branch.rest()
                    .<LogOperation>map(rest -> new LogOperation.ValuePut(PARTITION_ITSELF, key, rest.encode()))
                    .orElseGet(() -> new LogOperation.ValueRemoved(PARTITION_ITSELF, key)));
            branch.operations().forEach(partition::append);
            for (PreparedWork.Post post : branch.work().posts()) {
                nodes.apply(post.nodeId())
                        .ifPresent(node -> TransactionBranch.publish(node, new RecoveredPublication(post)));
            }
            partition.afterAppended(() -> partition.guard(() -> bury(branch, whenDurable)));
        }));
    }

    private void bury(RecoveredBranch branch, Runnable whenDurable) {
        Countdown left = new Countdown(branch.letters().size(), () -> {
            if (branch.rest().isPresent()) {
                forget(branch.key().prepared());
            }
            partition.afterAppended(whenDurable);
        });
        branch.letters().forEach((node, letters) -> node.bury(letters, left::down));
    }

    /** Forgets a branch that was prepared, or refused to. */
    void abort(TransactionKey key, TransactionBranch branch) {
        forget(key.prepared());
        partition.guard(branch::giveUp);
    }

    /** Forgets a prepared branch or a decision. */
    void forget(byte[] key) {
        partition.guard(() -> partition.append(new LogOperation.ValueRemoved(PARTITION_ITSELF, key)));
    }
}

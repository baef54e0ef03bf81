package io.sterna.broker.partition;

import io.sterna.amqp.AmqpError;
import io.sterna.amqp.ErrorCondition;
import io.sterna.broker.partition.TransactionBranch.Amount;
import io.sterna.store.LogOperation;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A partition's part in transactions. What was prepared is kept in the store, so that it can still be done after a
 * crash, or by another owner, when the partition that decides has decided so, and is forgotten when it has not. Owned by the partition's
 * loop.
 */
final class PartitionTransactions {
    /** The node id under which the store keeps what concerns the partition as a whole. */
    static final long PARTITION_ITSELF = 0;

    private final Partition partition;
    private final PendingTransactions pending;

    PartitionTransactions(Partition partition) {
        this.partition = partition;
        pending = new PendingTransactions(partition);
    }

    PendingTransactions pending() {
        return pending;
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
            keep(branch);
            pending.onPreparing(key, branch, voter);
            partition.append(new LogOperation.ValuePut(
                    PARTITION_ITSELF, key.prepared(), PreparedWork.of(branch).encode()));
            partition.afterAppended(() -> pending.onPrepared(key));
        });
        if (!served) {
            voter.on(stopped());
        }
    }

    /** What a branch is to settle stays where it is, and what it is to bring has room. */
    private void keep(TransactionBranch branch) {
        branch.keepDeliveries(true);
        branch.reserve(amounts(branch));
    }

    /** A branch that the store has kept; before the partition starts. */
    void restore(TransactionKey key, TransactionBranch branch) {
        keep(branch);
        pending.restore(key, branch);
    }

    private Vote.Stopped stopped() {
        return new Vote.Stopped(partition.problem().orElseThrow());
    }

    /**
     * Does a branch, and the rest with it, in one record. Returns whether that will be; then it is told once durable.
     *
     * @param orGone told in place of that when another node gets the partition before
     */
    boolean apply(TransactionBranch branch, Optional<LogOperation> rest, Runnable whenDurable, Runnable orGone) {
        return partition.guard(() -> partition.atomically(() -> {
                    rest.ifPresent(partition::append);
                    branch.apply();
                    partition.afterAppended(whenDurable, orGone);
                }))
                && partition.serves();
    }

    /** Does a branch that was prepared, as was decided; as above. */
    boolean applyPrepared(TransactionKey key, Runnable whenDurable, Runnable orGone) {
        return partition.guard(() -> pending.take(key)
                        .ifPresentOrElse(
                                branch -> apply(branch, Optional.of(forgetting(key.prepared())), whenDurable, orGone),
                                () -> pending.whenDone(key, () -> partition.afterAppended(whenDurable, orGone))))
                && partition.serves();
    }

    /**
     * As above, when those are gone perhaps who have asked for it. What goes to the dead letters is read first, so that it
     * can be moved in the same record.
     */
    void applyUnattended(TransactionKey key, TransactionBranch branch, Runnable whenDurable) {
        branch.read(() -> apply(branch, Optional.of(forgetting(key.prepared())), whenDurable, () -> {}));
    }

    /** Forgets a branch that was prepared; one that was not has nothing to forget. */
    void abort(TransactionKey key) {
        partition.guard(() -> pending.take(key).ifPresent(branch -> {
            forget(key.prepared());
            branch.giveUp();
        }));
    }

    /** As above, when those are gone perhaps who have asked for it: what they had goes back, once that is sure. */
    void abortUnattended(TransactionKey key, TransactionBranch branch, Runnable whenDurable) {
        forget(key.prepared());
        partition.afterAppended(() -> partition.guard(() -> {
            branch.giveBack();
            whenDurable.run();
        }));
    }

    /** Forgets a prepared branch or a decision. */
    void forget(byte[] key) {
        partition.guard(() -> partition.append(forgetting(key)));
    }

    private static LogOperation forgetting(byte[] key) {
        return new LogOperation.ValueRemoved(PARTITION_ITSELF, key);
    }
}

package io.sterna.broker.partition;

import io.sterna.broker.queue.Acquisition;
import io.sterna.store.RecoveredMessage;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongFunction;

/**
 * What a partition has prepared of a transaction that a crash or a move has interrupted: as it was, but for consumers that
 * are gone. Its messages are with stand-ins, so that nobody gets them before it is known what was decided. Owned by the
 * thread that recovers.
 */
final class RecoveredBranch {
    private final TransactionKey key;
    private final Partition partition;
    private final PreparedWork work;
    private final Map<QueueNode, Subscription> standIns = new LinkedHashMap<>();

    /** Who has a message, by queue and sequence. */
    private final Map<QueueNode, Map<Long, Subscription>> holders = new HashMap<>();

    RecoveredBranch(TransactionKey key, Partition partition, PreparedWork work) {
        this.key = key;
        this.partition = partition;
        this.work = work;
    }

    Partition partition() {
        return partition;
    }

    PreparedWork work() {
        return work;
    }

    /**
     * A message whose outcome was prepared.
     *
     * @param before who had it, if that is known
     */
    void restore(QueueNode node, RecoveredMessage message, Optional<Subscription> before) {
        Subscription holder = before.orElseGet(
                () -> standIns.computeIfAbsent(node, its -> its.seats().restoreForTransactions()));
        holders.computeIfAbsent(node, its -> new HashMap<>()).put(message.sequence(), holder);
        node.restore(due(message), Optional.of(holder));
    }

    /** It had been delivered: its time has come, whatever the clock says now. */
    private static RecoveredMessage due(RecoveredMessage message) {
        return new RecoveredMessage(
                message.sequence(),
                message.sizeBytes(),
                message.deliveryCount(),
                TraitsCodec.encode(TraitsCodec.decode(message.traits()).withDeliverAtMillis(0)),
                message.annotations());
    }

    /** All messages are there. */
    void onRecovered(LongFunction<Optional<Node>> nodes) {
        TransactionBranch branch = new TransactionBranch(partition);
        for (PreparedWork.Retirement each : work.retirements()) {
            nodes.apply(each.queueId()).ifPresent(node -> retire((QueueNode) node, each, branch));
        }
        for (PreparedWork.Post post : work.posts()) {
            nodes.apply(post.nodeId())
                    .ifPresent(node -> branch.post(
                            new TransactionBranch.Post(node.address(), node, new RecoveredPublication(post))));
        }
        standIns.forEach((node, standIn) -> node.seats().leave(standIn));
        partition.transactions().restore(key, branch);
    }

    private void retire(QueueNode node, PreparedWork.Retirement retirement, TransactionBranch branch) {
        Map<Long, Subscription> there = holders.getOrDefault(node, Map.of());
        Map<Subscription, List<Acquisition>> found = new LinkedHashMap<>();
        for (long sequence : retirement.sequences()) {
            Optional.ofNullable(there.get(sequence))
                    .ifPresent(holder -> found.computeIfAbsent(holder, its -> new ArrayList<>())
                            .add(new Acquisition(sequence, 0)));
        }
        found.forEach((holder, acquisitions) ->
                branch.retire(new TransactionBranch.Retirement(node, holder, acquisitions, retirement.outcome())));
    }
}

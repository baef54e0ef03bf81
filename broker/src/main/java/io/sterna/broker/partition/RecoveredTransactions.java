package io.sterna.broker.partition;

import io.sterna.amqp.codec.DecodeException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongFunction;

/**
 * Transactions over several partitions that a crash or a move has interrupted, as far as the partitions that are being
 * recovered have to do with them. Owned by the thread that recovers.
 */
final class RecoveredTransactions {
    private final List<RecoveredBranch> branches = new ArrayList<>();

    /** By queue and sequence of the messages that they settle; made once all values are known. */
    private Optional<Map<Long, Map<Long, RecoveredBranch>>> settling = Optional.empty();

    /** Takes a value that a partition keeps for itself; false when it has nothing to do with transactions. */
    boolean take(Partition partition, byte[] key, byte[] value) {
        Optional<TransactionKey> prepared = TransactionKey.ofPrepared(key);
        Optional<TransactionKey> decision = TransactionKey.ofDecided(key);
        try {
            if (prepared.isPresent()) {
                branches.add(new RecoveredBranch(prepared.get(), partition, PreparedWork.decode(value)));
            } else if (decision.isPresent()) {
                partition.transactions().pending().restore(decision.get(), Participants.decode(value));
            }
        } catch (DecodeException otherVersion) {
            throw new IllegalStateException("partition " + partition.id() + " has " + otherVersion.getMessage());
        }
        return prepared.isPresent() || decision.isPresent();
    }

    /** The one that has prepared an outcome for a message. */
    Optional<RecoveredBranch> settling(QueueNode node, long sequence) {
        if (branches.isEmpty()) {
            return Optional.empty();
        }
        return Optional.ofNullable(settling().getOrDefault(node.id(), Map.of()).get(sequence));
    }

    private Map<Long, Map<Long, RecoveredBranch>> settling() {
        if (settling.isEmpty()) {
            Map<Long, Map<Long, RecoveredBranch>> found = new HashMap<>();
            for (RecoveredBranch branch : branches) {
                branch.work().retirements().forEach(each -> {
                    Map<Long, RecoveredBranch> ofQueue = found.computeIfAbsent(each.queueId(), id -> new HashMap<>());
                    for (long sequence : each.sequences()) {
                        ofQueue.put(sequence, branch);
                    }
                });
            }
            settling = Optional.of(found);
        }
        return settling.get();
    }

    /** All messages of a partition are there; it does not serve yet. */
    void onRecovered(Partition partition, LongFunction<Optional<Node>> nodes) {
        branches.stream()
                .filter(branch -> branch.partition() == partition)
                .forEach(branch -> branch.onRecovered(nodes));
    }
}

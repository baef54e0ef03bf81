package io.sterna.broker.partition;

import io.sterna.broker.queue.Outcome;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * All that a transaction does, by partition. Filled on the connection's loop and then handed over with {@link #commit};
 * the order of posts and outcomes in each node is that in which they were added.
 */
public final class TransactionWork {
    private final Map<Partition, TransactionBranch> branches = new LinkedHashMap<>();
    private final Map<TopicNode, List<String>> patterns = new HashMap<>();

    /** A message is to be published. Of the publication only the message and the producer are asked for. */
    public void post(Node node, Publication publication) {
        branch(node.partition()).post(new TransactionBranch.Post(node.address(), node, publication));
        if (node instanceof TopicNode topic) {
            Partitions all = node.partition().all();
            Publication forwarded = new ForwardedPublication(publication, topic.address());
            for (String pattern : patterns.computeIfAbsent(topic, TransactionWork::patternsOf)) {
                branch(all.of(pattern)).post(new TransactionBranch.Post(pattern, null, forwarded));
            }
        }
    }

    private static List<String> patternsOf(TopicNode topic) {
        return topic.owner().isPresent()
                ? List.of()
                : topic.partition().all().patterns().matching(topic.address());
    }

    /** Deliveries of a consumer, which may be gone meanwhile, get their outcome. */
    public void retire(QueueNode node, Subscription subscription, long[] sequences, Outcome outcome) {
        branch(node.partition()).retire(new TransactionBranch.Retirement(node, subscription, sequences, outcome));
    }

    private TransactionBranch branch(Partition partition) {
        return branches.computeIfAbsent(partition, TransactionBranch::new);
    }

    /** Does it, all or nothing. Not called again, and nothing is added, afterwards. */
    public void commit(CommitAnswer answer) {
        List<TransactionBranch> all = new ArrayList<>(branches.values());
        if (all.isEmpty()) {
            answer.onCommitted();
            return;
        }
        TransactionBranch first = all.remove(0);
        Commit commit = new Commit(first, all, answer);
        first.partition().loop().post(commit::begin);
    }
}

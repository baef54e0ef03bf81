package io.sterna.broker.partition;

import io.sterna.broker.queue.Acquisition;
import io.sterna.broker.queue.Outcome;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a transaction does in one partition. Handed over by the loop that fills it to the partition's. */
final class TransactionBranch {
    private final Partition partition;
    private final List<Post> posts = new ArrayList<>();
    private final List<Retirement> retirements = new ArrayList<>();
    private Map<QueueNode, Amount> amounts = Map.of();

    /** What is sent to one queue. */
    record Amount(long messages, long bytes) {
        Amount plus(Amount other) {
            return new Amount(messages + other.messages, bytes + other.bytes);
        }
    }

    /**
     * A message for one node.
     *
     * @param known the node; null for the topic that is a pattern, of which only the partition knows whether it is there
     */
    record Post(String address, @Nullable Node known, Publication publication) {

        /** Where it goes, if there is anything left. On the partition's loop. */
        Optional<Node> node(Partition partition) {
            return partition.nodes().find(address).filter(found -> known == null || found == known);
        }

        /** Whether it is known to be wanted there. */
        boolean needsNode() {
            return known != null;
        }
    }

    record Retirement(QueueNode node, Subscription subscription, List<Acquisition> acquisitions, Outcome outcome) {
        /** Whether it can still be done: the lock of a delivery may have ended meanwhile. */
        boolean possible() {
            return node.seats().holds(subscription, acquisitions);
        }
    }

    TransactionBranch(Partition partition) {
        this.partition = partition;
    }

    Partition partition() {
        return partition;
    }

    void post(Post post) {
        posts.add(post);
    }

    void retire(Retirement retirement) {
        retirements.add(retirement);
    }

    List<Post> posts() {
        return posts;
    }

    List<Retirement> retirements() {
        return retirements;
    }

    /** What it is to settle is not taken back while that is prepared, or may be again. On the partition's loop. */
    void keepDeliveries(boolean kept) {
        retirements.forEach(each -> each.node().seats().keep(each.subscription(), each.acquisitions(), kept));
    }

    /** Keeps room for what is prepared, until it is done or given up. On the partition's loop. */
    void reserve(Map<QueueNode, Amount> wanted) {
        amounts = wanted;
        amounts.forEach((queue, amount) -> queue.fullness().reserve(amount.messages(), amount.bytes()));
    }

    private void releaseRoom() {
        amounts.forEach((queue, amount) -> queue.fullness().release(amount.messages(), amount.bytes()));
        amounts = Map.of();
    }

    /** What was prepared does not happen. On the partition's loop. */
    void giveUp() {
        keepDeliveries(false);
        releaseRoom();
    }

    /** Does it; to be gathered into one record. On the partition's loop. */
    void apply() {
        releaseRoom();
        Set<QueueNode> left = new LinkedHashSet<>();
        for (Retirement retirement : retirements) {
            retirement
                    .node()
                    .seats()
                    .settle(retirement.subscription(), retirement.acquisitions(), retirement.outcome());
            left.add(retirement.node());
        }
        left.forEach(QueueNode::flushDepartures);
        for (Post post : posts) {
            post.node(partition).ifPresent(node -> publish(node, post.publication()));
        }
    }

    /** Into a queue, or into the subscriptions of a topic that live here. */
    static void publish(Node node, Publication publication) {
        if (node instanceof TopicNode topic) {
            topic.publishHere(publication);
        } else {
            node.publish(publication);
        }
    }
}

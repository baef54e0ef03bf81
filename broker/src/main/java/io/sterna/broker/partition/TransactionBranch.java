package io.sterna.broker.partition;

import io.sterna.broker.queue.Acquisition;
import io.sterna.broker.queue.Outcome;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What a transaction does in one partition. Handed over by the loop that fills it to the partition's. */
final class TransactionBranch {
    /** What a record takes for an operation besides what a message or an outcome brings along; rather too much. */
    private static final int OPERATION_BYTES = 256;

    /** Of a character in UTF-8. */
    private static final int MAX_CHARACTER_BYTES = 3;

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
     * @param known the node; null for the topic that is a pattern, of which only the partition knows whether it is
     *     there
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

        private long mostBytes() {
            BrokerMessage message = publication.message();
            long names = (long) address.length()
                    + publication.producer().containerId().length();
            return message.durable()
                    ? OPERATION_BYTES + MAX_CHARACTER_BYTES * names + withTraits(message.sizeBytes())
                    : 0;
        }
    }

    record Retirement(QueueNode node, Subscription subscription, List<Acquisition> acquisitions, Outcome outcome) {
        /** Whether it can still be done: the lock of a delivery may have ended meanwhile. */
        boolean possible() {
            return node.seats().holds(subscription, acquisitions);
        }

        /** Whether messages may move to the dead letters. */
        private boolean mayMove() {
            return !(outcome instanceof Outcome.Accepted || outcome instanceof Outcome.Released);
        }

        /** What can't move leaves no more than its name. */
        private long mostBytes() {
            long names = (long) OPERATION_BYTES * acquisitions.size();
            if (!mayMove()) {
                return names;
            }
            return names
                    + acquisitions.size() * noteBytes()
                    + withTraits(node.seats().bytes(subscription, acquisitions));
        }

        private long noteBytes() {
            if (outcome instanceof Outcome.Modified modified) {
                return modified.annotations().length;
            }
            return outcome instanceof Outcome.Rejected rejected
                    ? (long) MAX_CHARACTER_BYTES
                            * (rejected.condition().length()
                                    + rejected.description().length())
                    : 0;
        }
    }

    /** What of a message is written beside it, its group and what tells its copies, is in it too. */
    private static long withTraits(long messageBytes) {
        return 2 * messageBytes;
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

    /** No record of it is longer than this, but for the ids of many subscriptions. On the partition's loop. */
    long mostRecordBytes() {
        return posts.stream().mapToLong(Post::mostBytes).sum()
                + retirements.stream().mapToLong(Retirement::mostBytes).sum();
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

    /** As above, and what is with consumers that are gone goes back. On the partition's loop. */
    void giveBack() {
        giveUp();
        retirements.forEach(each -> each.node().seats().releaseIfGone(each.subscription(), each.acquisitions()));
    }

    /**
     * Reads what is not in memory of what may go to the dead letters. On the partition's loop.
     *
     * @param then run when that is there, or can't be had any more
     */
    void read(Runnable then) {
        read(retirements.iterator(), then);
    }

    private static void read(Iterator<Retirement> left, Runnable then) {
        while (left.hasNext()) {
            Retirement next = left.next();
            if (next.mayMove()) {
                new HeldPayloads(next.node(), next.subscription(), () -> read(left, then)).load();
                return;
            }
        }
        then.run();
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

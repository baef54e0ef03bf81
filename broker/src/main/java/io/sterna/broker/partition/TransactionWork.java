package io.sterna.broker.partition;

import io.sterna.amqp.AmqpError;
import io.sterna.amqp.ErrorCondition;
import io.sterna.broker.queue.Acquisition;
import io.sterna.broker.queue.Outcome;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * All that a transaction does, by partition. Filled on the connection's loop and then handed over with {@link #commit};
 * the order of posts and outcomes in each node is that in which they were added.
 */
public final class TransactionWork {
    private final Map<Partition, TransactionBranch> branches = new LinkedHashMap<>();
    private final List<Post> posts = new ArrayList<>();

    /** Topics where copies are told, with what they are sent that others get from them, too. */
    private final Map<TopicNode, List<Publication>> told = new LinkedHashMap<>();

    private final Map<TopicNode, List<String>> patterns = new HashMap<>();
    private final List<TopicCommits.Claim> claims = new ArrayList<>();

    private record Post(Node node, Publication publication, List<String> patterns) {}

    /** A message is to be published. What becomes of it, the answer to the commit says. */
    public void post(Node node, Publication publication) {
        if (node instanceof TopicNode topic) {
            List<String> others = patterns.computeIfAbsent(topic, TransactionWork::patternsOf);
            posts.add(new Post(topic, publication, others));
            if (!others.isEmpty() && topic.tellsCopies()) {
                told.computeIfAbsent(topic, its -> new ArrayList<>()).add(publication);
            }
        } else {
            posts.add(new Post(node, publication, List.of()));
        }
    }

    private static List<String> patternsOf(TopicNode topic) {
        return topic.owner().isPresent()
                ? List.of()
                : topic.partition().all().patterns().matching(topic.address()).addresses();
    }

    /** Deliveries of a consumer, which may be gone meanwhile, get their outcome. */
    public void retire(QueueNode node, Subscription subscription, List<Acquisition> acquisitions, Outcome outcome) {
        branch(node.partition()).retire(new TransactionBranch.Retirement(node, subscription, acquisitions, outcome));
    }

    private TransactionBranch branch(Partition partition) {
        return branches.computeIfAbsent(partition, TransactionBranch::new);
    }

    /** Does it, all or nothing. Not called again, and nothing is added, afterwards. */
    public void commit(CommitAnswer answer) {
        claim(told.entrySet().iterator(), answer);
    }

    /**
     * What is a copy at a topic is one for all that get it from there: it is left out. Topics are asked one after the
     * other. Where another commit has a copy under way, nobody knows yet: to wait for each other could last for ever.
     */
    private void claim(Iterator<Map.Entry<TopicNode, List<Publication>>> left, CommitAnswer answer) {
        if (!left.hasNext()) {
            Set<Publication> copies = new HashSet<>();
            claims.forEach(claim -> copies.addAll(claim.copies()));
            posts.stream()
                    .filter(post -> !copies.contains(post.publication()))
                    .forEach(post -> add(post.node(), post.publication(), post.patterns()));
            begin(claims.isEmpty() ? answer : new Releasing(answer));
            return;
        }
        Map.Entry<TopicNode, List<Publication>> next = left.next();
        TopicNode topic = next.getKey();
        topic.loop().post(() -> {
            Optional<TopicCommits.Claim> claim = topic.commits().claim(next.getValue());
            if (claim.isPresent()) {
                claims.add(claim.get());
                claim(left, answer);
            } else {
                new Releasing(answer)
                        .onRefused(AmqpError.of(
                                ErrorCondition.RESOURCE_LOCKED,
                                "a copy of a message to " + topic.address() + " is being committed; try again"));
            }
        });
    }

    /** Adds a message for a node, and for the topics with wildcards that get it from there. */
    void add(Node node, Publication publication, List<String> others) {
        branch(node.partition()).post(new TransactionBranch.Post(node.address(), node, publication));
        for (String pattern : others) {
            Publication forwarded =
                    new SharedPublication(publication, Optional.of(node.address()), publication::onStored);
            branch(node.partition().all().of(pattern)).post(new TransactionBranch.Post(pattern, null, forwarded));
        }
    }

    /** Does what was added. */
    void begin(CommitAnswer answer) {
        List<TransactionBranch> all = new ArrayList<>(branches.values());
        if (all.isEmpty()) {
            answer.onCommitted();
            return;
        }
        TransactionBranch first = all.remove(0);
        Commit commit = new Commit(first, all, answer);
        first.partition().loop().post(commit::begin);
    }

    /** Lets go of what was claimed before it answers. */
    private final class Releasing implements CommitAnswer {
        private final CommitAnswer answer;

        Releasing(CommitAnswer answer) {
            this.answer = answer;
        }

        private void release() {
            claims.forEach(claim ->
                    claim.topic().loop().post(() -> claim.topic().commits().release(claim.ids())));
        }

        @Override
        public void onCommitted() {
            release();
            answer.onCommitted();
        }

        @Override
        public void onRefused(AmqpError reason) {
            release();
            answer.onRefused(reason);
        }

        @Override
        public void onStopped(String reason) {
            release();
            answer.onStopped(reason);
        }
    }
}

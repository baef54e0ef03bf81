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
import java.util.function.Consumer;

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
        claim(told.entrySet().iterator(), answer, this::begin);
    }

    /**
     * Prepares it, as the part that decides; the handle comes when all but the deciding partition are prepared. As above.
     *
     * @param whenPrepared called on a partition's loop, unless the answer says that nothing happens
     */
    public void prepareToDecide(CommitAnswer answer, Consumer<CommitHandle> whenPrepared) {
        claim(told.entrySet().iterator(), answer, its -> begin(its, Optional.of(whenPrepared)));
    }

    /**
     * Prepares it, as a part that does what another node decides. As above.
     *
     * @param name what the part that decides has told
     */
    public void prepare(byte[] name, CommitAnswer answer, Consumer<CommitHandle> whenPrepared) {
        claim(told.entrySet().iterator(), answer, its -> {
            if (branches.isEmpty()) {
                whenPrepared.accept(new NothingToDo(its, new byte[Long.BYTES]));
            } else {
                new PreparedCommit(TransactionKey.named(name), List.copyOf(branches.values()), its, whenPrepared)
                        .begin();
            }
        });
    }

    /** All that it has are copies of what is there. */
    private record NothingToDo(CommitAnswer answer, byte[] told) implements CommitHandle {
        @Override
        public void goOn(long others) {
            answer.onCommitted();
        }

        @Override
        public void giveUp() {
            leave();
        }

        @Override
        public void leave() {
            answer.onRefused(AmqpError.of(ErrorCondition.TRANSACTION_ROLLBACK, "another node can't do its part"));
        }
    }

    /**
     * What is a copy at a topic is one for all that get it from there: it is left out. Topics are asked one after the
     * other. Where another commit has a copy under way, nobody knows yet: to wait for each other could last for ever.
     */
    private void claim(
            Iterator<Map.Entry<TopicNode, List<Publication>>> left, CommitAnswer answer, Consumer<CommitAnswer> then) {
        if (!left.hasNext()) {
            Set<Publication> copies = new HashSet<>();
            claims.forEach(claim -> copies.addAll(claim.copies()));
            posts.stream()
                    .filter(post -> !copies.contains(post.publication()))
                    .forEach(post -> add(post.node(), post.publication(), post.patterns()));
            then.accept(claims.isEmpty() ? answer : new Releasing(answer));
            return;
        }
        Map.Entry<TopicNode, List<Publication>> next = left.next();
        TopicNode topic = next.getKey();
        topic.loop().post(() -> {
            Optional<TopicCommits.Claim> claim = topic.commits().claim(next.getValue());
            if (claim.isPresent()) {
                claims.add(claim.get());
                claim(left, answer, then);
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
        begin(answer, Optional.empty());
    }

    private void begin(CommitAnswer answer, Optional<Consumer<CommitHandle>> whenPrepared) {
        List<TransactionBranch> all = new ArrayList<>(branches.values());
        if (all.isEmpty()) {
            whenPrepared.ifPresentOrElse(its -> its.accept(new NothingToDo(answer, new byte[0])), answer::onCommitted);
            return;
        }
        TransactionBranch first = all.remove(0);
        Commit commit = new Commit(first, all, answer, whenPrepared);
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

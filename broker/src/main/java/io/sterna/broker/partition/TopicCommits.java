package io.sterna.broker.partition;

import io.sterna.amqp.AmqpError;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Commits under way that a topic has a part in, since what is sent to it goes to topics with wildcards in other
 * partitions, too. An id by which copies are known is claimed by the first commit that has it until that has ended, and
 * a message enters after all those that came before it. Owned by the partition's loop.
 */
final class TopicCommits {
    private final TopicNode topic;
    private final Set<ByteBuffer> claimed = new HashSet<>(0);

    /** What waits for the end of commits, the first first; as much as producers have credit for. */
    private final ArrayDeque<Publication> waiting = new ArrayDeque<>(0);

    /** The patterns that the latest own commit goes to, and all those before it that are under way. */
    private List<String> patterns = List.of();

    private int underWay;

    TopicCommits(TopicNode topic) {
        this.topic = topic;
    }

    /** Publishes a message when nothing that came before can be overtaken by it, and no copy of it is under way. */
    void publish(Publication publication) {
        if (waiting.isEmpty() && mayEnter(publication)) {
            topic.publishNow(publication);
        } else {
            waiting.add(publication);
        }
    }

    /** A commit to fewer partitions could be decided before an earlier one to more. */
    private boolean mayEnter(Publication publication) {
        return (underWay == 0 || topic.matchingPatterns().addresses().containsAll(patterns))
                && (claimed.isEmpty()
                        || topic.intake()
                                .copyId(publication)
                                .filter(claimed::contains)
                                .isEmpty());
    }

    /** Whether a message is for a commit of its own: only what may be refused is. */
    boolean wants(Publication publication) {
        return publication.mayBeRefused()
                && (underWay > 0
                        || publication.tag().isPresent()
                        || topic.tellsCopies()
                        || topic.matchingPatterns().rejecting());
    }

    /**
     * Publishes a message here and for patterns, as a transaction of its own: its sender must not find it in some of
     * them only when it asks again, or when one of them has no room.
     */
    void commit(Publication publication, List<String> others) {
        Set<ByteBuffer> ids = claim(List.of(publication)).orElseThrow().ids();
        underWay++;
        patterns = others;
        TransactionWork work = new TransactionWork();
        work.add(topic, new AtomicPublication(publication), others);
        work.begin(new CommitAnswer() {
            @Override
            public void onCommitted() {
                publication.onStored();
                onEnded(ids);
            }

            @Override
            public void onRefused(AmqpError reason) {
                publication.onRefused(reason);
                onEnded(ids);
            }

            @Override
            public void onStopped(String reason) {
                publication.onStopped(reason);
                onEnded(ids);
            }
        });
    }

    private void onEnded(Set<ByteBuffer> ids) {
        underWay--;
        release(ids);
    }

    /**
     * What a commit has to know of messages to this topic.
     *
     * @param ids are claimed now, and to be released when it has ended
     * @param copies of what was here before, or comes earlier in the same commit
     */
    record Claim(TopicNode topic, Set<ByteBuffer> ids, Set<Publication> copies) {}

    /** Claims the ids of messages; empty when another commit has claimed one of them. */
    Optional<Claim> claim(List<Publication> publications) {
        Set<ByteBuffer> ids = new HashSet<>();
        Set<Publication> copies = new HashSet<>();
        for (Publication publication : publications) {
            Optional<ByteBuffer> id = topic.intake().copyId(publication);
            if (id.filter(claimed::contains).isPresent()) {
                return Optional.empty();
            }
            if (topic.intake().isCopy(publication) || (id.isPresent() && !ids.add(id.get()))) {
                copies.add(publication);
            }
        }
        claimed.addAll(ids);
        return Optional.of(new Claim(topic, ids, copies));
    }

    /** Commits under way have ended, or will not begin. */
    void release(Set<ByteBuffer> ids) {
        claimed.removeAll(ids);
        while (!waiting.isEmpty() && mayEnter(waiting.element())) {
            topic.publishNow(waiting.remove());
        }
    }
}

package io.sterna.cluster;

import java.util.Collections;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * How what a candidate holds differs from what the owner holds. Messages can only be added above those that a queue or a
 * topic had. Where one is missing below, all of that queue or topic is removed first, and then all is missing: so it is
 * where the candidate's log ends with an acknowledgement that was superseded.
 */
public final class Comparison {
    private final Holdings held;
    private final Holdings mine;
    private final Set<Long> deleted;
    private final Set<Long> queuesAnew = new HashSet<>();
    private final Set<Long> topicsAnew = new HashSet<>();

    /** Messages of topics of which the candidate's are removed. */
    private final SequenceRanges referencesAnew;

    public Comparison(Holdings held, Holdings mine) {
        this.held = held;
        this.mine = mine;
        mine.queues().forEach((id, queue) -> {
            if (!fits(queue.own(), held.queue(id).own())) {
                queuesAnew.add(id);
            }
        });
        SequenceRanges anew = SequenceRanges.NONE;
        for (Map.Entry<Long, Holdings.Messages> topic : mine.topics().entrySet()) {
            Holdings.Messages there = held.topic(topic.getKey());
            if (!fits(topic.getValue(), there) || lacksReference(there.live())) {
                topicsAnew.add(topic.getKey());
                anew = anew.or(there.live());
            }
        }
        referencesAnew = anew;
        deleted = new LinkedHashSet<>(held.nodes());
        mine.nodes().forEach(deleted::remove);
        deleted.addAll(queuesAnew);
    }

    private static boolean fits(Holdings.Messages mine, Holdings.Messages held) {
        return mine.live()
                .without(held.live())
                .within(Long.MIN_VALUE, held.highest())
                .isEmpty();
    }

    /** Whether the candidate has one of these messages, but not for all queues; those that are made anew have none. */
    private boolean lacksReference(SequenceRanges payloads) {
        return mine.queues().entrySet().stream().anyMatch(queue -> {
            SequenceRanges references = queue.getValue().references().and(payloads);
            SequenceRanges there = queuesAnew.contains(queue.getKey())
                    ? SequenceRanges.NONE
                    : held.queue(queue.getKey()).references();
            return !references.without(there).isEmpty();
        });
    }

    /** The candidate's nodes, and queues without a node, that are removed: the owner has not got them, or they are made anew. */
    public Set<Long> deleted() {
        return Collections.unmodifiableSet(deleted);
    }

    /** The owner's nodes: the candidate may have them with other settings. */
    public List<Long> nodes() {
        return mine.nodes();
    }

    /** The candidate's values that the owner has not got. */
    public List<Holdings.Value> removedValues() {
        Set<Holdings.Value> removed = new LinkedHashSet<>(held.values());
        mine.values().forEach(removed::remove);
        return List.copyOf(removed);
    }

    /** The owner's values: the candidate may have others. */
    public List<Holdings.Value> values() {
        return mine.values();
    }

    /** The candidate's messages that leave their queue, by queue: the owner has not got them, or they are in the way. */
    public NavigableMap<Long, SequenceRanges> acknowledged() {
        NavigableMap<Long, SequenceRanges> gone = new TreeMap<>();
        held.queues().forEach((id, queue) -> {
            Holdings.Queue own = mine.queue(id);
            SequenceRanges its = queue.own()
                    .live()
                    .without(own.own().live())
                    .or(queue.references().without(own.references()))
                    .or(queue.references().and(referencesAnew));
            if (!its.isEmpty() && !deleted.contains(id)) {
                gone.put(id, its);
            }
        });
        return gone;
    }

    /** Messages whose state is told, by queue: both have them, and one of both, or both, not as they came. */
    public NavigableMap<Long, SequenceRanges> updated() {
        NavigableMap<Long, SequenceRanges> updated = new TreeMap<>();
        mine.queues().forEach((id, queue) -> {
            Holdings.Queue there = held.queue(id);
            SequenceRanges own = queue.own().live().and(there.own().live());
            SequenceRanges references =
                    queue.references().and(there.references()).without(referencesAnew);
            SequenceRanges its = own.or(references).and(queue.updated().or(there.updated()));
            if (!its.isEmpty() && !queuesAnew.contains(id)) {
                updated.put(id, its);
            }
        });
        return updated;
    }

    /** What the candidate has of a queue's own messages, or of a topic's, when that which is in the way is removed. */
    public SequenceRanges kept(MessageOwner owner) {
        if (owner.ofTopic()) {
            return topicsAnew.contains(owner.id())
                    ? SequenceRanges.NONE
                    : held.topic(owner.id()).live();
        }
        return queuesAnew.contains(owner.id())
                ? SequenceRanges.NONE
                : held.queue(owner.id()).own().live();
    }

    /** Whatever has messages that the candidate lacks. */
    public Set<MessageOwner> lacking() {
        Set<MessageOwner> lacking = new TreeSet<>();
        mine.queues().forEach((id, queue) -> addIfLacking(lacking, MessageOwner.queue(id), queue.own()));
        mine.topics().forEach((id, topic) -> addIfLacking(lacking, MessageOwner.topic(id), topic));
        return Collections.unmodifiableSet(lacking);
    }

    private void addIfLacking(Set<MessageOwner> lacking, MessageOwner owner, Holdings.Messages messages) {
        if (!messages.live().without(kept(owner)).isEmpty()) {
            lacking.add(owner);
        }
    }
}

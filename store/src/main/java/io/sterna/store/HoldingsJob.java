package io.sterna.store;

import io.sterna.store.Contents.HoldingsVisitor;
import io.sterna.store.Contents.MessageSource;
import io.sterna.store.MessageWalk.Detail;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;
import java.util.Optional;

/** Tells names and numbers of what a partition holds, see {@link Contents#holdings}. Owned by the worker. */
final class HoldingsJob implements ContentJobs.Job {
    private static final long VALUE_BYTES = 256 << 10;

    private final int partition;
    private final HoldingsVisitor visitor;
    private final StoreState state;
    private final ValueReader values;
    private final MessageWalk walk;
    private final ValueScope scope;
    private final Deque<Part> parts = new ArrayDeque<>();
    private Optional<EntryKey> valuesAfter;
    private long from = Long.MIN_VALUE;
    private boolean begun;

    /** Messages of a queue's own or of a topic, or, with a set, those of a topic that a queue refers to. */
    private record Part(QueueState owner, Optional<ReferenceSet> set) {}

    HoldingsJob(int partition, HoldingsVisitor visitor, StoreState state, ValueReader values, MessageWalk walk) {
        this.partition = partition;
        this.visitor = visitor;
        this.state = state;
        this.values = values;
        this.walk = walk;
        scope = ValueScope.ofContent(partition);
        valuesAfter = Optional.of(scope.first());
    }

    @Override
    public boolean step() throws StoreException {
        if (!begun) {
            begin();
        } else if (valuesAfter.isPresent()) {
            tellValues(valuesAfter.get());
        } else if (parts.isEmpty()) {
            visitor.onEnd();
            return false;
        } else {
            tellMessages(parts.element());
        }
        return true;
    }

    private void begin() {
        begun = true;
        state.nodes().forEach((id, entry) -> {
            if (entry.partition() == partition) {
                visitor.onNode(id);
            }
        });
        for (QueueState queue : state.queues(partition)) {
            parts.add(new Part(queue, Optional.empty()));
            queue.references().forEach(set -> parts.add(new Part(queue, Optional.of(set))));
        }
        state.references().topics().values().stream()
                .map(TopicState::payloads)
                .filter(payloads -> payloads.partition() == partition)
                .forEach(payloads -> parts.add(new Part(payloads, Optional.empty())));
    }

    private void tellValues(EntryKey after) {
        ValueReader.Page page = values.next(scope, after, VALUE_BYTES);
        EntryKey last = after;
        for (Map.Entry<EntryKey, byte[]> value : page.values()) {
            last = value.getKey();
            visitor.onValue(last.nodeId(), last.key().clone());
        }
        valuesAfter = page.end() ? Optional.empty() : Optional.of(last);
    }

    private void tellMessages(Part part) throws StoreException {
        QueueState owner = part.owner();
        if (from == Long.MIN_VALUE && part.set().isEmpty()) {
            visitor.onSource(new MessageSource(owner.isOfTopic(), owner.ownerId()), owner.highestSequence());
        }
        MessageWalk.Taker taker = found -> {
            if (part.set().isPresent()) {
                visitor.onReference(owner.ownerId(), part.set().get().topicId(), found.sequence());
            } else {
                visitor.onMessage(found.sequence());
            }
            if (found.updated() && !owner.isOfTopic()) {
                visitor.onUpdated(owner.ownerId(), found.sequence());
            }
            return true;
        };
        if (owner.isDeleted()) {
            from = MessageWalk.END;
        } else if (part.set().isPresent()) {
            from = walk.referred(owner, part.set().get(), from, each -> true, Detail.SEQUENCE, taker);
        } else {
            from = walk.own(owner, from, each -> true, Detail.SEQUENCE, taker);
        }
        if (from == MessageWalk.END) {
            from = Long.MIN_VALUE;
            parts.remove();
        }
    }

    @Override
    public void onFailed(StoreException cause) {
        visitor.onFailed(cause);
    }
}

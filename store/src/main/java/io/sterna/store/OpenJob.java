package io.sterna.store;

import io.sterna.store.Contents.PartitionVisitor;
import io.sterna.store.MessageWalk.Detail;
import io.sterna.store.MessageWalk.Found;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Tells all that a partition holds, see {@link Contents#open}. Owned by the worker. */
final class OpenJob implements ContentJobs.Job {
    private static final long VALUE_BYTES = 256 << 10;

    private final int partition;
    private final PartitionVisitor visitor;
    private final StoreState state;
    private final ValueReader values;
    private final MessageWalk walk;
    private Optional<EntryKey> valuesAfter;
    private boolean begun;
    private Deque<QueueState> queues = new ArrayDeque<>();

    /** Of the queue that comes next, what is still to be told: of its own, or of a topic that it refers to. */
    private Deque<Optional<ReferenceSet>> parts = new ArrayDeque<>();

    private final List<Found> gathered = new ArrayList<>();
    private long from = Long.MIN_VALUE;

    OpenJob(int partition, PartitionVisitor visitor, StoreState state, ValueReader values, MessageWalk walk) {
        this.partition = partition;
        this.visitor = visitor;
        this.state = state;
        this.values = values;
        this.walk = walk;
        valuesAfter = Optional.of(ValueScope.ofPartition(partition).first());
    }

    @Override
    public boolean step() throws StoreException {
        if (!begun) {
            begin();
        } else if (valuesAfter.isPresent()) {
            tellValues(valuesAfter.get());
        } else if (queues.isEmpty()) {
            visitor.onEnd();
            return false;
        } else {
            tellMessages(queues.element());
        }
        return true;
    }

    private void begin() {
        begun = true;
        Optional.ofNullable(state.partitions().get(partition))
                .ifPresent(mark -> visitor.onPartition(partition, mark.epoch(), mark.index()));
        for (StoreState.NodeEntry entry : state.nodes().values()) {
            if (entry.partition() == partition) {
                visitor.onNode(partition, entry.node());
            }
        }
        queues = new ArrayDeque<>(state.queues(partition));
    }

    private void tellValues(EntryKey after) {
        ValueReader.Page page = values.next(ValueScope.ofPartition(partition), after, VALUE_BYTES);
        EntryKey last = after;
        for (Map.Entry<EntryKey, byte[]> value : page.values()) {
            last = value.getKey();
            visitor.onValue(
                    partition,
                    last.nodeId(),
                    last.key().clone(),
                    value.getValue().clone());
        }
        valuesAfter = page.end() ? Optional.empty() : Optional.of(last);
    }

    private void tellMessages(QueueState queue) throws StoreException {
        if (parts.isEmpty()) {
            parts.add(Optional.empty());
            queue.references().forEach(set -> parts.add(Optional.of(set)));
        }
        boolean alone = queue.references().isEmpty();
        Optional<ReferenceSet> set = parts.element();
        MessageWalk.Taker taker = found -> {
            if (alone && gathered.isEmpty()) {
                tell(queue, found);
            } else {
                gathered.add(found);
            }
            return true;
        };
        from = queue.isDeleted()
                ? MessageWalk.END
                : set.isPresent()
                        ? walk.referred(queue, set.get(), from, each -> true, Detail.TRAITS, taker)
                        : walk.own(queue, from, each -> true, Detail.TRAITS, taker);
        if (from == MessageWalk.END) {
            from = Long.MIN_VALUE;
            parts.remove();
            if (parts.isEmpty()) {
                gathered.sort(Comparator.comparingLong(Found::sequence));
                gathered.forEach(found -> tell(queue, found));
                gathered.clear();
                queues.remove();
            }
        }
    }

    private void tell(QueueState queue, Found found) {
        Update update = found.update();
        visitor.onMessage(
                partition,
                queue.ownerId(),
                new RecoveredMessage(
                        found.sequence(),
                        found.sizeBytes(),
                        update.deliveryCount(),
                        update.traits().clone(),
                        update.annotations().clone()));
    }

    @Override
    public void onFailed(StoreException cause) {
        visitor.onFailed(cause);
    }
}

package io.sterna.cluster.log;

import io.sterna.cluster.Holdings;
import io.sterna.cluster.SequenceRanges;
import io.sterna.store.Contents.HoldingsVisitor;
import io.sterna.store.Contents.MessageSource;
import io.sterna.store.StoreException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** Gathers what a partition holds. Owned by the store's thread. */
final class HoldingsReader implements HoldingsVisitor {
    private final Consumer<Holdings> whenDone;
    private final Consumer<StoreException> whenFailed;
    private final List<Long> nodes = new ArrayList<>();
    private final List<Holdings.Value> values = new ArrayList<>();
    private final Map<MessageSource, Messages> sources = new HashMap<>();
    private final Map<Long, List<Long>> references = new HashMap<>();
    private final Map<Long, List<Long>> updated = new HashMap<>();
    private Optional<Messages> last = Optional.empty();

    private record Messages(List<Long> live, long highest) {}

    /** Tells one of both, once, on the store's thread. */
    HoldingsReader(Consumer<Holdings> whenDone, Consumer<StoreException> whenFailed) {
        this.whenDone = whenDone;
        this.whenFailed = whenFailed;
    }

    @Override
    public void onNode(long nodeId) {
        nodes.add(nodeId);
    }

    @Override
    public void onValue(long nodeId, byte[] key) {
        values.add(new Holdings.Value(nodeId, key));
    }

    @Override
    public void onSource(MessageSource source, long highest) {
        Messages messages = new Messages(new ArrayList<>(), highest);
        sources.put(source, messages);
        last = Optional.of(messages);
    }

    @Override
    public void onMessage(long sequence) {
        last.orElseThrow().live().add(sequence);
    }

    @Override
    public void onReference(long queueId, long topicId, long sequence) {
        references.computeIfAbsent(queueId, id -> new ArrayList<>()).add(sequence);
    }

    @Override
    public void onUpdated(long queueId, long sequence) {
        updated.computeIfAbsent(queueId, id -> new ArrayList<>()).add(sequence);
    }

    @Override
    public void onEnd() {
        Map<Long, Holdings.Queue> queues = new HashMap<>();
        Map<Long, Holdings.Messages> topics = new HashMap<>();
        sources.forEach((source, messages) -> {
            long id = source.id();
            Holdings.Messages live = new Holdings.Messages(SequenceRanges.of(messages.live()), messages.highest());
            if (source.ofTopic()) {
                topics.put(id, live);
            } else {
                queues.put(id, new Holdings.Queue(live, ranges(references.get(id)), ranges(updated.get(id))));
            }
        });
        whenDone.accept(new Holdings(nodes, values, queues, topics));
    }

    private static SequenceRanges ranges(@Nullable List<Long> sequences) {
        if (sequences == null) {
            return SequenceRanges.NONE;
        }
        Collections.sort(sequences);
        return SequenceRanges.of(sequences);
    }

    @Override
    public void onFailed(StoreException cause) {
        whenFailed.accept(cause);
    }
}

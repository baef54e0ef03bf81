package io.sterna.store;

import io.sterna.store.LogOperation.ValuePut;
import io.sterna.store.PayloadTable.Payload;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;

/** Tells a visitor everything that is alive. Runs on the opening thread, once. */
final class RecoveryReport {
    private final StoreState state;
    private final BlockStore blocks;
    private final RecoveryVisitor visitor;
    private final Map<Long, PayloadTable> topics = new HashMap<>();

    RecoveryReport(WorkerParts parts, RecoveryVisitor visitor) {
        state = parts.state();
        blocks = parts.blocks();
        this.visitor = visitor;
    }

    void run(DamageLog damages) throws StoreException {
        damages.all().forEach(visitor::onDamage);
        state.partitions().forEach((partition, mark) -> visitor.onPartition(partition, mark.epoch(), mark.index()));
        state.nodes().values().forEach(entry -> visitor.onNode(entry.partition(), entry.node()));
        state.values().report(blocks.nodes(), visitor);
        for (Map.Entry<Long, TopicState> topic : state.references().topics().entrySet()) {
            PayloadTable table = new PayloadTable();
            PayloadTable.forEach(topic.getValue().payloads(), blocks, table::add);
            topics.put(topic.getKey(), table);
        }
        for (QueueState queue : state.queues()) {
            if (queue.references().isEmpty()) {
                PayloadTable.forEach(queue, blocks, payload -> report(queue, payload));
            } else {
                reportReferring(queue);
            }
        }
        state.owners().forEach(owner -> owner.index().forgetTraits());
    }

    /** Tells of partitions only, and of what their replicas keep. */
    void runPartitions(DamageLog damages) {
        damages.all().forEach(visitor::onDamage);
        state.partitions().forEach((partition, mark) -> visitor.onPartition(partition, mark.epoch(), mark.index()));
        ValueReader values = new ValueReader(state, blocks);
        for (int partition : state.partitions().keySet()) {
            ValueScope scope = ValueScope.ofNode(partition, ValuePut.REPLICA);
            for (Map.Entry<EntryKey, byte[]> value :
                    values.next(scope, scope.first(), Long.MAX_VALUE).values()) {
                visitor.onValue(
                        partition,
                        ValuePut.REPLICA,
                        value.getKey().key().clone(),
                        value.getValue().clone());
            }
        }
        state.owners().forEach(owner -> owner.index().forgetTraits());
    }

    private void reportReferring(QueueState queue) throws StoreException {
        List<Payload> payloads = new ArrayList<>();
        PayloadTable.forEach(queue, blocks, payloads::add);
        for (ReferenceSet set : queue.references()) {
            PayloadTable table = topics.getOrDefault(set.topicId(), new PayloadTable());
            for (ReferenceChunk chunk : set.chunks()) {
                NavigableMap<Integer, Update> stored = blocks.nodes().updates(chunk);
                for (long at = chunk.first(); at != ReferenceSet.NONE; at = chunk.after(at)) {
                    Optional<Update> own = Optional.ofNullable(stored.get(chunk.place(at)));
                    table.find(at)
                            .map(found -> own.map(found::with).orElse(found))
                            .ifPresent(payloads::add);
                }
            }
        }
        payloads.sort(Comparator.comparingLong(Payload::sequence));
        payloads.forEach(payload -> report(queue, payload));
    }

    private void report(QueueState queue, Payload payload) {
        // Most messages have nothing more to tell, and there may be millions.
        Update update = queue.updates().isEmpty()
                ? payload.update()
                : queue.updates().getOrDefault(payload.sequence(), payload.update());
        visitor.onMessage(
                queue.partition(),
                queue.ownerId(),
                new RecoveredMessage(
                        payload.sequence(),
                        payload.sizeBytes(),
                        update.deliveryCount(),
                        copy(update.traits()),
                        copy(update.annotations())));
    }

    private static byte[] copy(byte[] bytes) {
        return bytes.length == 0 ? bytes : bytes.clone();
    }
}

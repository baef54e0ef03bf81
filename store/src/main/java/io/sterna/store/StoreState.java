package io.sterna.store;

import io.sterna.store.LogOperation.DeliveryUpdated;
import io.sterna.store.LogOperation.NodeChanged;
import io.sterna.store.LogOperation.NodeCreated;
import io.sterna.store.LogOperation.ValuePut;
import io.sterna.store.LogOperation.ValueRemoved;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * What is alive, after all durable records so far, and how MVStore differs from it. Owned by the worker, and by the
 * recovering thread before.
 */
final class StoreState implements OperationSink {
    private static final int NONE = -1;

    private final Map<Long, QueueState> queues = new TreeMap<>();
    private final NavigableMap<Long, NodeEntry> nodes = new TreeMap<>();
    private final Map<Integer, Mark> partitions = new TreeMap<>();
    private final Set<Long> changedNodes = new HashSet<>();
    private final Set<Integer> changedPartitions = new HashSet<>();
    private final Map<Block, QueueState> changedBlocks = new HashMap<>();
    private final Deque<QueueState> deletedQueues = new ArrayDeque<>();
    private final ReferenceTable references = new ReferenceTable(this::settle);
    private final DamageLog damages;
    private ValueChanges values = new ValueChanges();
    private ValueChanges valuesBeingPut = new ValueChanges();
    private long reclaimableBytes;
    private int pendingUpdates;
    /** The record that ends next removes this partition; {@link #NONE} otherwise. */
    private int removedPartition = NONE;

    StoreState(DamageLog damages) {
        this.damages = damages;
    }

    record NodeEntry(int partition, NodeCreated node) {}

    record Mark(long epoch, long index) {
        boolean isBefore(long otherEpoch, long otherIndex) {
            return epoch == otherEpoch ? index < otherIndex : epoch < otherEpoch;
        }
    }

    @Override
    public void onRecord(int partition, long epoch, long index) {
        if (partition == removedPartition) {
            onLogRestarted(partition);
            return;
        }
        Mark before = partitions.get(partition);
        if (before == null || before.isBefore(epoch, index)) {
            partitions.put(partition, new Mark(epoch, index));
            changedPartitions.add(partition);
        }
    }

    @Override
    public void onLogRestarted(int partition) {
        removedPartition = NONE;
        partitions.remove(partition);
        changedPartitions.add(partition);
    }

    @Override
    public void onPartitionRemoved(int partition) {
        removedPartition = partition;
        values.removeAll(partition);
        nodes.values().removeIf(entry -> {
            boolean gone = entry.partition() == partition;
            if (gone) {
                changedNodes.add(entry.node().nodeId());
            }
            return gone;
        });
        List<QueueState> gone = new ArrayList<>(references.removeAll(partition));
        queues.values().stream().filter(queue -> queue.partition() == partition).forEach(gone::add);
        queues.values().removeAll(gone);
        gone.forEach(this::delete);
    }

    @Override
    public void onNodeCreated(int partition, NodeCreated node) {
        nodes.put(node.nodeId(), new NodeEntry(partition, node));
        changedNodes.add(node.nodeId());
    }

    @Override
    public void onNodeChanged(NodeChanged change) {
        nodes.computeIfPresent(change.nodeId(), (id, entry) -> {
            changedNodes.add(id);
            NodeCreated node = entry.node();
            return new NodeEntry(
                    entry.partition(), new NodeCreated(id, node.kind(), node.address(), change.settings()));
        });
    }

    @Override
    public void onNodeDeleted(int partition, long nodeId) {
        values.removeAll(partition, nodeId);
        nodes.remove(nodeId);
        changedNodes.add(nodeId);
        QueueState queue = queues.remove(nodeId);
        if (queue != null) {
            references.removeAll(queue);
            delete(queue);
        }
    }

    /** What MVStore holds of it is removed with the next checkpoint, in steps. */
    private void delete(QueueState owner) {
        pendingUpdates -= owner.updates().size();
        owner.markDeleted();
        for (Block block : owner.blocks().values()) {
            changedBlocks.remove(block);
            reclaimableBytes += block.bodyBytes();
        }
        deletedQueues.add(owner);
    }

    @Override
    public void onEnqueued(int partition, long queueId, long sequence, long location, int sizeBytes, byte[] traits) {
        QueueState queue = queueFor(partition, queueId);
        if (!queue.enqueue(sequence, location, sizeBytes, traits)) {
            leftOut(queue, sequence);
        }
    }

    @Override
    public void onPublished(int partition, Arrival arrival) {
        List<QueueState> to = new ArrayList<>(arrival.queueIds().length);
        for (long queueId : arrival.queueIds()) {
            to.add(queueFor(partition, queueId));
        }
        if (!references.publish(partition, arrival, to)) {
            leftOut(references.topic(partition, arrival.topicId()).payloads(), arrival.sequence());
        }
    }

    private QueueState queueFor(int partition, long queueId) {
        return queues.computeIfAbsent(queueId, id -> QueueState.ofQueue(id, partition));
    }

    private void leftOut(QueueState owner, long sequence) {
        damages.add(new StoreException("Message " + sequence + " of " + owner + " is left out: it came after "
                + owner.highestSequence() + ", and sequences must rise."));
    }

    @Override
    public void onValuePut(int partition, ValuePut put) {
        values.put(new EntryKey(partition, put.nodeId(), put.key()), put.value());
    }

    @Override
    public void onValueRemoved(int partition, ValueRemoved removed) {
        values.remove(new EntryKey(partition, removed.nodeId(), removed.key()));
    }

    @Override
    public void onAcknowledged(long queueId, long sequence) {
        QueueState queue = queues.get(queueId);
        if (queue == null) {
            return;
        }
        if (!settle(queue, sequence)) {
            Optional<ReferenceChunk> chunk = ReferenceTable.find(queue, sequence);
            if (chunk.isEmpty()) {
                return;
            }
            references.remove(chunk.get(), sequence);
        }
        if (queue.updates().remove(sequence) != null) {
            pendingUpdates--;
        }
    }

    private boolean settle(QueueState owner, long sequence) {
        if (owner.index().remove(sequence)) {
            return true;
        }
        Optional<Block> found = owner.blockOf(sequence);
        found.ifPresent(block -> {
            block.settle(sequence);
            reclaimableBytes += block.averageBytes();
            markChanged(owner, block);
        });
        return found.isPresent();
    }

    @Override
    public void onDeliveryUpdated(DeliveryUpdated update) {
        QueueState queue = queues.get(update.queueId());
        if (queue == null) {
            return;
        }
        if (!queue.index().contains(update.sequence())) {
            Optional<Block> block = queue.blockOf(update.sequence());
            Optional<ReferenceChunk> chunk = ReferenceTable.find(queue, update.sequence());
            if (block.isEmpty() && chunk.isEmpty()) {
                return;
            }
            block.ifPresent(found -> markChanged(queue, found));
            chunk.ifPresent(references::markChanged);
        }
        if (queue.updates()
                        .put(
                                update.sequence(),
                                new Update(update.deliveryCount(), update.traits(), update.annotations()))
                == null) {
            pendingUpdates++;
        }
    }

    private void markChanged(QueueState queue, Block block) {
        if (block.markDirty()) {
            changedBlocks.put(block, queue);
        }
    }

    /** Takes a block that MVStore holds. */
    void addBlock(BlockHeader header, Block block) {
        QueueState owner = header.ofTopic()
                ? references.topic(header.partition(), header.ownerId()).payloads()
                : queueFor(header.partition(), header.ownerId());
        owner.addBlock(block);
    }

    /** Takes references that MVStore holds. */
    void addReferences(EntryKey key, ByteBuffer value) {
        ByteBuffer name = ByteBuffer.wrap(key.key());
        ReferenceSet set = queueFor(key.partition(), key.nodeId()).referencesTo(name.getLong());
        ReferenceChunk chunk = set.chunkFor(name.getLong() * ReferenceChunk.SEQUENCES);
        chunk.decode(value);
        references.load(chunk);
    }

    /** Published messages and who refers to them. */
    ReferenceTable references() {
        return references;
    }

    Optional<QueueState> queue(long queueId) {
        return Optional.ofNullable(queues.get(queueId));
    }

    /** Queues by rising id. */
    List<QueueState> queues() {
        return List.copyOf(queues.values());
    }

    /** Whatever has messages: queues, and topics. */
    List<QueueState> owners() {
        List<QueueState> owners = new ArrayList<>(queues.values());
        references.topics().values().forEach(topic -> owners.add(topic.payloads()));
        return owners;
    }

    /** How many bytes of live messages the journal holds before a location. */
    long bytesBefore(long location) {
        return owners().stream()
                .mapToLong(owner -> owner.index().bytesBefore(location))
                .sum();
    }

    /** A message can't be read and never will: no queue has it any more. */
    void giveUp(QueueState owner, long sequence) {
        if (!owner.isOfTopic()) {
            onAcknowledged(owner.ownerId(), sequence);
            return;
        }
        for (QueueState queue : queues()) {
            for (ReferenceSet set : List.copyOf(queue.references())) {
                if (set.topicId() == owner.ownerId() && set.contains(sequence)) {
                    onAcknowledged(queue.ownerId(), sequence);
                }
            }
        }
    }

    /** How to call the owner of messages towards people. */
    String nameOf(QueueState owner) {
        return Optional.ofNullable(nodes.get(owner.ownerId()))
                .map(entry -> entry.node().address() + " (" + owner + " in partition " + entry.partition() + ")")
                .orElse(owner + " in partition " + owner.partition());
    }

    NavigableMap<Long, NodeEntry> nodes() {
        return nodes;
    }

    Map<Integer, Mark> partitions() {
        return partitions;
    }

    /** A message's update that no block header holds yet; it is forgotten here. */
    Optional<Update> takeUpdate(QueueState queue, long sequence) {
        Update update = queue.updates().remove(sequence);
        if (update != null) {
            pendingUpdates--;
        }
        return Optional.ofNullable(update);
    }

    /** Blocks that MVStore does not know as they are, with their queues; none from now on. */
    List<Map.Entry<Block, QueueState>> takeChangedBlocks() {
        List<Map.Entry<Block, QueueState>> changed = new ArrayList<>();
        changedBlocks.forEach((block, queue) -> {
            block.markClean();
            changed.add(Map.entry(block, queue));
        });
        changedBlocks.clear();
        reclaimableBytes = 0;
        return changed;
    }

    /** The block is no more. */
    void forgetChange(Block block) {
        changedBlocks.remove(block);
    }

    /** Queues whose blocks are still in MVStore though they are gone. */
    Deque<QueueState> deletedQueues() {
        return deletedQueues;
    }

    /** Nodes that MVStore does not know as they are; none from now on. */
    Set<Long> takeChangedNodes() {
        Set<Long> changed = Set.copyOf(changedNodes);
        changedNodes.clear();
        return changed;
    }

    /** Partitions that MVStore does not know as they are; none from now on. */
    Set<Integer> takeChangedPartitions() {
        Set<Integer> changed = Set.copyOf(changedPartitions);
        changedPartitions.clear();
        return changed;
    }

    /** How values differ from those in MVStore. */
    ValueChanges values() {
        return values;
    }

    /** As {@link #values}; they do not differ from now on. */
    ValueChanges takeChangedValues() {
        valuesBeingPut = values;
        values = new ValueChanges();
        return valuesBeingPut;
    }

    /** What was taken last, as far as MVStore does not hold it yet; {@link #values} comes after it. */
    ValueChanges valuesBeingPut() {
        return valuesBeingPut;
    }

    /** Queues of a partition by rising id. */
    List<QueueState> queues(int partition) {
        return queues.values().stream()
                .filter(queue -> queue.partition() == partition)
                .toList();
    }

    /** The highest sequence among the live messages of each partition. */
    Map<Integer, Long> highestSequences() {
        Map<Integer, Long> highest = new HashMap<>();
        for (QueueState queue : owners()) {
            highest.merge(queue.partition(), queue.highestSequence(), Math::max);
        }
        return highest;
    }

    /** Everything up to now came out of MVStore. */
    void markUnchanged() {
        changedNodes.clear();
        changedPartitions.clear();
    }

    /** Bytes in MVStore that have become useless since the last checkpoint began. */
    long reclaimableBytes() {
        return reclaimableBytes;
    }

    /** Updates held in memory until a checkpoint puts them into block headers. */
    int pendingUpdates() {
        return pendingUpdates;
    }
}

package io.sterna.store;

import io.sterna.store.LogOperation.Acknowledged;
import io.sterna.store.LogOperation.Atomic;
import io.sterna.store.LogOperation.DeliveryUpdated;
import io.sterna.store.LogOperation.Enqueued;
import io.sterna.store.LogOperation.EpochStarted;
import io.sterna.store.LogOperation.LogRestarted;
import io.sterna.store.LogOperation.NodeChanged;
import io.sterna.store.LogOperation.NodeCreated;
import io.sterna.store.LogOperation.NodeDeleted;
import io.sterna.store.LogOperation.PartitionRemoved;
import io.sterna.store.LogOperation.Published;
import io.sterna.store.LogOperation.ValuePut;
import io.sterna.store.LogOperation.ValueRemoved;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** What a store holds, as maps: the plain truth that stores are compared with. Not thread-safe. */
final class StoreModel {
    private final Map<Integer, long[]> partitions = new TreeMap<>();
    private final Map<Long, Node> nodes = new TreeMap<>();
    private final Map<EntryKey, byte[]> values = new TreeMap<>();
    private final Map<Long, TreeMap<Long, Message>> queues = new TreeMap<>();

    private record Node(int partition, NodeCreated created) {
        Node with(byte[] settings) {
            return new Node(partition, new NodeCreated(created.nodeId(), created.kind(), created.address(), settings));
        }
    }

    /** A published message is the same array in each queue. */
    private record Message(int partition, byte[] bytes, int deliveryCount, byte[] traits, byte[] annotations) {
        Message(int partition, byte[] bytes, byte[] traits) {
            this(partition, bytes, 0, traits, new byte[0]);
        }
    }

    void apply(LogRecord record) {
        int partition = record.partition();
        if (record.operation() instanceof PartitionRemoved) {
            remove(partition);
            return;
        }
        apply(partition, record.operation());
        long[] before = partitions.getOrDefault(partition, new long[2]);
        long[] mark = {record.epoch(), record.index()};
        if (restarts(record.operation()) || Arrays.compare(mark, before) >= 0) {
            partitions.put(partition, mark);
        }
    }

    private static boolean restarts(LogOperation operation) {
        return operation instanceof LogRestarted
                || (operation instanceof Atomic atomic
                        && atomic.operations().stream().anyMatch(StoreModel::restarts));
    }

    private void remove(int partition) {
        partitions.remove(partition);
        values.keySet().removeIf(key -> key.partition() == partition);
        nodes.values().removeIf(node -> node.partition() == partition);
        queues.values().forEach(queue -> queue.values().removeIf(message -> message.partition() == partition));
    }

    private void apply(int partition, LogOperation operation) {
        if (operation instanceof NodeCreated created) {
            nodes.put(created.nodeId(), new Node(partition, created));
        } else if (operation instanceof NodeChanged changed) {
            nodes.computeIfPresent(changed.nodeId(), (id, node) -> node.with(changed.settings()));
        } else if (operation instanceof NodeDeleted deleted) {
            nodes.remove(deleted.nodeId());
            queues.remove(deleted.nodeId());
            values.keySet().removeIf(ValueScope.ofNode(partition, deleted.nodeId())::contains);
        } else if (operation instanceof Enqueued enqueued) {
            Message message = new Message(partition, enqueued.message(), enqueued.traits());
            queue(enqueued.queueId()).put(enqueued.sequence(), message);
        } else if (operation instanceof Published published) {
            Message message = new Message(partition, published.message(), published.traits());
            for (long queueId : published.queueIds()) {
                queue(queueId).put(published.sequence(), message);
            }
        } else if (operation instanceof Acknowledged acknowledged) {
            TreeMap<Long, Message> queue = queues.getOrDefault(acknowledged.queueId(), new TreeMap<>());
            for (long sequence : acknowledged.sequences()) {
                queue.remove(sequence);
            }
        } else if (operation instanceof DeliveryUpdated updated) {
            queues.getOrDefault(updated.queueId(), new TreeMap<>())
                    .computeIfPresent(
                            updated.sequence(),
                            (sequence, message) -> new Message(
                                    message.partition(),
                                    message.bytes(),
                                    updated.deliveryCount(),
                                    updated.traits(),
                                    updated.annotations()));
        } else if (operation instanceof ValuePut put) {
            values.put(new EntryKey(partition, put.nodeId(), put.key()), put.value());
        } else if (operation instanceof ValueRemoved removed) {
            values.remove(new EntryKey(partition, removed.nodeId(), removed.key()));
        } else if (operation instanceof PartitionRemoved) {
            remove(partition);
        } else if (operation instanceof Atomic atomic) {
            atomic.operations().forEach(part -> apply(partition, part));
        } else if (!(operation instanceof EpochStarted || operation instanceof LogRestarted)) {
            throw new IllegalArgumentException("unknown operation " + operation);
        }
    }

    private Map<Long, Message> queue(long queueId) {
        return queues.computeIfAbsent(queueId, key -> new TreeMap<>());
    }

    List<StoredMessage> read(long queueId, long fromSequence, int maxMessages, long maxBytes) {
        List<StoredMessage> found = new ArrayList<>();
        long bytes = 0;
        for (Map.Entry<Long, Message> entry : queues.getOrDefault(queueId, new TreeMap<>())
                .tailMap(fromSequence, true)
                .entrySet()) {
            if (found.size() == maxMessages || (bytes >= maxBytes && !found.isEmpty())) {
                break;
            }
            byte[] message = entry.getValue().bytes().clone();
            found.add(new StoredMessage(entry.getKey(), message));
            bytes += message.length;
        }
        return found;
    }

    void report(RecoveryVisitor visitor) {
        partitions.forEach((partition, mark) -> visitor.onPartition(partition, mark[0], mark[1]));
        nodes.values().forEach(node -> visitor.onNode(node.partition(), node.created()));
        values.forEach((key, value) ->
                visitor.onValue(key.partition(), key.nodeId(), key.key().clone(), value.clone()));
        queues.forEach((queueId, queue) -> queue.forEach((sequence, message) -> visitor.onMessage(
                message.partition(),
                queueId,
                new RecoveredMessage(
                        sequence,
                        message.bytes().length,
                        message.deliveryCount(),
                        message.traits().clone(),
                        message.annotations().clone()))));
    }

    /** The highest live sequence of each partition. */
    Map<Integer, Long> highestSequences() {
        Map<Integer, Long> highest = new TreeMap<>();
        queues.values()
                .forEach(queue ->
                        queue.forEach((sequence, message) -> highest.merge(message.partition(), sequence, Math::max)));
        return highest;
    }

    List<Long> queueIds() {
        return List.copyOf(queues.keySet());
    }

    int values() {
        return values.size();
    }

    StoreModel copy() {
        StoreModel copy = new StoreModel();
        partitions.forEach((partition, mark) -> copy.partitions.put(partition, mark.clone()));
        copy.nodes.putAll(nodes);
        copy.values.putAll(values);
        queues.forEach((queueId, queue) -> copy.queues.put(queueId, new TreeMap<>(queue)));
        return copy;
    }
}

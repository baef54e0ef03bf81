package io.sterna.cluster;

import io.sterna.store.LogOperation;
import io.sterna.store.LogOperation.Acknowledged;
import io.sterna.store.LogOperation.Atomic;
import io.sterna.store.LogOperation.DeliveryUpdated;
import io.sterna.store.LogOperation.Enqueued;
import io.sterna.store.LogOperation.NodeChanged;
import io.sterna.store.LogOperation.NodeCreated;
import io.sterna.store.LogOperation.NodeDeleted;
import io.sterna.store.LogOperation.Published;
import io.sterna.store.LogOperation.ValuePut;
import io.sterna.store.LogOperation.ValueRemoved;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.TreeMap;

/** What a partition holds, by the rules of the store: sequences rise in each queue, and under each topic, or it fails. */
final class SimContent {
    private final NavigableMap<Long, NodeCreated> nodes = new TreeMap<>();
    private final Map<Holdings.Value, byte[]> values = new LinkedHashMap<>();
    private final NavigableMap<Long, SimQueue> queues = new TreeMap<>();
    private final NavigableMap<Long, SimTopic> topics = new TreeMap<>();
    private long fingerprint;

    /** What a crashed process leaves: the highest sequences are those of what is there. */
    SimContent copy() {
        SimContent copy = new SimContent();
        copy.nodes.putAll(nodes);
        copy.values.putAll(values);
        queues.forEach((id, queue) -> copy.queues.put(id, queue.copy()));
        topics.forEach((id, topic) -> copy.topics.put(id, topic.copy()));
        copy.fingerprint = fingerprint;
        return copy;
    }

    NavigableMap<Long, NodeCreated> nodes() {
        return nodes;
    }

    Map<Holdings.Value, byte[]> values() {
        return values;
    }

    NavigableMap<Long, SimQueue> queues() {
        return queues;
    }

    NavigableMap<Long, SimTopic> topics() {
        return topics;
    }

    /** A queue's messages; none when nothing has come to it. */
    NavigableMap<Long, SimMessage> queue(long queueId) {
        return Optional.ofNullable(queues.get(queueId)).map(SimQueue::messages).orElseGet(TreeMap::new);
    }

    // ---- What operations do

    void append(LogOperation operation) {
        if (operation instanceof Atomic atomic) {
            atomic.operations().forEach(this::append);
        } else if (operation instanceof Enqueued enqueued) {
            queueFor(enqueued.queueId()).checkRises(enqueued.sequence());
            put(enqueued.queueId(), SimMessage.of(enqueued));
        } else if (operation instanceof Published published) {
            publish(published);
        } else if (operation instanceof Acknowledged some) {
            Arrays.stream(some.sequences()).forEach(sequence -> acknowledge(some.queueId(), sequence));
        } else if (operation instanceof DeliveryUpdated update) {
            Optional.ofNullable(queue(update.queueId()).get(update.sequence()))
                    .ifPresent(message -> put(update.queueId(), message.with(update)));
        } else if (operation instanceof ValuePut put) {
            value(new Holdings.Value(put.nodeId(), put.key()), Optional.of(put.value()));
        } else if (operation instanceof ValueRemoved removed) {
            value(new Holdings.Value(removed.nodeId(), removed.key()), Optional.empty());
        } else if (operation instanceof NodeCreated node) {
            node(node.nodeId(), Optional.of(node));
        } else if (operation instanceof NodeChanged change) {
            Optional.ofNullable(nodes.get(change.nodeId()))
                    .ifPresent(node -> node(
                            node.nodeId(),
                            Optional.of(
                                    new NodeCreated(node.nodeId(), node.kind(), node.address(), change.settings()))));
        } else if (operation instanceof NodeDeleted gone) {
            delete(gone.nodeId());
        }
    }

    private SimQueue queueFor(long queueId) {
        return queues.computeIfAbsent(queueId, id -> new SimQueue());
    }

    private void put(long queueId, SimMessage message) {
        SimMessage before = queueFor(queueId).messages().put(message.sequence(), message);
        fingerprint += message.fingerprint(queueId) - (before == null ? 0 : before.fingerprint(queueId));
    }

    private void publish(Published published) {
        if (published.queueIds().length > 0) {
            topics.computeIfAbsent(published.topicId(), id -> new SimTopic()).add(published);
            for (long queueId : published.queueIds()) {
                put(queueId, SimMessage.of(published));
            }
        }
    }

    private void acknowledge(long queueId, long sequence) {
        SimMessage message = queue(queueId).remove(sequence);
        if (message != null) {
            fingerprint -= message.fingerprint(queueId);
            message.topicId().ifPresent(topicId -> {
                SimTopic topic = topics.get(topicId);
                topic.release(sequence);
                if (topic.isEmpty()) {
                    topics.remove(topicId);
                }
            });
        }
    }

    private void value(Holdings.Value name, Optional<byte[]> value) {
        byte[] before = values.remove(name);
        fingerprint -= before == null ? 0 : Fingerprint.of(name, before);
        value.ifPresent(bytes -> {
            values.put(name, bytes);
            fingerprint += Fingerprint.of(name, bytes);
        });
    }

    private void node(long nodeId, Optional<NodeCreated> node) {
        NodeCreated before = nodes.remove(nodeId);
        fingerprint -= before == null ? 0 : Fingerprint.of(before);
        node.ifPresent(created -> {
            nodes.put(nodeId, created);
            fingerprint += Fingerprint.of(created);
        });
    }

    private void delete(long nodeId) {
        node(nodeId, Optional.empty());
        values.keySet().stream()
                .filter(name -> name.nodeId() == nodeId)
                .toList()
                .forEach(name -> value(name, Optional.empty()));
        for (long sequence : queue(nodeId).keySet().stream().toList()) {
            acknowledge(nodeId, sequence);
        }
        queues.remove(nodeId);
    }

    // ---- What it is

    Holdings holdings() {
        Map<Long, Holdings.Queue> ofQueues = new TreeMap<>();
        queues.forEach((id, queue) -> ofQueues.put(id, queue.holdings()));
        Map<Long, Holdings.Messages> ofTopics = new TreeMap<>();
        topics.forEach((id, topic) -> ofTopics.put(id, topic.holdings()));
        return new Holdings(
                nodes.keySet().stream().toList(), values.keySet().stream().toList(), ofQueues, ofTopics);
    }

    /** The same for the same content, whichever way it came to be. */
    long fingerprint() {
        return fingerprint;
    }

    boolean holdsTheSameAs(SimContent other) {
        return fingerprint == other.fingerprint;
    }

    void clear() {
        nodes.clear();
        values.clear();
        queues.clear();
        topics.clear();
        fingerprint = 0;
    }

    @Override
    public String toString() {
        StringBuilder text = new StringBuilder("nodes " + nodes.keySet() + ", " + values.size() + " values");
        queues.forEach((id, queue) ->
                text.append(", ").append(id).append(' ').append(queue.messages().values()));
        return text.toString();
    }
}

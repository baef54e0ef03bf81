package io.sterna.cluster;

import io.sterna.store.LogOperation;
import io.sterna.store.LogOperation.Acknowledged;
import io.sterna.store.LogOperation.DeliveryUpdated;
import io.sterna.store.LogOperation.Enqueued;
import io.sterna.store.LogOperation.NodeChanged;
import io.sterna.store.LogOperation.NodeCreated;
import io.sterna.store.LogOperation.NodeDeleted;
import io.sterna.store.LogOperation.Published;
import io.sterna.store.LogOperation.ValuePut;
import io.sterna.store.LogOperation.ValueRemoved;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;

/**
 * A part of a difference while it is made: what was read of the content, which is then {@linkplain #replay brought up} to
 * the moment at which the part is sent. Confined to whoever makes it.
 */
public class DifferencePart {
    private final Set<Long> deleted = new LinkedHashSet<>();
    private final Map<Long, NodeCreated> nodes = new LinkedHashMap<>();
    private final Map<ValueName, LogOperation> values = new LinkedHashMap<>();
    private final List<Acknowledged> acknowledged = new ArrayList<>();
    private final NavigableMap<Long, LogOperation> messages = new TreeMap<>();
    private final Map<MessageName, DeliveryUpdated> updates = new LinkedHashMap<>();
    private final Set<MessageOwner> ends = new HashSet<>();
    private long bytes;

    private record ValueName(long nodeId, String key) {
        ValueName(long nodeId, byte[] key) {
            this(nodeId, HexFormat.of().formatHex(key));
        }
    }

    private record MessageName(long queueId, long sequence) {}

    // ---- What was read

    /** The candidate's node is removed with its messages; one that is {@linkplain #tell told} takes its place. */
    public void delete(long nodeId) {
        deleted.add(nodeId);
        count(new NodeDeleted(nodeId));
    }

    /** What the candidate has and the owner has not; or a node, a value, a message or its state, as it is. */
    public void tell(LogOperation operation) {
        if (operation instanceof NodeCreated node) {
            nodes.put(node.nodeId(), node);
        } else if (operation instanceof ValuePut put) {
            values.put(new ValueName(put.nodeId(), put.key()), put);
        } else if (operation instanceof ValueRemoved removed) {
            values.put(new ValueName(removed.nodeId(), removed.key()), removed);
        } else if (operation instanceof Acknowledged some) {
            acknowledged.add(some);
        } else if (operation instanceof DeliveryUpdated update) {
            updates.put(new MessageName(update.queueId(), update.sequence()), update);
        } else if (operation instanceof Enqueued enqueued) {
            messages.put(enqueued.sequence(), enqueued);
        } else if (operation instanceof Published published) {
            messages.put(published.sequence(), published);
        } else {
            throw new IllegalArgumentException(operation + " says nothing of what is there");
        }
        count(operation);
    }

    private void count(LogOperation operation) {
        bytes += RecordSize.of(operation);
    }

    /** How much was read, by {@link RecordSize}. */
    public long bytes() {
        return bytes;
    }

    /** All messages of the owner have been read, as of then. */
    public void reachEnd(MessageOwner owner) {
        ends.add(owner);
    }

    /** Of whom all messages are there. */
    public Set<MessageOwner> ends() {
        return ends;
    }

    // ---- What has happened since

    /**
     * Takes into account what was appended while, and since, the content was read, in the same order. Some of it, from the
     * beginning on, may have been seen by reading already.
     */
    public void replay(List<LogOperation> operations) {
        operations.forEach(this::replay);
    }

    /** What is not in this part the candidate was told by the record, or will be told by another part. */
    private void replay(LogOperation operation) {
        if (operation instanceof Enqueued enqueued) {
            replayMessage(MessageOwner.queue(enqueued.queueId()), enqueued.sequence(), enqueued);
        } else if (operation instanceof Published published && published.queueIds().length > 0) {
            replayMessage(MessageOwner.topic(published.topicId()), published.sequence(), published);
        } else if (operation instanceof Acknowledged some) {
            for (long sequence : some.sequences()) {
                replayAcknowledged(some.queueId(), sequence);
            }
        } else if (operation instanceof DeliveryUpdated update) {
            MessageName name = new MessageName(update.queueId(), update.sequence());
            if (updates.containsKey(name) || isIn(update.queueId(), messages.get(update.sequence()))) {
                updates.put(name, update);
            }
        } else if (operation instanceof ValuePut put) {
            replayValue(put);
        } else if (operation instanceof ValueRemoved removed) {
            values.computeIfPresent(new ValueName(removed.nodeId(), removed.key()), (name, before) -> removed);
        } else if (operation instanceof NodeChanged change) {
            nodes.computeIfPresent(
                    change.nodeId(), (id, node) -> new NodeCreated(id, node.kind(), node.address(), change.settings()));
        } else if (operation instanceof NodeDeleted gone) {
            replayDeleted(gone.nodeId());
        }
    }

    /** It was left out of the record, so that this part has to bring it. */
    void replayMessage(MessageOwner owner, long sequence, LogOperation message) {
        if (ends.contains(owner)) {
            messages.put(sequence, message);
        }
    }

    private void replayValue(ValuePut put) {
        ValueName name = new ValueName(put.nodeId(), put.key());
        // Where the node is deleted first, what the record has told is so, too.
        if (values.containsKey(name) || deleted.contains(put.nodeId())) {
            values.put(name, put);
        }
    }

    void replayAcknowledged(long queueId, long sequence) {
        updates.remove(new MessageName(queueId, sequence));
        messages.computeIfPresent(sequence, (its, message) -> without(queueId, message));
    }

    private void replayDeleted(long nodeId) {
        nodes.remove(nodeId);
        values.keySet().removeIf(name -> name.nodeId() == nodeId);
        updates.keySet().removeIf(name -> name.queueId() == nodeId);
        for (long sequence : List.copyOf(messages.keySet())) {
            messages.computeIfPresent(sequence, (its, message) -> without(nodeId, message));
        }
    }

    private static boolean isIn(long queueId, LogOperation message) {
        return (message instanceof Enqueued enqueued && enqueued.queueId() == queueId)
                || (message instanceof Published published
                        && Arrays.stream(published.queueIds()).anyMatch(id -> id == queueId));
    }

    /** The message without a queue; null when it is in none. */
    private static LogOperation without(long queueId, LogOperation message) {
        if (!isIn(queueId, message)) {
            return message;
        }
        if (message instanceof Published published && published.queueIds().length > 1) {
            long[] others = Arrays.stream(published.queueIds())
                    .filter(id -> id != queueId)
                    .toArray();
            return new Published(
                    published.topicId(), published.sequence(), others, published.traits(), published.message());
        }
        return null;
    }

    /** What is sent. */
    public Difference toDifference(boolean last) {
        List<LogOperation> operations = new ArrayList<>();
        deleted.forEach(id -> operations.add(new NodeDeleted(id)));
        operations.addAll(nodes.values());
        operations.addAll(values.values());
        operations.addAll(acknowledged);
        operations.addAll(messages.values());
        operations.addAll(updates.values());
        return new Difference(operations, last);
    }
}

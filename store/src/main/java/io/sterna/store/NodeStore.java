package io.sterna.store;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.sterna.store.LogOperation.NodeCreated;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.function.Consumer;
import org.h2.mvstore.Cursor;

/**
 * Nodes, partition marks, the values that nodes keep and what queues refer to, in MVStore.
 *
 * <pre>
 *  map "nodes"       node id                         | partition int | kind int | bytes int | address UTF-8 | settings |
 *  map "partitions"  partition                       | epoch long | index long |
 *  map "values"      {@link EntryKey}                | the value |
 *  map "references"  {@link ReferenceChunk#key}      {@link ReferenceChunk}
 * </pre>
 *
 * <p>Owned by the worker, and by the opening thread before. What is put is safe when the file is saved and noted.
 */
final class NodeStore {
    /** About what an entry takes beside its value. */
    private static final int ENTRY_BYTES = 32;

    private static final int KEYS_PER_STEP = 1024;

    private final CheckedMap<Long> nodes;
    private final CheckedMap<Long> partitions;
    private final CheckedMap<EntryKey> values;
    private final CheckedMap<EntryKey> references;
    private long storedBytes;

    /** The part of {@code file} that holds so many bytes, which {@link #read} counts anew. */
    NodeStore(MessageFile file, long storedBytes) {
        nodes = CheckedMap.numbered(file, MessageFile.NODES);
        partitions = CheckedMap.numbered(file, MessageFile.PARTITIONS);
        values = CheckedMap.entries(file, MessageFile.VALUES);
        references = CheckedMap.entries(file, MessageFile.REFERENCES);
        this.storedBytes = storedBytes;
    }

    /** About what all this takes in the file. */
    long storedBytes() {
        return storedBytes;
    }

    /** Puts what has changed of nodes and partitions, which counts as unchanged from now on. */
    void putChanges(StoreState state) {
        for (long nodeId : state.takeChangedNodes()) {
            StoreState.NodeEntry node = state.nodes().get(nodeId);
            if (node == null) {
                removeNode(nodeId);
            } else {
                putNode(node.partition(), node.node());
            }
        }
        for (int partition : state.takeChangedPartitions()) {
            StoreState.Mark mark = state.partitions().get(partition);
            if (mark == null) {
                count(partitions.remove((long) partition), 0);
            } else {
                putPartition(partition, mark.epoch(), mark.index());
            }
        }
    }

    void putNode(int partition, NodeCreated node) {
        byte[] address = node.address().getBytes(UTF_8);
        byte[] value = new byte[3 * Integer.BYTES + address.length + node.settings().length + CheckedMap.CRC_BYTES];
        ByteBuffer.wrap(value)
                .putInt(partition)
                .putInt(node.kind())
                .putInt(address.length)
                .put(address)
                .put(node.settings());
        count(nodes.put(node.nodeId(), value), value.length);
    }

    void removeNode(long nodeId) {
        count(nodes.remove(nodeId), 0);
    }

    void putPartition(int partition, long epoch, long index) {
        byte[] value = new byte[2 * Long.BYTES + CheckedMap.CRC_BYTES];
        ByteBuffer.wrap(value).putLong(epoch).putLong(index);
        count(partitions.put((long) partition, value), value.length);
    }

    void putValue(EntryKey key, byte[] value) {
        byte[] checked = new byte[value.length + CheckedMap.CRC_BYTES];
        System.arraycopy(value, 0, checked, 0, value.length);
        count(values.put(key, checked), checked.length);
    }

    void removeValue(EntryKey key) {
        count(values.remove(key), 0);
    }

    /**
     * Removes some of the values in a scope.
     *
     * @return whether there may be more
     */
    boolean removeValues(ValueScope scope) {
        List<EntryKey> found = new ArrayList<>();
        Iterator<EntryKey> keys = values.map().keyIterator(scope.first());
        while (keys.hasNext() && found.size() < KEYS_PER_STEP) {
            EntryKey key = keys.next();
            if (!scope.contains(key)) {
                break;
            }
            found.add(key);
        }
        found.forEach(this::removeValue);
        return found.size() == KEYS_PER_STEP;
    }

    void putReferences(ReferenceChunk chunk, NavigableMap<Integer, Update> updates) {
        byte[] value = chunk.encode(updates);
        count(references.put(chunk.key(), value), value.length);
        chunk.onStored(!updates.isEmpty());
    }

    void removeReferences(ReferenceChunk chunk) {
        count(references.remove(chunk.key()), 0);
        chunk.onRemoved();
    }

    /** The updates of what a queue refers to, as they were put. */
    NavigableMap<Integer, Update> updates(ReferenceChunk chunk) throws StoreException {
        if (!chunk.hasStoredUpdates()) {
            return Collections.emptyNavigableMap();
        }
        EntryKey key = chunk.key();
        return ReferenceChunk.updates(ByteBuffer.wrap(references.get(key, nameOfReferences(key))));
    }

    /** Takes all references; tells {@code damages} what was unreadable. */
    void readReferences(CheckedMap.EntryVisitor<EntryKey> visitor, Consumer<StoreException> damages) {
        references.forEach(
                NodeStore::nameOfReferences,
                (key, value) -> {
                    count(0, value.remaining());
                    visitor.onEntry(key, value);
                },
                damages);
    }

    private static String nameOfReferences(EntryKey key) {
        ByteBuffer name = ByteBuffer.wrap(key.key());
        long topicId = name.getLong();
        return "what queue " + key.nodeId() + " refers to of topic " + topicId + " from message "
                + name.getLong() * ReferenceChunk.SEQUENCES + " on";
    }

    /** Tells {@code sink} all nodes and partitions, {@code damages} what was unreadable. */
    void read(OperationSink sink, Consumer<StoreException> damages) {
        storedBytes = 0;
        nodes.forEach(
                id -> "node " + id,
                (id, value) -> {
                    count(0, value.remaining());
                    int partition = value.getInt();
                    int kind = value.getInt();
                    String address = new String(bytes(value, value.getInt()), UTF_8);
                    sink.onNodeCreated(partition, new NodeCreated(id, kind, address, bytes(value, value.remaining())));
                },
                damages);
        partitions.forEach(
                number -> "the mark of partition " + number,
                (number, value) -> {
                    count(0, value.remaining());
                    sink.onRecord(number.intValue(), value.getLong(), value.getLong());
                },
                damages);
        values.forEach(NodeStore::nameOf, (key, value) -> count(0, value.remaining()), damages);
    }

    /** Takes all values. */
    void forEachValue(CheckedMap.EntryVisitor<EntryKey> visitor) {
        // What is damaged was reported when it was counted.
        values.forEach(NodeStore::nameOf, visitor, damage -> {});
    }

    /**
     * Collects values of a scope that come after {@code after}; those that are damaged are left out.
     *
     * @return the last one that was looked at, when there may be more
     */
    Optional<EntryKey> collectValues(ValueScope scope, EntryKey after, int most, Map<EntryKey, byte[]> found) {
        Cursor<EntryKey, byte[]> cursor = values.map().cursor(after);
        for (int seen = 0; cursor.hasNext(); seen++) {
            EntryKey key = cursor.next();
            if (!scope.contains(key)) {
                return Optional.empty();
            }
            if (!key.equals(after) && values.isGood(key, cursor.getValue())) {
                byte[] value = cursor.getValue();
                found.put(key, Arrays.copyOf(value, value.length - CheckedMap.CRC_BYTES));
            }
            if (seen == most) {
                return Optional.of(key);
            }
        }
        return Optional.empty();
    }

    private static String nameOf(EntryKey key) {
        return "a value of node " + key.nodeId() + " in partition " + key.partition();
    }

    private static byte[] bytes(ByteBuffer in, int count) {
        byte[] bytes = new byte[count];
        in.get(bytes);
        return bytes;
    }

    private void count(int bytesBefore, int bytesNow) {
        storedBytes += bytesNow - bytesBefore;
        if (bytesBefore == 0 && bytesNow > 0) {
            storedBytes += ENTRY_BYTES;
        } else if (bytesBefore > 0 && bytesNow == 0) {
            storedBytes -= ENTRY_BYTES;
        }
    }
}

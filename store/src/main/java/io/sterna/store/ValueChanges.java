package io.sterna.store;

import java.util.HashSet;
import java.util.Iterator;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** How the values of nodes differ from those in MVStore. Owned by the worker, and by the recovering thread before. */
final class ValueChanges {
    /** About what an entry takes in memory beside its bytes. */
    private static final long ENTRY_BYTES = 160;

    private static final int ENTRIES_PER_STEP = 1024;

    private final TreeMap<EntryKey, Optional<byte[]>> changed = new TreeMap<>();
    private final Set<ValueScope> deleted = new HashSet<>();
    private long bytes;

    void put(EntryKey key, byte[] value) {
        change(key, Optional.of(value));
    }

    void remove(EntryKey key) {
        change(key, Optional.empty());
    }

    /** The node is gone. */
    void removeAll(int partition, long nodeId) {
        removeAll(ValueScope.ofNode(partition, nodeId));
    }

    /** The partition is gone. */
    void removeAll(int partition) {
        removeAll(ValueScope.ofPartition(partition));
    }

    private void removeAll(ValueScope scope) {
        deleted.add(scope);
        Iterator<Map.Entry<EntryKey, Optional<byte[]>>> own =
                changed.tailMap(scope.first(), true).entrySet().iterator();
        while (own.hasNext()) {
            Map.Entry<EntryKey, Optional<byte[]>> entry = own.next();
            if (!scope.contains(entry.getKey())) {
                return;
            }
            bytes -= entryBytes(entry.getKey()) + valueBytes(entry.getValue());
            own.remove();
        }
    }

    /** About what they take in memory. */
    long bytes() {
        return bytes;
    }

    /** Puts the next of them into MVStore; false when there are none left. */
    boolean step(NodeStore store) {
        Iterator<ValueScope> scopes = deleted.iterator();
        if (scopes.hasNext()) {
            if (!store.removeValues(scopes.next())) {
                scopes.remove();
            }
            return true;
        }
        for (int i = 0; i < ENTRIES_PER_STEP; i++) {
            Map.Entry<EntryKey, Optional<byte[]>> entry = changed.pollFirstEntry();
            if (entry == null) {
                return false;
            }
            EntryKey key = entry.getKey();
            entry.getValue().ifPresentOrElse(value -> store.putValue(key, value), () -> store.removeValue(key));
        }
        return true;
    }

    /** Tells {@code visitor} all values: those of MVStore as they are changed, and new ones. */
    void report(NodeStore store, RecoveryVisitor visitor) {
        TreeMap<EntryKey, byte[]> fresh = new TreeMap<>();
        changed.forEach((key, value) -> value.ifPresent(bytes -> fresh.put(key, bytes)));
        store.forEachValue((key, stored) -> {
            if (!isChanged(key)) {
                byte[] value = new byte[stored.remaining()];
                stored.get(value);
                for (Map.Entry<EntryKey, byte[]> before = fresh.firstEntry();
                        before != null && before.getKey().compareTo(key) < 0;
                        before = fresh.firstEntry()) {
                    report(fresh.pollFirstEntry(), visitor);
                }
                visitor.onValue(key.partition(), key.nodeId(), key.key().clone(), value);
            }
        });
        while (!fresh.isEmpty()) {
            report(fresh.pollFirstEntry(), visitor);
        }
    }

    /** Changes values that were found elsewhere, after {@code after} and up to {@code last}, or all that follow. */
    void overlay(Map<EntryKey, byte[]> found, ValueScope scope, EntryKey after, Optional<EntryKey> last) {
        found.keySet().removeIf(this::isChanged);
        for (Map.Entry<EntryKey, Optional<byte[]>> change :
                changed.tailMap(after, false).entrySet()) {
            EntryKey key = change.getKey();
            if (!scope.contains(key) || (last.isPresent() && key.compareTo(last.get()) > 0)) {
                return;
            }
            change.getValue().ifPresent(value -> found.put(key, value));
        }
    }

    /** Whether what MVStore holds under the key is not so any more. */
    private boolean isChanged(EntryKey key) {
        return changed.containsKey(key)
                || deleted.contains(ValueScope.ofNode(key.partition(), key.nodeId()))
                || deleted.contains(ValueScope.ofPartition(key.partition()));
    }

    private static void report(Map.Entry<EntryKey, byte[]> entry, RecoveryVisitor visitor) {
        EntryKey key = entry.getKey();
        visitor.onValue(
                key.partition(),
                key.nodeId(),
                key.key().clone(),
                entry.getValue().clone());
    }

    private void change(EntryKey key, Optional<byte[]> value) {
        Optional<byte[]> before = changed.put(key, value);
        bytes += valueBytes(value);
        bytes += before == null ? entryBytes(key) : -valueBytes(before);
    }

    private static long entryBytes(EntryKey key) {
        return ENTRY_BYTES + key.key().length;
    }

    private static long valueBytes(Optional<byte[]> value) {
        return value.map(now -> (long) now.length).orElse(0L);
    }
}

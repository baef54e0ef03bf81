package io.sterna.store;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.function.Consumer;
import org.h2.mvstore.MVMap;

/** Copies all entries of a file into a new one, in slices. The CRCs go with them. Owned by the worker. */
final class MessageCopier {
    private final MessageFile target;
    private final long sliceBytes;
    private final Deque<MapCopy<?>> maps;

    /**
     * Begins.
     *
     * @param damages hears of what could not be read; entries that are damaged are left out
     */
    MessageCopier(MessageFile source, MessageFile target, long sliceBytes, Consumer<StoreException> damages) {
        this.target = target;
        this.sliceBytes = sliceBytes;
        maps = new ArrayDeque<>(List.of(
                numbered(source, MessageFile.HEADERS, damages),
                numbered(source, MessageFile.BODIES, damages),
                numbered(source, MessageFile.NODES, damages),
                numbered(source, MessageFile.PARTITIONS, damages),
                entries(source, MessageFile.VALUES, damages),
                entries(source, MessageFile.REFERENCES, damages)));
    }

    private MapCopy<Long> numbered(MessageFile source, String name, Consumer<StoreException> damages) {
        CheckedMap<Long> from = CheckedMap.numbered(source, name);
        return new MapCopy<>(from, from.entries(damages), target.map(name, new ValueTypes.Key()));
    }

    private MapCopy<EntryKey> entries(MessageFile source, String name, Consumer<StoreException> damages) {
        CheckedMap<EntryKey> from = CheckedMap.entries(source, name);
        return new MapCopy<>(from, from.entries(damages), target.map(name, new ValueTypes.Entry()));
    }

    /**
     * Copies the next slice.
     *
     * @return false when everything is copied
     */
    boolean step() {
        MapCopy<?> map = maps.peek();
        if (map == null) {
            return false;
        }
        if (!map.step()) {
            maps.remove();
        }
        target.maybeCommit(sliceBytes);
        return true;
    }

    /** Puts the copy on stable storage, and notes in it from where on it needs the journal. */
    CheckpointNote save(long replayFrom) {
        return target.save(replayFrom);
    }

    private final class MapCopy<K> {
        private final CheckedMap<K> from;
        private final PageIterator<K> entries;
        private final MVMap<K, byte[]> to;

        MapCopy(CheckedMap<K> from, PageIterator<K> entries, MVMap<K, byte[]> to) {
            this.from = from;
            this.entries = entries;
            this.to = to;
        }

        /** Copies the next slice; false when this map is copied. */
        boolean step() {
            long bytes = 0;
            while (bytes < sliceBytes) {
                if (!entries.advance()) {
                    return false;
                }
                K key = entries.key();
                byte[] value = entries.value();
                if (from.isGood(key, value)) {
                    to.put(key, value);
                    target.onPut(value.length);
                }
                bytes += value.length;
            }
            return true;
        }
    }
}

package io.sterna.store;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Optional;
import org.h2.mvstore.Cursor;
import org.h2.mvstore.MVMap;
import org.h2.mvstore.type.DataType;

/** Copies all entries of a file into a new one, in slices. The CRCs go with them. Owned by the worker. */
final class MessageCopier {
    private final MessageFile source;
    private final MessageFile target;
    private final long sliceBytes;
    private final Deque<MapCopy<?>> maps;

    MessageCopier(MessageFile source, MessageFile target, long sliceBytes) {
        this.source = source;
        this.target = target;
        this.sliceBytes = sliceBytes;
        maps = new ArrayDeque<>(List.of(
                new MapCopy<>(MessageFile.HEADERS, new ValueTypes.Key()),
                new MapCopy<>(MessageFile.BODIES, new ValueTypes.Key()),
                new MapCopy<>(MessageFile.NODES, new ValueTypes.Key()),
                new MapCopy<>(MessageFile.PARTITIONS, new ValueTypes.Key()),
                new MapCopy<>(MessageFile.VALUES, new ValueTypes.Entry()),
                new MapCopy<>(MessageFile.REFERENCES, new ValueTypes.Entry())));
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

    /** Puts the copy on stable storage. */
    MessageFile.Saved save() {
        return target.save();
    }

    private final class MapCopy<K> {
        private final MVMap<K, byte[]> from;
        private final MVMap<K, byte[]> to;
        private Optional<K> last = Optional.empty();

        MapCopy(String name, DataType<K> keys) {
            from = source.map(name, keys);
            to = target.map(name, keys);
        }

        /** Copies the next slice; false when this map is copied. */
        boolean step() {
            Cursor<K, byte[]> cursor = from.cursor(last.map(from::higherKey).orElse(null));
            long bytes = 0;
            while (cursor.hasNext() && bytes < sliceBytes) {
                K key = cursor.next();
                byte[] value = cursor.getValue();
                to.put(key, value);
                target.onPut(value.length);
                bytes += value.length;
                last = Optional.of(key);
            }
            return cursor.hasNext();
        }
    }
}

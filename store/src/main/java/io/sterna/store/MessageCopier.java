package io.sterna.store;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.h2.mvstore.Cursor;
import org.h2.mvstore.MVMap;

/** Copies all entries of a file into a new one, in slices. The CRCs go with them. Owned by the worker. */
final class MessageCopier {
    private final MessageFile source;
    private final MessageFile target;
    private final long sliceBytes;
    private final Deque<String> maps = new ArrayDeque<>(
            List.of(MessageFile.HEADERS, MessageFile.BODIES, MessageFile.NODES, MessageFile.PARTITIONS));
    private long nextKey = Long.MIN_VALUE;

    MessageCopier(MessageFile source, MessageFile target, long sliceBytes) {
        this.source = source;
        this.target = target;
        this.sliceBytes = sliceBytes;
    }

    /**
     * Copies the next slice.
     *
     * @return false when everything is copied
     */
    boolean step() {
        String name = maps.peek();
        if (name == null) {
            return false;
        }
        MVMap<Long, byte[]> to = target.map(name);
        Cursor<Long, byte[]> from = source.map(name).cursor(nextKey);
        long bytes = 0;
        while (from.hasNext() && bytes < sliceBytes) {
            long key = from.next();
            byte[] value = from.getValue();
            to.put(key, value);
            target.onPut(value.length);
            bytes += value.length;
            nextKey = key + 1;
        }
        target.maybeCommit(sliceBytes);
        if (!from.hasNext()) {
            maps.remove();
            nextKey = Long.MIN_VALUE;
        }
        return true;
    }

    /** Puts the copy on stable storage. */
    MessageFile.Saved save() {
        return target.save();
    }
}

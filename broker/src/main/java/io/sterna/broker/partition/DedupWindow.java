package io.sterna.broker.partition;

import io.sterna.broker.config.Deduplication;
import io.sterna.store.LogOperation;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The ids of messages that a node has taken, as many and for as long as its policy says. In the store they take as many
 * slots, each of which the record of a later id overwrites, so that none is ever removed there:
 *
 * <pre>
 * key   +-------+------+     value +-----------+---------------+------
 *       | dup/  | slot |           | number, 8 | taken at, 8   | id …
 *       +-------+------+           +-----------+---------------+------
 * </pre>
 *
 * <p>Owned by the partition's loop; until it starts by the thread that recovers it.
 */
final class DedupWindow {
    private static final byte[] PREFIX = {'d', 'u', 'p', '/'};
    private static final int VALUE_PREFIX_BYTES = 2 * Long.BYTES;

    private final Deduplication policy;

    /** When each id was taken, the oldest first. */
    private final Map<ByteBuffer, Long> takenAtMillis = new LinkedHashMap<>();

    private final List<Kept> recovered = new ArrayList<>(0);
    private long next;

    private record Kept(long number, long atMillis, byte[] id) {}

    DedupWindow(Deduplication policy) {
        this.policy = policy;
    }

    /** Whether a message with this id was taken, and not too long ago. */
    boolean contains(byte[] id, long nowMillis) {
        Long atMillis = takenAtMillis.get(ByteBuffer.wrap(id));
        return atMillis != null && nowMillis - atMillis < policy.windowMillis();
    }

    /**
     * Remembers an id.
     *
     * @return what keeps it in the store of that node
     */
    LogOperation take(long nodeId, byte[] id, long nowMillis) {
        remember(id, nowMillis);
        long number = next++;
        byte[] key = ByteBuffer.allocate(PREFIX.length + Integer.BYTES)
                .put(PREFIX)
                .putInt((int) (number % policy.maxIds()))
                .array();
        byte[] value = ByteBuffer.allocate(VALUE_PREFIX_BYTES + id.length)
                .putLong(number)
                .putLong(nowMillis)
                .put(id)
                .array();
        return new LogOperation.ValuePut(nodeId, key, value);
    }

    private void remember(byte[] id, long nowMillis) {
        ByteBuffer wrapped = ByteBuffer.wrap(id);
        takenAtMillis.remove(wrapped); // One that is too old goes to the end again.
        takenAtMillis.put(wrapped, nowMillis);
        Iterator<Long> oldest = takenAtMillis.values().iterator();
        while (oldest.hasNext()) {
            long atMillis = oldest.next();
            if (takenAtMillis.size() <= policy.maxIds() && nowMillis - atMillis < policy.windowMillis()) {
                return;
            }
            oldest.remove();
        }
    }

    int size() {
        return takenAtMillis.size();
    }

    /** Whether a value of a node in the store is one of these. */
    static boolean isKey(byte[] key) {
        return key.length == PREFIX.length + Integer.BYTES
                && ByteBuffer.wrap(key, 0, PREFIX.length).equals(ByteBuffer.wrap(PREFIX));
    }

    /** A value that the store has kept; before the partition starts. */
    void recover(byte[] value) {
        ByteBuffer in = ByteBuffer.wrap(value);
        byte[] id = new byte[value.length - VALUE_PREFIX_BYTES];
        Kept kept = new Kept(in.getLong(), in.getLong(), id);
        in.get(id);
        recovered.add(kept);
    }

    /** All values have been recovered. */
    void onRecovered() {
        recovered.sort(Comparator.comparingLong(Kept::number));
        for (Kept kept : recovered) {
            remember(kept.id(), kept.atMillis());
            next = kept.number() + 1;
        }
        recovered.clear();
    }
}

package io.sterna.broker.partition;

import io.sterna.broker.config.Deduplication;
import io.sterna.store.LogOperation;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The ids of messages that a node has taken, as many and for as long as its policy says. In the store they take as many
 * slots, each of which the record of a later id overwrites once its own is forgotten, so that none is ever removed
 * there:
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

    private Deduplication policy;

    /** The ids, the oldest first. */
    private final Map<ByteBuffer, Taken> taken = new LinkedHashMap<>();

    /** Slots below the first unused one whose ids are forgotten. */
    private final ArrayDeque<Integer> freeSlots = new ArrayDeque<>(0);

    private int firstUnusedSlot;

    private final List<Kept> recovered = new ArrayList<>(0);
    private long next;

    private record Taken(long atMillis, int slot) {}

    private record Kept(long number, Taken taken, byte[] id) {}

    DedupWindow(Deduplication policy) {
        this.policy = policy;
    }

    /** From now on another policy counts, also for ids that are here. */
    void changed(Deduplication changed, long nowMillis) {
        policy = changed;
        forgetOld(nowMillis);
    }

    /** Whether a message with this id was taken, and not too long ago. */
    boolean contains(ByteBuffer id, long nowMillis) {
        Taken its = taken.get(id);
        return its != null && nowMillis - its.atMillis() < policy.windowMillis();
    }

    /**
     * Remembers an id.
     *
     * @return what keeps it in the store of that node
     */
    LogOperation take(long nodeId, byte[] id, long nowMillis) {
        int slot = freeSlots.isEmpty() ? firstUnusedSlot++ : freeSlots.removeFirst();
        remember(id, new Taken(nowMillis, slot));
        forgetOld(nowMillis);
        byte[] key = ByteBuffer.allocate(PREFIX.length + Integer.BYTES)
                .put(PREFIX)
                .putInt(slot)
                .array();
        byte[] value = ByteBuffer.allocate(VALUE_PREFIX_BYTES + id.length)
                .putLong(next++)
                .putLong(nowMillis)
                .put(id)
                .array();
        return new LogOperation.ValuePut(nodeId, key, value);
    }

    private void remember(byte[] id, Taken now) {
        ByteBuffer wrapped = ByteBuffer.wrap(id);
        Taken before = taken.remove(wrapped); // One that is too old goes to the end again.
        if (before != null) {
            freeSlots.add(before.slot());
        }
        taken.put(wrapped, now);
    }

    private void forgetOld(long nowMillis) {
        Iterator<Taken> oldest = taken.values().iterator();
        while (oldest.hasNext()) {
            Taken its = oldest.next();
            if (taken.size() <= policy.maxIds() && nowMillis - its.atMillis() < policy.windowMillis()) {
                return;
            }
            oldest.remove();
            freeSlots.add(its.slot());
        }
    }

    int size() {
        return taken.size();
    }

    /** Whether a value of a node in the store is one of these. */
    static boolean isKey(byte[] key) {
        return key.length == PREFIX.length + Integer.BYTES
                && ByteBuffer.wrap(key, 0, PREFIX.length).equals(ByteBuffer.wrap(PREFIX));
    }

    /** A value that the store has kept; before the partition starts. */
    void recover(byte[] key, byte[] value) {
        int slot = ByteBuffer.wrap(key).getInt(PREFIX.length);
        firstUnusedSlot = Math.max(firstUnusedSlot, slot + 1);
        ByteBuffer in = ByteBuffer.wrap(value);
        byte[] id = new byte[value.length - VALUE_PREFIX_BYTES];
        Kept kept = new Kept(in.getLong(), new Taken(in.getLong(), slot), id);
        in.get(id);
        recovered.add(kept);
    }

    /** All values have been recovered. */
    void onRecovered(long nowMillis) {
        recovered.sort(Comparator.comparingLong(Kept::number));
        for (Kept kept : recovered) {
            remember(kept.id(), kept.taken());
            next = kept.number() + 1;
        }
        recovered.clear();
        forgetOld(nowMillis);
    }
}

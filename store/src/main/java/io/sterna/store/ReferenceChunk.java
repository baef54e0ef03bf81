package io.sterna.store;

import java.nio.ByteBuffer;
import java.util.NavigableMap;

/**
 * Which of {@link #SEQUENCES} sequences of a topic one queue refers to: a bit for each. The unit in which references are
 * kept in MVStore:
 *
 * <pre>
 *  +---------------------+------------+----------------------------------+
 *  | words that follow   | words      | updates of this queue's messages |
 *  | short, a bit a word | long each  | as {@link Update#putAll} puts    |
 *  +---------------------+------------+----------------------------------+
 * </pre>
 *
 * Owned by the worker.
 */
final class ReferenceChunk {
    static final int SEQUENCES = 1024;

    private final QueueState queue;
    private final long topicId;
    private final long number;
    private final long[] words = new long[SEQUENCES / Long.SIZE];
    private int count;
    private boolean dirty;
    private boolean stored;
    private boolean updatesStored;

    /** The empty chunk for sequences from {@code number} times {@link #SEQUENCES} on. */
    ReferenceChunk(QueueState queue, long topicId, long number) {
        this.queue = queue;
        this.topicId = topicId;
        this.number = number;
    }

    static long numberOf(long sequence) {
        return Math.floorDiv(sequence, (long) SEQUENCES);
    }

    QueueState queue() {
        return queue;
    }

    long topicId() {
        return topicId;
    }

    long number() {
        return number;
    }

    boolean add(long sequence) {
        int at = place(sequence);
        long bit = 1L << at;
        if ((words[at / Long.SIZE] & bit) != 0) {
            return false;
        }
        words[at / Long.SIZE] |= bit;
        count++;
        return true;
    }

    boolean remove(long sequence) {
        int at = place(sequence);
        long bit = 1L << at;
        if ((words[at / Long.SIZE] & bit) == 0) {
            return false;
        }
        words[at / Long.SIZE] &= ~bit;
        count--;
        return true;
    }

    boolean contains(long sequence) {
        int at = place(sequence);
        return (words[at / Long.SIZE] & (1L << at)) != 0;
    }

    int count() {
        return count;
    }

    boolean isEmpty() {
        return count == 0;
    }

    /** The first sequence here that is not below {@code sequence}; {@link ReferenceSet#NONE} when there is none. */
    long nextFrom(long sequence) {
        int at = sequence <= number * SEQUENCES ? 0 : place(sequence);
        int word = at / Long.SIZE;
        long bits = words[word] & (-1L << at);
        while (bits == 0) {
            if (++word == words.length) {
                return ReferenceSet.NONE;
            }
            bits = words[word];
        }
        return sequence(word * Long.SIZE + Long.numberOfTrailingZeros(bits));
    }

    /** The first sequence here; {@link ReferenceSet#NONE} when there is none. */
    long first() {
        return nextFrom(sequence(0));
    }

    /** The first sequence here above another one here; {@link ReferenceSet#NONE} when there is none. */
    long after(long sequence) {
        return place(sequence) == SEQUENCES - 1 ? ReferenceSet.NONE : nextFrom(sequence + 1);
    }

    long sequence(int place) {
        return number * SEQUENCES + place;
    }

    int place(long sequence) {
        return Math.floorMod(sequence, SEQUENCES);
    }

    EntryKey key() {
        byte[] key = new byte[2 * Long.BYTES];
        ByteBuffer.wrap(key).putLong(topicId).putLong(number);
        return new EntryKey(queue.partition(), queue.ownerId(), key);
    }

    /** What MVStore is to hold, with the room for a CRC. */
    byte[] encode(NavigableMap<Integer, Update> updates) {
        ByteBuffer out = ByteBuffer.allocate(
                Short.BYTES + words.length * Long.BYTES + Update.maxBytes(updates) + CheckedMap.CRC_BYTES);
        int mask = 0;
        for (int i = 0; i < words.length; i++) {
            mask |= words[i] == 0 ? 0 : 1 << i;
        }
        out.putShort((short) mask);
        for (long word : words) {
            if (word != 0) {
                out.putLong(word);
            }
        }
        Update.putAll(out, updates);
        byte[] encoded = new byte[out.position() + CheckedMap.CRC_BYTES];
        out.flip().get(encoded, 0, out.limit());
        return encoded;
    }

    /** Takes what MVStore holds; this was empty. */
    void decode(ByteBuffer in) {
        int mask = in.getShort();
        for (int i = 0; i < words.length; i++) {
            if ((mask & (1 << i)) != 0) {
                words[i] = in.getLong();
                count += Long.bitCount(words[i]);
            }
        }
        onStored(!Update.getAll(in).isEmpty());
    }

    /** The updates in what MVStore holds. */
    static NavigableMap<Integer, Update> updates(ByteBuffer in) {
        int mask = in.getShort() & 0xFFFF;
        in.position(in.position() + Integer.bitCount(mask) * Long.BYTES);
        return Update.getAll(in);
    }

    /**
     * Notes that MVStore does not yet know what is known here.
     *
     * @return whether it was in step until now
     */
    boolean markDirty() {
        boolean before = dirty;
        dirty = true;
        return !before;
    }

    void markClean() {
        dirty = false;
    }

    /** MVStore holds it. */
    void onStored(boolean withUpdates) {
        stored = true;
        updatesStored = withUpdates;
    }

    /** MVStore does not hold it any more. */
    void onRemoved() {
        stored = false;
        updatesStored = false;
    }

    boolean isStored() {
        return stored;
    }

    /** Whether what MVStore holds has updates. */
    boolean hasStoredUpdates() {
        return updatesStored;
    }
}

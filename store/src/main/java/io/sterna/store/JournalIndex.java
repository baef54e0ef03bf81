package io.sterna.store;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntConsumer;

/**
 * Where one queue's live messages lie in the journal, by rising sequence: 20 bytes and a bit for each, no object. Owned
 * by the worker.
 */
final class JournalIndex {
    private static final int FIRST_CHUNK_ENTRIES = 8;
    private static final int CHUNK_ENTRIES = 512;

    private final List<Chunk> chunks = new ArrayList<>();
    /** Kept only until recovery has reported them; afterwards they are read from the journal with their message. */
    private final Map<Long, byte[]> traits = new HashMap<>(0);

    private int live;

    /** Takes one entry at a time. */
    interface EntryVisitor {
        /** Takes an entry and says whether to go on. The traits are empty once they were forgotten. */
        boolean onEntry(long sequence, long location, int sizeBytes, byte[] traits) throws StoreException;
    }

    /** Adds a message with a sequence above all others. */
    void add(long sequence, long location, int sizeBytes, byte[] traits) {
        if (chunks.isEmpty() || last().count == CHUNK_ENTRIES) {
            chunks.add(new Chunk());
        }
        last().add(sequence, location, sizeBytes);
        if (traits.length > 0) {
            this.traits.put(sequence, traits);
        }
        live++;
    }

    /**
     * Removes a message.
     *
     * @return whether it was there
     */
    boolean remove(long sequence) {
        int chunkAt = chunkOf(sequence);
        if (chunkAt < 0) {
            return false;
        }
        Chunk chunk = chunks.get(chunkAt);
        int at = chunk.find(sequence);
        if (at < 0 || !chunk.isLive(at)) {
            return false;
        }
        chunk.remove(at);
        traits.remove(sequence);
        live--;
        if (chunk.live == 0) {
            chunks.remove(chunkAt);
        }
        return true;
    }

    /** Recovery has reported the traits. */
    void forgetTraits() {
        traits.clear();
    }

    boolean contains(long sequence) {
        int chunkAt = chunkOf(sequence);
        if (chunkAt < 0) {
            return false;
        }
        int at = chunks.get(chunkAt).find(sequence);
        return at >= 0 && chunks.get(chunkAt).isLive(at);
    }

    int size() {
        return live;
    }

    /** Whether a message lies before {@code location}. */
    boolean reachesBefore(long location) {
        if (chunks.isEmpty()) {
            return false;
        }
        Chunk chunk = chunks.get(0);
        return chunk.locations[chunk.nextLive(0)] < location;
    }

    /** Size of the first message, 0 when it does not lie before {@code location}. */
    int firstBytesBefore(long location) {
        if (!reachesBefore(location)) {
            return 0;
        }
        Chunk chunk = chunks.get(0);
        return chunk.sizes[chunk.nextLive(0)];
    }

    /** Sum of the sizes of the messages that lie before {@code location}. */
    long bytesBefore(long location) {
        long bytes = 0;
        for (Chunk chunk : chunks) {
            for (int at = chunk.nextLive(0); at < chunk.count; at = chunk.nextLive(at + 1)) {
                if (chunk.locations[at] >= location) {
                    return bytes;
                }
                bytes += chunk.sizes[at];
            }
        }
        return bytes;
    }

    /** Visits live messages from a sequence on. The index must not be changed meanwhile. */
    void forEachFrom(long sequence, EntryVisitor visitor) throws StoreException {
        for (int i = Math.max(0, chunkOf(sequence)); i < chunks.size(); i++) {
            Chunk chunk = chunks.get(i);
            for (int at = chunk.nextLive(0); at < chunk.count; at = chunk.nextLive(at + 1)) {
                if (chunk.sequences[at] >= sequence
                        && !visitor.onEntry(
                                chunk.sequences[at],
                                chunk.locations[at],
                                chunk.sizes[at],
                                traits.getOrDefault(chunk.sequences[at], Update.NO_BYTES))) {
                    return;
                }
            }
        }
    }

    /** Tells the sizes of all live messages. */
    void forEachSize(IntConsumer visitor) {
        for (Chunk chunk : chunks) {
            for (int at = chunk.nextLive(0); at < chunk.count; at = chunk.nextLive(at + 1)) {
                visitor.accept(chunk.sizes[at]);
            }
        }
    }

    private Chunk last() {
        return chunks.get(chunks.size() - 1);
    }

    /** The last chunk that begins at or before a sequence, -1 when all begin after it. */
    private int chunkOf(long sequence) {
        int low = 0;
        int high = chunks.size() - 1;
        while (low <= high) {
            int middle = (low + high) >>> 1;
            if (chunks.get(middle).sequences[0] <= sequence) {
                low = middle + 1;
            } else {
                high = middle - 1;
            }
        }
        return high;
    }

    private static final class Chunk {
        private long[] sequences = new long[FIRST_CHUNK_ENTRIES];
        private long[] locations = new long[FIRST_CHUNK_ENTRIES];
        private int[] sizes = new int[FIRST_CHUNK_ENTRIES];
        private final long[] removed = new long[CHUNK_ENTRIES / Long.SIZE];
        private int count;
        private int live;

        void add(long sequence, long location, int sizeBytes) {
            if (count == sequences.length) {
                sequences = Arrays.copyOf(sequences, count * 2);
                locations = Arrays.copyOf(locations, count * 2);
                sizes = Arrays.copyOf(sizes, count * 2);
            }
            sequences[count] = sequence;
            locations[count] = location;
            sizes[count] = sizeBytes;
            count++;
            live++;
        }

        int find(long sequence) {
            return Arrays.binarySearch(sequences, 0, count, sequence);
        }

        boolean isLive(int at) {
            return (removed[at / Long.SIZE] & (1L << at)) == 0;
        }

        void remove(int at) {
            removed[at / Long.SIZE] |= 1L << at;
            live--;
        }

        int nextLive(int from) {
            int at = from;
            while (at < count && !isLive(at)) {
                at++;
            }
            return at;
        }
    }
}

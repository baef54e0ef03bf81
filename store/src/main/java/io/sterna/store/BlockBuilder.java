package io.sterna.store;

import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.TreeMap;

/** Gathers messages of one queue, by rising sequence, until they make a block, and then those of the next. Owned by the worker. */
final class BlockBuilder {
    private static final int FIRST_CAPACITY = 64;

    private final int blockBytes;
    private final TreeMap<Integer, Update> updates = new TreeMap<>();
    private long[] sequences = new long[FIRST_CAPACITY];
    private int[] sizes = new int[FIRST_CAPACITY];
    private int count;

    /** The messages, one behind the other. */
    private byte[] bodies;

    private int bodyBytes;

    BlockBuilder(int blockBytes) {
        this.blockBytes = blockBytes;
        bodies = new byte[blockBytes];
    }

    /** Whether a message may be added. A message longer than a block stands alone. */
    boolean takes(long sequence, int sizeBytes) {
        return count == 0
                || (count < Block.MAX_MESSAGES
                        && (long) bodyBytes + sizeBytes <= blockBytes
                        && sequence - sequences[0] <= Integer.MAX_VALUE
                        && sequence - sequences[0] > 0);
    }

    void add(long sequence, ByteBuffer message, Update update) {
        if (count == sequences.length) {
            sequences = Arrays.copyOf(sequences, count * 2);
            sizes = Arrays.copyOf(sizes, count * 2);
        }
        int bytes = message.remaining();
        if (bodies.length - bodyBytes < bytes) {
            bodies = Arrays.copyOf(bodies, bodyBytes + bytes);
        }
        message.get(message.position(), bodies, bodyBytes, bytes);
        sequences[count] = sequence;
        sizes[count] = bytes;
        if (!update.isNone()) {
            updates.put(count, update);
        }
        bodyBytes += bytes;
        count++;
    }

    boolean isEmpty() {
        return count == 0;
    }

    /** Puts the block of a queue into MVStore; this is empty again. */
    Block build(QueueState queue, BlockStore store) {
        long[] settled = Block.nothingSettled(count);
        long[] all = Arrays.copyOf(sequences, count);
        int[] itsSizes = Arrays.copyOf(sizes, count);
        long number = store.nextNumber(bodyBytes);
        store.put(
                number,
                new BlockHeader(queue, bodyBytes, all, itsSizes, settled, new TreeMap<>(updates)),
                ByteBuffer.wrap(bodies, 0, bodyBytes));
        Block block = new Block(number, all, bodyBytes, settled);
        clear();
        return block;
    }

    /** Forgets what was added. */
    void clear() {
        updates.clear();
        count = 0;
        bodyBytes = 0;
        if (bodies.length > blockBytes) {
            bodies = new byte[blockBytes];
        }
    }
}

package io.sterna.store;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.TreeMap;

/** Gathers messages of one queue, by rising sequence, until they make a block. Owned by the worker. */
final class BlockBuilder {
    private final QueueState queue;
    private final int blockBytes;
    private final List<byte[]> messages = new ArrayList<>();
    private final TreeMap<Integer, Update> updates = new TreeMap<>();
    private long[] sequences = new long[64];
    private long bodyBytes;

    BlockBuilder(QueueState queue, int blockBytes) {
        this.queue = queue;
        this.blockBytes = blockBytes;
    }

    /** Whether a message may be added. A message longer than a block stands alone. */
    boolean takes(long sequence, int sizeBytes) {
        int count = messages.size();
        return count == 0
                || (count < Block.MAX_MESSAGES
                        && bodyBytes + sizeBytes <= blockBytes
                        && sequence - sequences[0] <= Integer.MAX_VALUE
                        && sequence - sequences[0] > 0);
    }

    void add(long sequence, byte[] message, Update update) {
        int count = messages.size();
        if (count == sequences.length) {
            sequences = Arrays.copyOf(sequences, count * 2);
        }
        sequences[count] = sequence;
        if (!update.isNone()) {
            updates.put(count, update);
        }
        messages.add(message);
        bodyBytes += message.length;
    }

    boolean isEmpty() {
        return messages.isEmpty();
    }

    /** Puts the block into MVStore; this is empty again. */
    Block build(BlockStore store) {
        long[] settled = Block.nothingSettled(messages.size());
        long[] all = Arrays.copyOf(sequences, messages.size());
        int[] sizes = messages.stream().mapToInt(message -> message.length).toArray();
        long number = store.nextNumber(bodyBytes);
        store.put(number, new BlockHeader(queue, bodyBytes, all, sizes, settled, new TreeMap<>(updates)), messages);
        Block block = new Block(number, all, bodyBytes, settled);
        messages.clear();
        updates.clear();
        bodyBytes = 0;
        return block;
    }
}

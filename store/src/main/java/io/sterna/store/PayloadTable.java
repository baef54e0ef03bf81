package io.sterna.store;

import java.util.Arrays;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** What recovery has to tell of a topic's messages, once for each queue that refers to them. Owned by one thread. */
final class PayloadTable {
    private final Map<Long, Update> updates = new HashMap<>();
    private long[] sequences = new long[64];
    private int[] sizes = new int[64];
    private int count;

    /** A message without its bytes. */
    record Payload(long sequence, int sizeBytes, Update update) {
        Payload with(Update other) {
            return new Payload(sequence, sizeBytes, other);
        }
    }

    /** Tells all live messages of a queue or topic, rising by sequence. */
    static void forEach(QueueState owner, BlockStore blocks, Consumer<Payload> visitor) throws StoreException {
        for (Block block : owner.blocks().values()) {
            BlockHeader header = blocks.header(block.number());
            for (int at = 0; at < block.count(); at++) {
                if (block.isLive(at)) {
                    Update stored = header.update(at).orElse(Update.NONE);
                    visitor.accept(new Payload(block.sequence(at), header.sizes()[at], stored));
                }
            }
        }
        owner.index().forEachFrom(Long.MIN_VALUE, (sequence, location, sizeBytes, traits) -> {
            visitor.accept(new Payload(sequence, sizeBytes, Update.fresh(traits)));
            return true;
        });
    }

    /** Adds a message with a sequence above all others. */
    void add(Payload payload) {
        if (count == sequences.length) {
            sequences = Arrays.copyOf(sequences, count * 2);
            sizes = Arrays.copyOf(sizes, count * 2);
        }
        sequences[count] = payload.sequence();
        sizes[count] = payload.sizeBytes();
        count++;
        if (!payload.update().isNone()) {
            updates.put(payload.sequence(), payload.update());
        }
    }

    Optional<Payload> find(long sequence) {
        int at = Arrays.binarySearch(sequences, 0, count, sequence);
        return at < 0
                ? Optional.empty()
                : Optional.of(new Payload(sequence, sizes[at], updates.getOrDefault(sequence, Update.NONE)));
    }
}

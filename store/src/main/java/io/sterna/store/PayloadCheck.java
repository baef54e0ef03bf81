package io.sterna.store;

import io.sterna.store.StoreInspector.Progress;
import java.util.ArrayList;
import java.util.List;
import org.h2.mvstore.MVStoreException;

/**
 * Reads all messages that are kept in blocks, part by part, and tells which are unreadable. Those that are still in the
 * journal were read when it was replayed. Owned by the worker, or the inspecting thread.
 */
final class PayloadCheck {
    private final StoreState state;
    private final BlockStore blocks;
    private final Progress progress;
    private long bytes;
    private long allBytes;

    PayloadCheck(WorkerParts parts, Progress progress) {
        state = parts.state();
        blocks = parts.blocks();
        this.progress = progress;
    }

    /** A message that can't be read. */
    record Unreadable(QueueState owner, long sequence) {}

    /** Adds each damage found to {@code damages} and gives the messages that are affected, rising within their owner. */
    List<Unreadable> run(DamageLog damages) {
        for (QueueState owner : state.owners()) {
            owner.blocks().values().forEach(block -> allBytes += block.bodyBytes());
        }
        List<Unreadable> unreadable = new ArrayList<>();
        for (QueueState owner : state.owners()) {
            for (Block block : owner.blocks().values()) {
                check(owner, block, damages, unreadable);
            }
        }
        return unreadable;
    }

    private void check(QueueState owner, Block block, DamageLog damages, List<Unreadable> unreadable) {
        for (long from = 0; from < block.bodyBytes(); from += BlockBodies.PART_BYTES) {
            int count = (int) Math.min(BlockBodies.PART_BYTES, block.bodyBytes() - from);
            try {
                blocks.body(block.number(), block.bodyBytes(), from, count);
            } catch (StoreException | MVStoreException e) {
                List<Long> affected = liveWithin(block, from, from + count);
                if (e instanceof DamageException) {
                    affected.forEach(sequence -> unreadable.add(new Unreadable(owner, sequence)));
                }
                damages.add(new StoreException(e.getMessage() + " It holds " + describe(affected) + " of "
                        + state.nameOf(owner) + (affected.isEmpty() ? "." : ", which can't be delivered.")));
            }
            bytes += count;
            progress.onProgress(bytes, allBytes);
        }
    }

    private static String describe(List<Long> sequences) {
        if (sequences.isEmpty()) {
            return "no message that is still needed";
        }
        return sequences.size() == 1
                ? "message " + sequences.get(0)
                : sequences.size() + " messages from " + sequences.get(0) + " to "
                        + sequences.get(sequences.size() - 1);
    }

    private List<Long> liveWithin(Block block, long from, long to) {
        List<Long> live = new ArrayList<>();
        try {
            int[] sizes = blocks.header(block.number()).sizes();
            long offset = 0;
            for (int at = 0; at < block.count(); at++) {
                boolean within = offset < to && (offset + sizes[at] > from || offset >= from);
                if (block.isLive(at) && within) {
                    live.add(block.sequence(at));
                }
                offset += sizes[at];
            }
        } catch (StoreException | MVStoreException e) {
            // It was readable a moment ago; then all of it is lost.
            for (int at = 0; at < block.count(); at++) {
                if (block.isLive(at)) {
                    live.add(block.sequence(at));
                }
            }
        }
        return live;
    }
}

package io.sterna.store;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;

/**
 * Copies what still lives in blocks that are nearly empty into fuller ones, so that a few long-lived messages do not keep
 * the space of many settled ones. Owned by the worker.
 */
final class BlockMerger {
    /** A block with less than this part of what a block takes is worth merging with its neighbours. */
    private static final int SPARSE_PART = 4;

    private final StoreState state;
    private final BlockStore store;
    private final int blockBytes;
    private final BlockBuilder builder;
    private final Consumer<StoreException> damages;
    /** Left as they are, by number. */
    private final Set<Long> unreadable = new HashSet<>();

    /**
     * Nothing is merged yet.
     *
     * @param damages hears of blocks that can't be merged because they are unreadable
     */
    BlockMerger(StoreState state, BlockStore store, int blockBytes, Consumer<StoreException> damages) {
        this.damages = damages;
        this.state = state;
        this.store = store;
        this.blockBytes = blockBytes;
        builder = new BlockBuilder(blockBytes);
    }

    /**
     * Merges the next run of sparse blocks.
     *
     * @param from blocks that begin before it are left alone
     * @return where to go on; {@link Long#MAX_VALUE} when the queue is done
     */
    long mergeNext(QueueState queue, long from) throws StoreException {
        List<Block> run = new ArrayList<>();
        long runBytes = 0;
        int runMessages = 0;
        Map.Entry<Long, Block> entry = queue.blocks().ceilingEntry(from);
        while (entry != null) {
            Block block = entry.getValue();
            boolean fits = isSparse(block)
                    && runBytes + liveBytes(block) <= blockBytes
                    && runMessages + block.live() <= Block.MAX_MESSAGES;
            if (fits) {
                run.add(block);
                runBytes += liveBytes(block);
                runMessages += block.live();
            } else if (isWorthwhile(run)) {
                break;
            } else {
                run.clear();
                runBytes = 0;
                runMessages = 0;
                if (isSparse(block)) {
                    run.add(block);
                    runBytes = liveBytes(block);
                    runMessages = block.live();
                }
            }
            entry = queue.blocks().higherEntry(entry.getKey());
        }
        if (isWorthwhile(run)) {
            if (!areReadable(queue, run)) {
                return run.get(0).firstSequence();
            }
            merge(queue, run);
        }
        return entry == null ? Long.MAX_VALUE : entry.getKey();
    }

    private void merge(QueueState queue, List<Block> run) throws StoreException {
        builder.clear();
        List<Block> merged = new ArrayList<>();
        for (Block block : run) {
            BlockHeader header = store.header(block.number());
            long offset = 0;
            for (int at = 0; at < block.count(); at++) {
                int place = at;
                int size = header.sizes()[at];
                if (block.isLive(at)) {
                    if (!builder.takes(block.sequence(at), size)) {
                        merged.add(builder.build(queue, store));
                    }
                    byte[] message = store.body(block.number(), block.bodyBytes(), offset, size);
                    Update update = state.takeUpdate(queue, block.sequence(at))
                            .or(() -> header.update(place))
                            .orElse(Update.NONE);
                    builder.add(block.sequence(at), ByteBuffer.wrap(message), update);
                }
                offset += size;
            }
        }
        if (!builder.isEmpty()) {
            merged.add(builder.build(queue, store));
        }
        for (Block block : run) {
            queue.blocks().remove(block.firstSequence());
            store.remove(block);
            state.forgetChange(block);
        }
        merged.forEach(queue::addBlock);
        // Not before: recovery may start from any commit, and must not find a message in two blocks.
        store.maybeCommit();
    }

    private boolean areReadable(QueueState queue, List<Block> run) {
        boolean all = true;
        for (Block block : run) {
            try {
                store.header(block.number());
                for (long from = 0; from < block.bodyBytes(); from += BlockBodies.PART_BYTES) {
                    int count = (int) Math.min(BlockBodies.PART_BYTES, block.bodyBytes() - from);
                    store.body(block.number(), block.bodyBytes(), from, count);
                }
            } catch (StoreException e) {
                all = false;
                unreadable.add(block.number());
                damages.accept(new StoreException(
                        e.getMessage() + " It holds messages of " + state.nameOf(queue) + ", which can't be delivered.",
                        e));
            }
        }
        return all;
    }

    private static boolean isWorthwhile(List<Block> run) {
        return run.size() > 1
                || (run.size() == 1
                        && run.get(0).live() * SPARSE_PART <= run.get(0).count());
    }

    private boolean isSparse(Block block) {
        return !unreadable.contains(block.number())
                && liveBytes(block) <= blockBytes / SPARSE_PART
                && block.live() <= Block.MAX_MESSAGES / SPARSE_PART;
    }

    private static long liveBytes(Block block) {
        return block.averageBytes() * block.live();
    }
}

package io.sterna.store;

import java.util.HashSet;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/** Brings the headers of blocks up to date with what was settled and changed. Owned by the worker. */
final class BlockUpdater {
    private final StoreState state;
    private final BlockStore store;
    /** Blocks of which was told that their header is damaged, by number. */
    private final Set<Long> withoutHeader = new HashSet<>();

    BlockUpdater(StoreState state, BlockStore store) {
        this.state = state;
        this.store = store;
    }

    /**
     * Puts a block's header as it should be, or removes the block when all of it is settled.
     *
     * @return whether the header was put
     */
    boolean update(QueueState queue, Block block) throws StoreException {
        if (block.live() == 0) {
            queue.blocks().remove(block.firstSequence());
            store.remove(block);
            // Its last message may have been settled since the changes were taken, which counts as one more.
            state.forgetChange(block);
            return false;
        }
        Optional<BlockHeader> found = header(queue, block);
        if (found.isEmpty()) {
            return false;
        }
        BlockHeader header = found.get();
        NavigableMap<Integer, Update> updates = new TreeMap<>(header.updates());
        for (int at = 0; at < block.count(); at++) {
            if (!block.isLive(at)) {
                updates.remove(at);
            } else if (!queue.updates().isEmpty()) {
                int place = at;
                state.takeUpdate(queue, block.sequence(at)).ifPresent(update -> updates.put(place, update));
            }
        }
        store.putHeader(block.number(), header.with(block.settled().clone(), updates));
        store.maybeCommit();
        return true;
    }

    /** Empty when it is damaged: nothing can be read of the block then, and no later start finds it. */
    private Optional<BlockHeader> header(QueueState queue, Block block) throws StoreException {
        try {
            return Optional.of(store.header(block.number()));
        } catch (DamageException e) {
            if (withoutHeader.add(block.number())) {
                store.onHeaderDamage(
                        block.number(),
                        new StoreException(
                                e.getMessage() + " The block holds messages of " + state.nameOf(queue)
                                        + ", which can't be delivered.",
                                e));
            }
            return Optional.empty();
        }
    }
}

package io.sterna.store;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.function.Consumer;

/** Moves messages out of the journal into blocks of MVStore. Owned by the worker. */
final class BlockMover {
    /** Others get the processor after so many. */
    private static final int MESSAGES_AT_A_TIME = 16;

    private final StoreState state;
    private final BlockStore store;
    private final JournalReader reader;
    private final NavigableMap<Integer, JournalSegment> segments;
    private final StoreConfig config;
    private final Disk disk;
    private final Consumer<StoreException> damages;
    private final BlockBuilder builder;

    BlockMover(WorkerParts parts, Consumer<StoreException> damages) {
        state = parts.state();
        store = parts.blocks();
        reader = parts.reader();
        segments = parts.segments();
        config = parts.config();
        disk = parts.disk();
        this.damages = damages;
        builder = new BlockBuilder(config.blockBytes());
    }

    /**
     * Moves the next ones of a queue or topic that lie before {@code cut}.
     *
     * @return how many bytes they have
     */
    long moveBlock(QueueState queue, long cut) throws StoreException {
        builder.clear();
        Deque<Long> moved = new ArrayDeque<>();
        queue.index().forEachFrom(Long.MIN_VALUE, (sequence, location, sizeBytes, traits) -> {
            if (location >= cut || !builder.takes(sequence, sizeBytes)) {
                return false;
            }
            Optional<JournalMessage> message = read(queue, sequence, location, sizeBytes);
            Optional<Update> update = state.takeUpdate(queue, sequence);
            message.ifPresent(found ->
                    builder.add(sequence, found.message(), update.orElseGet(() -> Update.fresh(found.traits()))));
            moved.add(sequence);
            if (moved.size() % MESSAGES_AT_A_TIME == 0) {
                Threads.letOthersRun();
            }
            return true;
        });
        long bytes = 0;
        if (!builder.isEmpty()) {
            Block block = builder.build(queue, store);
            queue.addBlock(block);
            bytes = block.bodyBytes();
        }
        moved.forEach(queue.index()::remove);
        store.maybeCommit();
        return bytes;
    }

    private Optional<JournalMessage> read(QueueState queue, long sequence, long location, int sizeBytes)
            throws StoreException {
        JournalSegment segment = segments.get(Location.segment(location));
        try {
            Optional<JournalMessage> message = reader.read(segment, location, sequence, sizeBytes);
            if (message.isEmpty()) {
                String copy = Quarantine.copy(
                        disk, segment.file().name(), segment.file().file(), "segment-" + segment.number());
                damages.accept(new StoreException("Message " + sequence + " of " + queue
                        + " is lost: its record in " + disk.path(segment.file().name())
                        + " is damaged; a copy of the file is in " + copy + "."));
            }
            return message;
        } catch (IOException e) {
            throw new StoreException(
                    "Cannot read the journal file " + disk.path(segment.file().name()) + ": " + e.getMessage(), e);
        }
    }
}

package io.sterna.store;

import io.sterna.store.Contents.MessageSource;
import java.util.Collections;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.function.LongPredicate;

/**
 * Goes through live messages in steps, between which they may change: a step says from which sequence the next one is to go
 * on. Owned by the worker.
 */
final class MessageWalk {
    /** There is no more. */
    static final long END = Long.MAX_VALUE;

    private static final int ENTRIES_PER_STEP = 1024;

    private final StoreState state;
    private final BlockStore blocks;
    private final MessageFinder finder;

    /** The header of a block that was read last in this step. */
    private Optional<BlockHeader> header = Optional.empty();

    private long headerOf = -1;

    /** How much is to be told of a message. */
    enum Detail {
        SEQUENCE,
        TRAITS,
        MESSAGE
    }

    /**
     * A message.
     *
     * @param update how it is now; for {@link Detail#SEQUENCE} not known when it is as it came
     * @param updated whether it is not as it came, perhaps
     * @param message empty unless asked for
     */
    record Found(long sequence, int sizeBytes, Update update, boolean updated, byte[] message) {}

    /** Takes a message. */
    interface Taker {
        /** Takes it, and says whether to go on. */
        boolean take(Found found) throws StoreException;
    }

    MessageWalk(WorkerParts parts, MessageFinder finder) {
        state = parts.state();
        blocks = parts.blocks();
        this.finder = finder;
    }

    /** Tells some of the messages of a queue's own, or of those published under a topic, that are wanted. */
    long own(QueueState owner, long from, LongPredicate wants, Detail detail, Taker taker) throws StoreException {
        Map.Entry<Long, Block> entry = owner.blocks().floorEntry(from);
        if (entry == null || entry.getValue().lastSequence() < from) {
            entry = owner.blocks().higherEntry(from);
        }
        return entry == null
                ? inJournal(owner, from, wants, detail, taker)
                : inBlock(owner, entry.getValue(), from, wants, detail, taker);
    }

    private long inBlock(QueueState owner, Block block, long from, LongPredicate wants, Detail detail, Taker taker)
            throws StoreException {
        long next = block.lastSequence() + 1;
        int at = nextWanted(block, 0, from, wants);
        if (at == block.count()) {
            return next;
        }
        try {
            BlockHeader header = blocks.header(block.number());
            BodyReader bodies = new BodyReader(blocks, block, header);
            while (at < block.count()) {
                long sequence = block.sequence(at);
                Optional<Update> stored = header.update(at);
                Optional<Update> pending = Optional.ofNullable(owner.updates().get(sequence));
                byte[] message = detail == Detail.MESSAGE ? bodies.read(at) : Update.NO_BYTES;
                Found found = new Found(
                        sequence,
                        header.sizes()[at],
                        pending.or(() -> stored).orElse(Update.NONE),
                        pending.isPresent() || stored.isPresent(),
                        message);
                if (!taker.take(found)) {
                    return sequence + 1;
                }
                at = nextWanted(block, at + 1, from, wants);
            }
        } catch (DamageException e) {
            finder.tell(-block.number(), e);
        }
        return next;
    }

    private static int nextWanted(Block block, int from, long fromSequence, LongPredicate wants) {
        int at = from;
        while (at < block.count()
                && (!block.isLive(at) || block.sequence(at) < fromSequence || !wants.test(block.sequence(at)))) {
            at++;
        }
        return at;
    }

    private long inJournal(QueueState owner, long from, LongPredicate wants, Detail detail, Taker taker)
            throws StoreException {
        long[] next = {END};
        int[] seen = {0};
        owner.index().forEachFrom(from, (sequence, location, sizeBytes, traits) -> {
            if (++seen[0] > ENTRIES_PER_STEP) {
                next[0] = sequence;
                return false;
            }
            boolean goOn = !wants.test(sequence) || take(owner, sequence, location, sizeBytes, detail, taker);
            next[0] = goOn ? END : sequence + 1;
            return goOn;
        });
        return next[0];
    }

    private boolean take(QueueState owner, long sequence, long location, int sizeBytes, Detail detail, Taker taker)
            throws StoreException {
        Optional<Update> pending = Optional.ofNullable(owner.updates().get(sequence));
        byte[] traits = {};
        byte[] message = {};
        if (detail != Detail.SEQUENCE) {
            try {
                JournalMessage read = finder.readJournal(owner, sequence, location, sizeBytes);
                traits = read.traits();
                message = detail == Detail.MESSAGE ? read.copyMessage() : message;
            } catch (DamageException e) {
                finder.tell(location, e);
                return true;
            }
        }
        Update update = pending.orElse(Update.fresh(traits));
        return taker.take(new Found(sequence, sizeBytes, update, pending.isPresent(), message));
    }

    /** Tells some of the messages of a topic that a queue refers to and that are wanted; never their bytes. */
    long referred(QueueState queue, ReferenceSet set, long from, LongPredicate wants, Detail detail, Taker taker)
            throws StoreException {
        headerOf = -1;
        long at = set.nextFrom(from);
        for (int seen = 0; at != ReferenceSet.NONE; seen++) {
            if (seen == ENTRIES_PER_STEP) {
                return at;
            }
            if (wants.test(at)) {
                Optional<Found> found = reference(queue, set, at, detail);
                if (found.isPresent() && !taker.take(found.get())) {
                    return at + 1;
                }
            }
            at = set.nextFrom(at + 1);
        }
        return END;
    }

    private Optional<Found> reference(QueueState queue, ReferenceSet set, long sequence, Detail detail)
            throws StoreException {
        Optional<Update> own = ownUpdate(queue, set, sequence);
        if (detail == Detail.SEQUENCE) {
            return Optional.of(new Found(sequence, 0, own.orElse(Update.NONE), own.isPresent(), Update.NO_BYTES));
        }
        return payload(set.topicId(), sequence)
                .map(found -> new Found(
                        sequence, found.sizeBytes(), own.orElse(found.update()), own.isPresent(), Update.NO_BYTES));
    }

    /** What has changed of a published message for one queue alone. */
    Optional<Update> ownUpdate(QueueState queue, ReferenceSet set, long sequence) throws StoreException {
        Optional<Update> pending = Optional.ofNullable(queue.updates().get(sequence));
        return pending.isPresent() ? pending : storedUpdate(set, sequence);
    }

    private Optional<Update> storedUpdate(ReferenceSet set, long sequence) throws StoreException {
        Optional<ReferenceChunk> chunk = set.chunkOf(sequence);
        if (chunk.isEmpty() || !chunk.get().hasStoredUpdates()) {
            return Optional.empty();
        }
        NavigableMap<Integer, Update> stored = Collections.emptyNavigableMap();
        try {
            stored = blocks.nodes().updates(chunk.get());
        } catch (DamageException e) {
            finder.tell(chunk.get().number(), e);
        }
        return Optional.ofNullable(stored.get(chunk.get().place(sequence)));
    }

    private Optional<Found> payload(long topicId, long sequence) throws StoreException {
        Optional<QueueState> topic = find(new MessageSource(true, topicId));
        return topic.isPresent() ? asItCame(topic.get(), sequence) : Optional.empty();
    }

    /** A live message of a queue's own or of a topic, but for what {@link QueueState#updates} has of it. */
    Optional<Found> asItCame(QueueState owner, long sequence) throws StoreException {
        Optional<Block> block = owner.blockOf(sequence);
        if (block.isPresent()) {
            return inBlock(block.get(), sequence);
        }
        Found[] found = new Found[1];
        owner.index().forEachFrom(sequence, (each, location, sizeBytes, traits) -> {
            if (each == sequence) {
                take(owner, sequence, location, sizeBytes, Detail.TRAITS, one -> {
                    found[0] = one;
                    return false;
                });
            }
            return false;
        });
        return Optional.ofNullable(found[0]);
    }

    private Optional<Found> inBlock(Block block, long sequence) throws StoreException {
        if (block.number() != headerOf) {
            try {
                header = Optional.of(blocks.header(block.number()));
            } catch (DamageException e) {
                finder.tell(-block.number(), e);
                header = Optional.empty();
            }
            headerOf = block.number();
        }
        int at = block.find(sequence);
        return header.map(found ->
                new Found(sequence, found.sizes()[at], found.update(at).orElse(Update.NONE), false, Update.NO_BYTES));
    }

    /** The queue's state, or the topic's; empty when it has no messages. */
    Optional<QueueState> find(MessageSource source) {
        return source.ofTopic()
                ? Optional.ofNullable(state.references().topics().get(source.id()))
                        .map(TopicState::payloads)
                : state.queue(source.id());
    }
}

package io.sterna.broker.partition;

import io.sterna.amqp.codec.DecodeException;
import io.sterna.broker.queue.Entry;
import io.sterna.broker.queue.LoadLimits;
import io.sterna.broker.queue.LoadedMessage;
import io.sterna.store.StoredMessage;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** What of a queue's messages has been spilled, and where it is. Owned by the partition's loop. */
final class QueueSpill {
    /** What is written together, at most; several chunks make a load. */
    private static final LoadLimits CHUNK = new LoadLimits(500, 256 * 1024);

    private final QueueNode node;
    private final SpillPieces<SpillShare> pieces = new SpillPieces<>();
    private long pendingBytes;
    private boolean ended;

    QueueSpill(QueueNode node) {
        this.node = node;
    }

    private LoopSpill loopSpill() {
        return node.loop().spill();
    }

    /** Payloads that will be let go when what is under way is written, bytes. */
    long pendingBytes() {
        return pendingBytes;
    }

    /**
     * Begins to write messages, a chunk at most; not within a command.
     *
     * @return bytes of their payloads, which will be let go; 0 when nothing is left to be written
     */
    long write(long bytes) {
        List<Entry> chosen = node.queue().spilling().choose(CHUNK.maxMessages(), Math.min(bytes, CHUNK.maxBytes()));
        chosen.sort(Comparator.comparingLong(Entry::sequence));
        List<Entry> toWrite = new ArrayList<>(chosen.size());
        Map<SpillChunk, List<Entry>> thereAlready = new LinkedHashMap<>(0);
        for (Entry entry : chosen) {
            Optional<SpillChunk> there = ((BrokerMessage) entry.message()).spilled();
            there.ifPresentOrElse(
                    chunk -> thereAlready
                            .computeIfAbsent(chunk, any -> new ArrayList<>())
                            .add(entry),
                    () -> toWrite.add(entry));
        }
        thereAlready.forEach(this::join);
        if (!toWrite.isEmpty()) {
            SpillChunk chunk = loopSpill()
                    .write(toWrite.stream()
                            .map(entry ->
                                    new StoredMessage(entry.sequence(), ((BrokerMessage) entry.message()).stored()))
                            .toList());
            toWrite.forEach(entry -> ((BrokerMessage) entry.message()).onSpilled(chunk));
            join(chunk, toWrite);
        }
        return bytes(chosen);
    }

    private void join(SpillChunk chunk, List<Entry> entries) {
        long bytes = bytes(entries);
        pendingBytes += bytes;
        loopSpill().join(chunk, new SpillChunk.Part(this, entries, bytes));
    }

    private static long bytes(List<Entry> entries) {
        return entries.stream().mapToLong(Entry::sizeBytes).sum();
    }

    void onWritten(SpillChunk chunk, SpillChunk.Part part) {
        pendingBytes -= part.bytes();
        if (ended) {
            return;
        }
        node.command(() -> {
            long[] here = node.queue().spilling().onWritten(part.entries()).stream()
                    .mapToLong(Entry::sequence)
                    .toArray();
            if (here.length > 0) {
                SpillShare share = chunk.shareOf(this);
                share.add(here);
                pieces.put(here, share);
            }
        });
    }

    void onFailed(SpillChunk.Part part) {
        pendingBytes -= part.bytes();
        node.command(() -> node.queue().spilling().onFailed(part.entries()));
    }

    /** A message that was spilled has left the queue, or is nowhere but in memory again. */
    void release(long sequence) {
        if (ended) {
            return;
        }
        SpillShare share = pieces.at(sequence).orElseThrow();
        share.release(1);
        if (share.messages() == 0) {
            pieces.remove(share, share.first(), share.last());
        }
        loopSpill().maybeForget(share.chunk());
    }

    /** The queue is gone. */
    void releaseAll() {
        ended = true;
        Set<SpillShare> shares = new LinkedHashSet<>();
        pieces.from(Long.MIN_VALUE, Long.MAX_VALUE).forEach(piece -> shares.add(piece.share()));
        pieces.clear();
        for (SpillShare share : shares) {
            share.release(share.messages());
            loopSpill().maybeForget(share.chunk());
        }
    }

    /** A chunk is to be given up, of which these are the messages. */
    void takeBack(SpillShare share, List<StoredMessage> messages) {
        List<LoadedMessage> own = new ArrayList<>();
        for (StoredMessage message : messages) {
            if (pieces.at(message.sequence()).filter(its -> its == share).isPresent()) {
                decode(message).ifPresent(decoded -> own.add(new LoadedMessage(message.sequence(), decoded)));
            }
        }
        node.command(() -> node.queue().spilling().takeBack(own).forEach(this::release));
    }

    /** One that can't be decoded stays where it is: whoever is to deliver it will say so. */
    private static Optional<BrokerMessage> decode(StoredMessage message) {
        try {
            return Optional.of(BrokerMessage.stored(message.message()));
        } catch (DecodeException damaged) {
            return Optional.empty();
        }
    }

    // ---- Reading

    /**
     * What is to be read.
     *
     * @param chunks hold all that was spilled between two sequences
     * @param end above the second one
     */
    record Plan(Set<SpillChunk> chunks, long end) {
        boolean covers(SpillShare share) {
            return chunks.contains(share.chunk());
        }
    }

    /** What has to be read for all that was spilled from a sequence on, up to the limits. */
    Plan plan(long from, LoadLimits limits) {
        Set<SpillChunk> chunks = new LinkedHashSet<>(0);
        long bytes = 0;
        long messages = 0;
        Iterator<SpillPieces.Piece<SpillShare>> all =
                pieces.from(from, Long.MAX_VALUE).iterator();
        while (all.hasNext()) {
            SpillPieces.Piece<SpillShare> piece = all.next();
            SpillChunk chunk = piece.share().chunk();
            if (chunks.contains(chunk)) {
                continue;
            }
            if (bytes >= limits.maxBytes() || messages >= limits.maxMessages()) {
                return new Plan(chunks, piece.start());
            }
            chunks.add(chunk);
            bytes += chunk.place().bytes();
            messages += piece.share().messages();
        }
        return new Plan(chunks, Long.MAX_VALUE);
    }

    /** Where the first begins, from a sequence on up to another, of what was spilled after a plan was made. */
    Optional<Long> firstAfter(Plan plan, long from, long to) {
        return pieces.from(from, to)
                .filter(piece -> !plan.covers(piece.share()))
                .map(piece -> Math.max(from, piece.start()))
                .findFirst();
    }
}

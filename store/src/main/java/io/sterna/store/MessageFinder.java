package io.sterna.store;

import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.LongPredicate;

/** Answers {@link Store#read} from blocks and from the journal. Owned by the worker. */
final class MessageFinder {
    private final StoreState state;
    private final BlockStore blocks;
    private final JournalReader reader;
    private final NavigableMap<Integer, JournalSegment> segments;
    private final Disk disk;
    private final Consumer<StoreException> damages;
    /** Places of which it was told, in the journal or, as negative numbers, of blocks. */
    private final Set<Long> told = new HashSet<>();

    /**
     * Finds in {@code parts}.
     *
     * @param damages hears once of each place that is damaged; its messages are passed over
     */
    MessageFinder(WorkerParts parts, Consumer<StoreException> damages) {
        this.damages = damages;
        state = parts.state();
        blocks = parts.blocks();
        reader = parts.reader();
        segments = parts.segments();
        disk = parts.disk();
    }

    /** Reads, round what is damaged; throws when something can't be read for another reason. */
    List<StoredMessage> read(long queueId, long fromSequence, int maxMessages, long maxBytes) throws StoreException {
        Optional<QueueState> found = state.queue(queueId);
        if (found.isEmpty()) {
            return List.of();
        }
        QueueState queue = found.get();
        List<Answer> answers = new ArrayList<>();
        Answer own = new Answer(fromSequence, maxMessages, maxBytes);
        readOwn(queue, own);
        answers.add(own);
        for (ReferenceSet set : queue.references()) {
            Answer referred = new Answer(fromSequence, maxMessages, maxBytes);
            Optional<TopicState> topic = state.references().topicOf(set);
            if (topic.isPresent()) {
                readReferred(set, topic.get().payloads(), referred);
            }
            answers.add(referred);
        }
        answers.removeIf(answer -> answer.messages.isEmpty());
        return answers.size() == 1 ? answers.get(0).messages : merge(answers, maxMessages, maxBytes);
    }

    /** Each answer holds the first messages of its kind, so the first of all are among them. */
    private static List<StoredMessage> merge(List<Answer> answers, int maxMessages, long maxBytes) {
        Answer merged = new Answer(Long.MIN_VALUE, maxMessages, maxBytes);
        answers.stream()
                .flatMap(answer -> answer.messages.stream())
                .sorted(Comparator.comparingLong(StoredMessage::sequence))
                .takeWhile(message -> !merged.isFull())
                .forEach(message -> merged.add(message.sequence(), message.message()));
        return merged.messages;
    }

    private void readOwn(QueueState queue, Answer answer) throws StoreException {
        NavigableMap<Long, Block> all = queue.blocks();
        Long first = all.floorKey(answer.fromSequence);
        for (Block block : (first == null ? all : all.tailMap(first, true)).values()) {
            if (answer.isFull()) {
                return;
            }
            readIntact(block, sequence -> true, answer);
        }
        queue.index().forEachFrom(answer.fromSequence, (sequence, location, sizeBytes, traits) -> {
            if (answer.isFull()) {
                return false;
            }
            addFromJournal(queue, sequence, location, sizeBytes, answer);
            return true;
        });
    }

    private void readReferred(ReferenceSet set, QueueState topic, Answer answer) throws StoreException {
        long at = set.nextFrom(answer.fromSequence);
        while (at != ReferenceSet.NONE && !answer.isFull()) {
            Map.Entry<Long, Block> entry = topic.blocks().floorEntry(at);
            if (entry != null && entry.getValue().lastSequence() >= at) {
                readIntact(entry.getValue(), set::contains, answer);
                at = set.nextFrom(entry.getValue().lastSequence() + 1);
            } else {
                long wanted = at;
                topic.index().forEachFrom(wanted, (sequence, location, sizeBytes, traits) -> {
                    if (sequence == wanted) {
                        addFromJournal(topic, sequence, location, sizeBytes, answer);
                    }
                    return false;
                });
                at = set.nextFrom(at + 1);
            }
        }
    }

    private void readIntact(Block block, LongPredicate wants, Answer answer) throws StoreException {
        try {
            readBlock(block, wants, answer);
        } catch (DamageException e) {
            tell(-block.number(), e);
        }
    }

    private void addFromJournal(QueueState owner, long sequence, long location, int sizeBytes, Answer answer)
            throws StoreException {
        try {
            answer.add(
                    sequence, readJournal(owner, sequence, location, sizeBytes).copyMessage());
        } catch (DamageException e) {
            tell(location, e);
        }
    }

    /** Tells once of a place that is damaged. */
    void tell(long place, DamageException damage) {
        if (told.add(place)) {
            damages.accept(damage);
        }
    }

    private void readBlock(Block block, LongPredicate wants, Answer answer) throws StoreException {
        if (block.live() == 0 || block.lastSequence() < answer.fromSequence) {
            return;
        }
        int[] sizes = blocks.header(block.number()).sizes();
        long offset = 0;
        long from = 0;
        long bytes = 0;
        List<int[]> wanted = new ArrayList<>();
        for (int at = 0; at < block.count() && !answer.wouldBeFull(wanted.size(), bytes); at++) {
            long sequence = block.sequence(at);
            if (sequence >= answer.fromSequence && block.isLive(at) && wants.test(sequence)) {
                from = wanted.isEmpty() ? offset : from;
                wanted.add(new int[] {at, (int) (offset - from)});
                bytes += sizes[at];
            }
            offset += sizes[at];
        }
        if (wanted.isEmpty()) {
            return;
        }
        int[] last = wanted.get(wanted.size() - 1);
        byte[] range = blocks.body(block.number(), block.bodyBytes(), from, last[1] + sizes[last[0]]);
        for (int[] one : wanted) {
            byte[] message = new byte[sizes[one[0]]];
            System.arraycopy(range, one[1], message, 0, message.length);
            answer.add(block.sequence(one[0]), message);
        }
    }

    /** A message as its record holds it, up to the next read; throws when it can't be read. */
    JournalMessage readJournal(QueueState owner, long sequence, long location, int sizeBytes) throws StoreException {
        JournalSegment segment = segments.get(Location.segment(location));
        try {
            Optional<JournalMessage> message = reader.read(segment, location, sequence, sizeBytes);
            return message.orElseThrow(() -> new DamageException("The journal file "
                    + disk.path(segment.file().name()) + " is damaged at offset " + Location.offset(location)
                    + ": message " + sequence + " of " + owner + " is unreadable."));
        } catch (IOException e) {
            throw new StoreException(
                    "Cannot read message " + sequence + " of " + owner + " from the journal file "
                            + disk.path(segment.file().name()) + ": " + e.getMessage(),
                    e);
        }
    }

    /** Messages found so far, and how many more may follow. */
    private static final class Answer {
        private final long fromSequence;
        private final int maxMessages;
        private final long maxBytes;
        private final List<StoredMessage> messages = new ArrayList<>();
        private long bytes;

        Answer(long fromSequence, int maxMessages, long maxBytes) {
            this.fromSequence = fromSequence;
            this.maxMessages = maxMessages;
            this.maxBytes = maxBytes;
        }

        boolean isFull() {
            return wouldBeFull(0, 0);
        }

        boolean wouldBeFull(int moreMessages, long moreBytes) {
            int count = messages.size() + moreMessages;
            return count >= maxMessages || (count > 0 && bytes + moreBytes >= maxBytes);
        }

        void add(long sequence, byte[] message) {
            messages.add(new StoredMessage(sequence, message));
            bytes += message.length;
        }
    }
}

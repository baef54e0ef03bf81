package io.sterna.store;

import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;

/** Answers {@link Store#read} from blocks and from the journal. Owned by the worker. */
final class MessageFinder {
    private final StoreState state;
    private final BlockStore blocks;
    private final JournalReader reader;
    private final NavigableMap<Integer, JournalSegment> segments;
    private final Disk disk;

    MessageFinder(WorkerParts parts) {
        state = parts.state();
        blocks = parts.blocks();
        reader = parts.reader();
        segments = parts.segments();
        disk = parts.disk();
    }

    /** Reads; throws when a message that is alive is unreadable. */
    List<StoredMessage> read(long queueId, long fromSequence, int maxMessages, long maxBytes) throws StoreException {
        Optional<QueueState> queue = state.queue(queueId);
        if (queue.isEmpty()) {
            return List.of();
        }
        Answer answer = new Answer(fromSequence, maxMessages, maxBytes);
        NavigableMap<Long, Block> all = queue.get().blocks();
        Long first = all.floorKey(fromSequence);
        for (Map.Entry<Long, Block> entry : (first == null ? all : all.tailMap(first, true)).entrySet()) {
            if (answer.isFull()) {
                break;
            }
            readBlock(entry.getValue(), answer);
        }
        queue.get().index().forEachFrom(fromSequence, (sequence, location, sizeBytes, traits) -> {
            if (answer.isFull()) {
                return false;
            }
            answer.add(sequence, readJournal(queueId, sequence, location, sizeBytes));
            return true;
        });
        return answer.messages;
    }

    private void readBlock(Block block, Answer answer) throws StoreException {
        if (block.live() == 0 || block.lastSequence() < answer.fromSequence) {
            return;
        }
        int[] sizes = blocks.header(block.number()).sizes();
        long offset = 0;
        long from = 0;
        long bytes = 0;
        List<int[]> wanted = new ArrayList<>();
        for (int at = 0; at < block.count() && !answer.wouldBeFull(wanted.size(), bytes); at++) {
            if (block.isLive(at) && block.sequence(at) >= answer.fromSequence) {
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

    private byte[] readJournal(long queueId, long sequence, long location, int sizeBytes) throws StoreException {
        JournalSegment segment = segments.get(Location.segment(location));
        try {
            Optional<JournalMessage> message = reader.read(segment, location, sequence, sizeBytes);
            return message.map(JournalMessage::message)
                    .orElseThrow(() -> new StoreException("The journal file "
                            + disk.path(segment.file().name()) + " is damaged at offset " + Location.offset(location)
                            + ": message " + sequence + " of queue " + queueId + " is unreadable."));
        } catch (IOException e) {
            throw new StoreException(
                    "Cannot read message " + sequence + " of queue " + queueId + " from the journal file "
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

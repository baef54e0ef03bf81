package io.sterna.store;

import io.sterna.store.Contents.HeldMessages;
import io.sterna.store.Contents.MessageSource;
import io.sterna.store.Contents.PageReader;
import io.sterna.store.Contents.UpdatePlace;
import io.sterna.store.LogOperation.DeliveryUpdated;
import io.sterna.store.MessageWalk.Detail;
import io.sterna.store.MessageWalk.Found;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** Tells updates of messages that somebody holds, see {@link Contents#updates}. Owned by the worker. */
final class UpdatesJob implements ContentJobs.Job {
    private static final int ENTRY_BYTES = 48;

    private final HeldMessages held;
    private final long maxBytes;
    private final PageReader<UpdatePlace> reader;
    private final MessageWalk walk;
    private final Deque<Part> parts = new ArrayDeque<>();
    private final List<UpdatePlace> page = new ArrayList<>();
    private long from;
    private long bytes;

    private record Part(QueueState queue, Optional<ReferenceSet> set) {
        MessageSource source() {
            return set.map(topic -> new MessageSource(true, topic.topicId()))
                    .orElseGet(() -> new MessageSource(false, queue.ownerId()));
        }
    }

    UpdatesJob(
            int partition,
            UpdatePlace after,
            HeldMessages held,
            long maxBytes,
            PageReader<UpdatePlace> reader,
            StoreState state,
            MessageWalk walk) {
        this.held = held;
        this.maxBytes = maxBytes;
        this.reader = reader;
        this.walk = walk;
        from = Long.MIN_VALUE;
        for (QueueState queue : state.queues(partition)) {
            add(new Part(queue, Optional.empty()), after);
            queue.references().forEach(set -> add(new Part(queue, Optional.of(set)), after));
        }
    }

    private void add(Part part, UpdatePlace after) {
        int order = Long.compare(part.queue().ownerId(), after.update().queueId());
        order = order == 0 ? part.source().compareTo(after.source()) : order;
        if (order == 0) {
            from = after.update().sequence() + 1;
        }
        if (order >= 0) {
            parts.add(part);
        }
    }

    @Override
    public boolean step() throws StoreException {
        while (!parts.isEmpty() && parts.element().queue().isDeleted()) {
            nextPart();
        }
        if (!parts.isEmpty() && bytes < maxBytes) {
            read(parts.element());
            return true;
        }
        reader.onPage(page, parts.isEmpty());
        return false;
    }

    private void nextPart() {
        parts.remove();
        from = Long.MIN_VALUE;
    }

    private void read(Part part) throws StoreException {
        QueueState queue = part.queue();
        long queueId = queue.ownerId();
        MessageWalk.Taker taker = found -> {
            if (found.updated()) {
                add(part, found);
            } else if (held.isUpdated(queueId, found.sequence())) {
                Optional<QueueState> owner = part.set().isPresent() ? walk.find(part.source()) : Optional.of(queue);
                if (owner.isPresent()) {
                    walk.asItCame(owner.get(), found.sequence()).ifPresent(original -> add(part, original));
                }
            }
            return bytes < maxBytes;
        };
        from = part.set().isPresent()
                ? walk.referred(
                        queue, part.set().get(), from, each -> held.holds(queueId, each), Detail.SEQUENCE, taker)
                : walk.own(queue, from, each -> held.holds(queueId, each), Detail.SEQUENCE, taker);
        if (from == MessageWalk.END) {
            nextPart();
        }
    }

    private void add(Part part, Found found) {
        Update update = found.update();
        page.add(new UpdatePlace(
                part.source(),
                new DeliveryUpdated(
                        part.queue().ownerId(),
                        found.sequence(),
                        update.deliveryCount(),
                        update.traits(),
                        update.annotations())));
        bytes += ENTRY_BYTES + update.traits().length + update.annotations().length;
    }

    @Override
    public void onFailed(StoreException cause) {
        reader.onFailed(cause);
    }
}

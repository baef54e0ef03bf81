package io.sterna.store;

import io.sterna.store.Contents.HeldMessages;
import io.sterna.store.Contents.MessageCopy;
import io.sterna.store.Contents.MessageSource;
import io.sterna.store.Contents.MessageStart;
import io.sterna.store.Contents.PageReader;
import io.sterna.store.LogOperation.DeliveryUpdated;
import io.sterna.store.LogOperation.Enqueued;
import io.sterna.store.LogOperation.Published;
import io.sterna.store.MessageWalk.Detail;
import io.sterna.store.MessageWalk.Found;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Optional;

/** Tells messages that somebody does not hold, see {@link Contents#messages}. Owned by the worker. */
final class MessagesJob implements ContentJobs.Job {
    private final int partition;
    private final Deque<MessageStart> starts;
    private final HeldMessages held;
    private final long maxBytes;
    private final PageReader<MessageCopy> reader;
    private final StoreState state;
    private final MessageWalk walk;
    private final List<MessageCopy> page = new ArrayList<>();
    private long bytes;

    /** What is asked for. */
    record Request(int partition, List<MessageStart> starts, HeldMessages held, long maxBytes) {}

    MessagesJob(Request request, PageReader<MessageCopy> reader, StoreState state, MessageWalk walk) {
        partition = request.partition();
        starts = new ArrayDeque<>(request.starts());
        held = request.held();
        maxBytes = request.maxBytes();
        this.reader = reader;
        this.state = state;
        this.walk = walk;
    }

    @Override
    public boolean step() throws StoreException {
        if (starts.isEmpty() || bytes >= maxBytes) {
            reader.onPage(page, starts.isEmpty());
            return false;
        }
        MessageStart start = starts.remove();
        MessageSource source = start.source();
        Optional<QueueState> owner = walk.find(source).filter(found -> found.partition() == partition);
        long next = owner.isEmpty() ? MessageWalk.END : read(source, start.fromSequence(), owner.get());
        if (next != MessageWalk.END) {
            starts.addFirst(new MessageStart(source, next));
        }
        return true;
    }

    private long read(MessageSource source, long from, QueueState owner) throws StoreException {
        List<ReferenceSet> referring = source.ofTopic() ? referring(source.id()) : List.of();
        return walk.own(owner, from, each -> !held.holds(source, each), Detail.MESSAGE, found -> {
            if (source.ofTopic()) {
                addPublished(source, found, referring);
            } else {
                addEnqueued(source, found);
            }
            return bytes < maxBytes;
        });
    }

    private List<ReferenceSet> referring(long topicId) {
        return state.queues(partition).stream()
                .flatMap(queue -> queue.findReferencesTo(topicId).stream())
                .toList();
    }

    private void addEnqueued(MessageSource source, Found found) {
        Update update = found.update();
        boolean fresh = update.deliveryCount() == 0 && update.annotations().length == 0;
        Enqueued message = new Enqueued(source.id(), found.sequence(), update.traits(), found.message());
        add(source, found, message, fresh ? List.of() : List.of(updated(source.id(), found.sequence(), update)));
    }

    private void addPublished(MessageSource source, Found found, List<ReferenceSet> referring) throws StoreException {
        long sequence = found.sequence();
        List<ReferenceSet> to =
                referring.stream().filter(set -> set.contains(sequence)).toList();
        List<DeliveryUpdated> updates = new ArrayList<>();
        for (ReferenceSet set : to) {
            walk.ownUpdate(set.queue(), set, sequence)
                    .ifPresent(update -> updates.add(updated(set.queue().ownerId(), sequence, update)));
        }
        if (!to.isEmpty()) {
            long[] queueIds =
                    to.stream().mapToLong(set -> set.queue().ownerId()).toArray();
            byte[] traits = found.update().traits();
            add(source, found, new Published(source.id(), sequence, queueIds, traits, found.message()), updates);
        }
    }

    private static DeliveryUpdated updated(long queueId, long sequence, Update update) {
        return new DeliveryUpdated(queueId, sequence, update.deliveryCount(), update.traits(), update.annotations());
    }

    private void add(MessageSource source, Found found, LogOperation message, List<DeliveryUpdated> updates) {
        page.add(new MessageCopy(source, found.sequence(), message, updates));
        bytes += OperationWriter.bytes(message);
        for (DeliveryUpdated update : updates) {
            bytes += OperationWriter.bytes(update);
        }
    }

    @Override
    public void onFailed(StoreException cause) {
        reader.onFailed(cause);
    }
}

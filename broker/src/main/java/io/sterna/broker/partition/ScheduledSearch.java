package io.sterna.broker.partition;

import io.sterna.amqp.codec.DecodeException;
import io.sterna.broker.queue.Entry;
import io.sterna.broker.queue.LoadLimits;
import io.sterna.store.StoreException;
import io.sterna.store.StoredMessage;
import java.util.List;
import java.util.NavigableSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks for a message-id among the messages of a queue that are held back until their time, some at a time, since most
 * of them are only on disk. Owned by the partition's loop.
 */
final class ScheduledSearch {
    private static final Logger log = LoggerFactory.getLogger(ScheduledSearch.class);
    private static final LoadLimits SLICE = new LoadLimits(500, 1024 * 1024);

    private final QueueNode node;
    private final String messageId;
    private final Consumer<OptionalLong> found;

    /** @param found takes the sequence of one that has it; not called when the partition does not serve */
    ScheduledSearch(QueueNode node, String messageId, Consumer<OptionalLong> found) {
        this.node = node;
        this.messageId = messageId;
        this.found = found;
    }

    void start() {
        lookAbove(-1);
    }

    private void lookAbove(long sequence) {
        List<Entry> slice = node.deleted() ? List.of() : node.queue().schedule().above(sequence, SLICE.maxMessages());
        if (slice.isEmpty()) {
            found.accept(OptionalLong.empty());
            return;
        }
        Optional<Entry> here = slice.stream()
                .filter(entry -> entry.resident() && hasId((BrokerMessage) entry.message()))
                .findFirst();
        NavigableSet<Long> stored = new TreeSet<>();
        slice.stream().filter(entry -> !entry.resident()).map(Entry::sequence).forEach(stored::add);
        if (here.isPresent()) {
            found.accept(OptionalLong.of(here.get().sequence()));
        } else if (stored.isEmpty()) {
            later(slice.get(slice.size() - 1).sequence());
        } else {
            read(stored.first(), stored);
        }
    }

    /** Others get their turn in between. */
    private void later(long above) {
        node.loop().post(() -> node.partition().guard(() -> lookAbove(above)));
    }

    private boolean hasId(BrokerMessage message) {
        return message.messageIdText().filter(messageId::equals).isPresent();
    }

    private void read(long from, NavigableSet<Long> wanted) {
        node.reader().read(from, SLICE, new QueueReader.Answer() {
            @Override
            public void onMessages(List<StoredMessage> messages) {
                node.partition().guard(() -> onRead(from, messages, wanted));
            }

            @Override
            public void onFailed(StoreException cause) {
                log.error("queue {}: scheduled messages can't be read", node.address(), cause);
                found.accept(OptionalLong.empty());
            }
        });
    }

    /** An answer without messages says no more than that the first one is not there. */
    private void onRead(long from, List<StoredMessage> messages, NavigableSet<Long> wanted) {
        long last = from;
        for (StoredMessage stored : messages) {
            last = stored.sequence();
            if (wanted.contains(last) && hasId(stored)) {
                found.accept(OptionalLong.of(last));
                return;
            }
        }
        Long next = wanted.higher(last);
        if (next != null) {
            read(next, wanted);
        } else {
            later(wanted.last());
        }
    }

    private boolean hasId(StoredMessage stored) {
        try {
            return hasId(BrokerMessage.stored(stored.message()));
        } catch (DecodeException damaged) {
            return false; // Whoever is to deliver it will say so.
        }
    }
}

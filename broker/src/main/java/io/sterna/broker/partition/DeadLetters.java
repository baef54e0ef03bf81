package io.sterna.broker.partition;

import io.sterna.amqp.codec.DecodeException;
import io.sterna.amqp.message.AnnotationMap;
import io.sterna.broker.config.QueueLimits.Overflow;
import io.sterna.broker.config.QueuePolicy;
import io.sterna.broker.queue.DeadLetterReason;
import io.sterna.broker.queue.Entry;
import io.sterna.broker.queue.LoadLimits;
import io.sterna.store.StoreException;
import io.sterna.store.StoredMessage;
import java.util.ArrayList;
import java.util.List;
import java.util.NavigableMap;
import java.util.TreeMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Messages of a queue on their way to its dead letters. Those whose payload is not in memory are read from disk
 * first, many at a time; until they have moved they are in no queue, and after a crash in their old one. Owned by the
 * partition's loop.
 */
final class DeadLetters {
    private static final Logger log = LoggerFactory.getLogger(DeadLetters.class);
    private static final LoadLimits LIMITS = new LoadLimits(500, 1024 * 1024);
    private static final long RETRY_MILLIS = 1_000;

    /** So many may be on their way before the queue takes no more out by itself. */
    private static final int MAX_PENDING = 10_000;

    /** So many may wait to be durable in their new queue before more payloads are read. */
    private static final int MAX_MOVING = 1_000;

    private final QueueNode node;
    private final Partition partition;
    private List<Letter> letters = new ArrayList<>(0);
    private final NavigableMap<Long, Note> absent = new TreeMap<>();
    private boolean reading;
    private int moving;
    private boolean full;

    private record Letter(long sequence, BrokerMessage message, boolean durable) {}

    /**
     * What is to be written on a message.
     *
     * @param durable whether it is in the store; it was spilled otherwise
     */
    private record Note(int deliveryCount, AnnotationMap annotations, boolean durable) {
        BrokerMessage on(BrokerMessage message) {
            return message.changed(deliveryCount, annotations);
        }
    }

    DeadLetters(QueueNode node, Partition partition) {
        this.node = node;
        this.partition = partition;
    }

    /** Whether a message is dropped rather than kept. */
    static boolean drops(QueuePolicy policy, DeadLetterReason reason) {
        return switch (reason) {
            case REJECTED, MAX_DELIVERIES, UNDELIVERABLE -> !policy.deadLetters();
            case EXPIRED -> !policy.deadLetters() || !policy.timeToLive().expiredToDeadLetters();
            case OVERFLOW -> !policy.deadLetters() || policy.limits().overflow() == Overflow.DROP_OLDEST;
        };
    }

    void add(Entry entry, DeadLetterReason reason, String condition, String description) {
        String reasonGiven = condition.isEmpty() ? reason.text() : condition;
        Note note = note(entry.deliveryCount(), entry.annotations(), entry.durable(), reasonGiven, description);
        if (entry.resident()) {
            letters.add(new Letter(entry.sequence(), note.on((BrokerMessage) entry.message()), entry.durable()));
            if (entry.spilled()) {
                node.spill().release(entry.sequence());
            }
        } else {
            absent.put(entry.sequence(), note);
        }
    }

    private Note note(int deliveryCount, byte[] annotations, boolean durable, String reasonGiven, String description) {
        return new Note(
                deliveryCount,
                Annotations.decode(annotations)
                        .mergedWith(AnnotationMap.builder()
                                .putString("x-opt-deadletter-reason", reasonGiven)
                                .putString("x-opt-deadletter-description", description)
                                .putString("x-opt-deadletter-source", node.address())
                                .build()),
                durable);
    }

    /** Whether the queue may take out more by itself; when not, it is told once it may. */
    boolean haveRoom() {
        full = full || letters.size() + absent.size() + moving >= MAX_PENDING;
        return !full;
    }

    /** Moves those that can be moved, and asks for the payloads of the others. */
    void flush() {
        List<Letter> now = letters;
        if (!now.isEmpty()) {
            letters = new ArrayList<>(0);
            now.forEach(
                    letter -> partition.moveToDeadLetters(node, letter.sequence(), letter.message(), letter.durable()));
            moving += now.size();
            node.partition().afterAppended(() -> onMoved(now.size()));
        }
        maybeRead();
    }

    private void onMoved(int count) {
        moving -= count;
        maybeRead();
        maybeTellRoom();
    }

    private void maybeTellRoom() {
        if (full && letters.size() + absent.size() + moving < MAX_PENDING / 2) {
            full = false;
            node.command(node.queue()::onTime);
        }
    }

    private void maybeRead() {
        if (!reading && !absent.isEmpty() && moving < MAX_MOVING) {
            reading = true;
            read(absent.firstKey());
        }
    }

    private void read(long from) {
        node.reader().read(from, LIMITS, new QueueReader.Answer() {
            @Override
            public void onMessages(List<StoredMessage> messages) {
                partition.guard(() -> onRead(from, messages));
            }

            @Override
            public void onFailed(StoreException cause) {
                log.error("queue {}: dead letters can't be read, trying again", node.address(), cause);
                node.loop().after(RETRY_MILLIS, () -> partition.guard(() -> read(from)));
            }
        });
    }

    private void onRead(long from, List<StoredMessage> messages) {
        reading = false;
        long last =
                messages.isEmpty() ? from : messages.get(messages.size() - 1).sequence();
        for (StoredMessage stored : messages) {
            Note note = absent.get(stored.sequence());
            if (note != null) {
                try {
                    BrokerMessage message = BrokerMessage.stored(stored.message());
                    letters.add(new Letter(stored.sequence(), note.on(message), note.durable()));
                } catch (DecodeException damaged) {
                    log.error(
                            "queue {}: message {} is damaged and stays where it is: {}",
                            node.address(),
                            stored.sequence(),
                            damaged.getMessage());
                }
            }
        }
        // What can't be had any more can't be moved.
        NavigableMap<Long, Note> done = absent.subMap(from, true, last, true);
        done.forEach((sequence, note) -> {
            if (!note.durable()) {
                node.spill().release(sequence);
            }
        });
        done.clear();
        flush();
        maybeTellRoom();
    }
}

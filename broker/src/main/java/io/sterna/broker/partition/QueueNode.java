package io.sterna.broker.partition;

import io.sterna.amqp.codec.DecodeException;
import io.sterna.amqp.message.AnnotationMap;
import io.sterna.broker.queue.Consumer;
import io.sterna.broker.queue.Entry;
import io.sterna.broker.queue.LoadLimits;
import io.sterna.broker.queue.LoadedMessage;
import io.sterna.broker.queue.Outcome;
import io.sterna.broker.queue.Queue;
import io.sterna.broker.queue.QueueEffects;
import io.sterna.broker.queue.Receiver;
import io.sterna.broker.queue.SettleMode;
import io.sterna.store.LogOperation;
import io.sterna.store.MessageReader;
import io.sterna.store.StoreException;
import io.sterna.store.StoredMessage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A queue and the shell that carries out what it asks for. Owned by the partition's loop. */
public final class QueueNode implements QueueEffects {
    private static final Logger log = LoggerFactory.getLogger(QueueNode.class);
    private static final LoadLimits LOAD_LIMITS = new LoadLimits(500, 1024 * 1024);

    private final Partition partition;
    private final Loop loop;
    private final long id;
    private final String address;
    private final Queue queue;
    private long[] acknowledged = new long[16];
    private int acknowledgedCount;

    QueueNode(Partition partition, long id, String address) {
        this.partition = partition;
        this.id = id;
        this.address = address;
        loop = partition.loop();
        queue = new Queue(this, QueueNode::merge, LOAD_LIMITS, partition::mayTouch);
        loop.memory().add(this);
    }

    public String address() {
        return address;
    }

    /** The loop that owns this queue. Any thread. */
    public Loop loop() {
        return loop;
    }

    long id() {
        return id;
    }

    Queue queue() {
        return queue;
    }

    /**
     * Takes a message. {@code whenSafe} runs on this loop once the message is in the queue for good, and there is room for
     * more.
     */
    public void publish(BrokerMessage message, Runnable whenSafe) {
        boolean durable = message.durable();
        long sequence = partition.nextSequence();
        if (durable) {
            partition.append(new LogOperation.Enqueued(id, sequence, message.stored()));
        }
        // What is not durable waits too, for what is before it: order holds between both kinds.
        loop.store().afterAppended(() -> {
            enter(sequence, message, durable);
            loop.memory().whenRoom(whenSafe);
        });
    }

    private void enter(long sequence, BrokerMessage message, boolean durable) {
        long before = queue.residentBytes();
        queue.enqueue(sequence, message, durable);
        loop.memory().onChange(queue.residentBytes() - before);
    }

    /** Adds a consumer, without credit. */
    public Consumer subscribe(DeliveryTaker taker, Outcome defaultOutcome, SettleMode settleMode) {
        return queue.addConsumer(new TakerReceiver(taker), defaultOutcome, settleMode);
    }

    private record TakerReceiver(DeliveryTaker taker) implements Receiver {
        @Override
        public void deliver(Entry entry) {
            BrokerMessage message = (BrokerMessage) entry.message();
            taker.onDelivery(new Delivery(
                    entry.sequence(),
                    message.format(),
                    message.outgoing(entry.deliveryCount(), decode(entry.annotations()))));
        }

        @Override
        public void drained(long unusedCredit) {
            taker.onDrained(unusedCredit);
        }

        @Override
        public void queueDeleted() {
            taker.onQueueDeleted();
        }
    }

    /** Removes a consumer; what it has not settled gets its default outcome. */
    public void unsubscribe(Consumer consumer) {
        account(() -> queue.removeConsumer(consumer));
    }

    /** Says how many messages a consumer may get in all. */
    public void grant(Consumer consumer, long limit, boolean drain) {
        account(() -> {
            if (drain) {
                queue.drain(consumer, limit);
            } else {
                queue.grant(consumer, limit);
            }
        });
    }

    /** Settles deliveries of a consumer. Those that are settled already are passed over. */
    public void settle(Consumer consumer, long[] sequences, Outcome outcome) {
        Outcome applied = isDeadLetterQueue() && outcome instanceof Outcome.Rejected
                // There is nowhere further to go: it stays, and this consumer is spared it.
                ? new Outcome.Modified(true, true, new byte[0])
                : outcome;
        account(() -> queue.settleAll(consumer, sequences, applied));
    }

    /** Runs something once all that was settled so far is durable. */
    public void afterSettled(Runnable whenDurable) {
        flushAcknowledged();
        loop.store().afterAppended(whenDurable);
    }

    private void account(Runnable command) {
        long before = queue.residentBytes();
        command.run();
        loop.memory().onChange(queue.residentBytes() - before);
    }

    private boolean isDeadLetterQueue() {
        return address.endsWith(Addresses.DEAD_LETTER_SUFFIX);
    }

    long residentBytes() {
        return queue.residentBytes();
    }

    long dropPayloads(long bytes) {
        return queue.dropPayloads(bytes);
    }

    // ---- What the queue asks for

    @Override
    public void acknowledged(long sequence) {
        if (acknowledgedCount == 0) {
            loop.post(this::flushAcknowledged);
        }
        if (acknowledgedCount == acknowledged.length) {
            acknowledged = Arrays.copyOf(acknowledged, 2 * acknowledgedCount);
        }
        acknowledged[acknowledgedCount++] = sequence;
    }

    private void flushAcknowledged() {
        if (acknowledgedCount > 0) {
            partition.append(new LogOperation.Acknowledged(id, Arrays.copyOf(acknowledged, acknowledgedCount)));
            acknowledgedCount = 0;
        }
    }

    @Override
    public void deadLetter(Entry entry, String condition, String description) {
        AnnotationMap reason = AnnotationMap.builder()
                .putString("x-opt-deadletter-reason", condition.isEmpty() ? "rejected" : condition)
                .putString("x-opt-deadletter-description", description)
                .putString("x-opt-deadletter-source", address)
                .build();
        BrokerMessage moved = ((BrokerMessage) entry.message())
                .changed(entry.deliveryCount(), decode(entry.annotations()).mergedWith(reason));
        boolean durable = entry.durable();
        long from = entry.sequence();
        // The queue must not be called back from here, and finding the other one may create it.
        loop.post(() -> partition.moveToDeadLetters(this, from, moved, durable));
    }

    void enterAsDeadLetter(long sequence, BrokerMessage message, boolean durable) {
        enter(sequence, message, durable);
    }

    @Override
    public void deliveryUpdated(Entry entry) {
        partition.append(
                new LogOperation.DeliveryUpdated(id, entry.sequence(), entry.deliveryCount(), entry.annotations()));
    }

    @Override
    public void load(long fromSequence, LoadLimits limits) {
        loop.store().store().read(id, fromSequence, limits.maxMessages(), limits.maxBytes(), new MessageReader() {
            @Override
            public void onMessages(List<StoredMessage> messages) {
                loop.post(() -> onLoaded(messages));
            }

            @Override
            public void onFailed(StoreException cause) {
                loop.post(() -> onLoadFailed(cause));
            }
        });
    }

    private void onLoaded(List<StoredMessage> messages) {
        List<LoadedMessage> loaded = new ArrayList<>(messages.size());
        for (StoredMessage message : messages) {
            try {
                loaded.add(new LoadedMessage(message.sequence(), BrokerMessage.stored(message.message())));
            } catch (DecodeException damaged) {
                log.error("queue {}: message {} can't be read: {}", address, message.sequence(), damaged.getMessage());
            }
        }
        account(() -> queue.onLoaded(loaded));
    }

    private void onLoadFailed(StoreException cause) {
        log.error("queue {}: messages can't be read from the store: {}", address, cause.getMessage());
        queue.onLoadFailed();
    }

    @Override
    public void missing(long sequence) {
        log.error("queue {}: message {} is not in the store any more", address, sequence);
    }

    private static byte[] merge(byte[] current, byte[] added) {
        return decode(current).mergedWith(decode(added)).encoded().toByteArray();
    }

    private static AnnotationMap decode(byte[] annotations) {
        if (annotations.length == 0) {
            return AnnotationMap.EMPTY;
        }
        try {
            return AnnotationMap.decode(annotations);
        } catch (DecodeException ourOwnDefect) {
            throw new IllegalStateException(ourOwnDefect);
        }
    }
}

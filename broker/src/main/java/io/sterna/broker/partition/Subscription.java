package io.sterna.broker.partition;

import io.sterna.amqp.message.OutgoingMessage;
import io.sterna.broker.queue.Acquisition;
import io.sterna.broker.queue.Consumer;
import io.sterna.broker.queue.ConsumerOptions;
import io.sterna.broker.queue.Entry;
import io.sterna.broker.queue.MessageTraits;
import io.sterna.broker.queue.Queue;
import io.sterna.broker.queue.Receiver;
import io.sterna.store.RecoveredMessage;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A consumer's place at a queue: the handle by which commands name it. Owned by the partition's loop; elsewhere it is
 * passed on, not looked into.
 *
 * <p>The queue gets the consumer's credit in slices, since all that it hands out stays in memory until it is settled:
 * the next slice follows while there is memory for it. Invariants: {@code sent ≤ granted ≤ asked} unless the consumer
 * takes credit back; {@code asked = sent + credit}.
 */
public final class Subscription implements Receiver {
    private static final int MAX_SLICE_MESSAGES = 1000;

    /** While nothing is known of the messages' sizes. */
    private static final int FIRST_SLICE_MESSAGES = 16;

    private static final long SLICE_BYTES = 4L * 1024 * 1024;

    private final QueueNode node;
    private final Queue queue;
    private final LoopMemory memory;
    private final LoopFigures figures;
    private DeliveryTaker taker;
    private final Consumer consumer;
    private final Optional<KeptLink> kept;

    /** What is only looked at is held by nobody, but it takes memory until it is written. */
    private final boolean browsing;

    private final Runnable goOn = this::onRoom;

    // All counted since the subscription began, credit given up included in sent.
    private long asked;
    private long granted;
    private long sent;

    /** Credit given up here, of which the queue was never told. */
    private long untold;

    /** Deliveries that take memory: those not settled, or when browsing not written. */
    private long unsettled;

    private long averageBytes;
    private long creditShown;
    private boolean drain;
    private boolean grantPosted;
    private boolean ended;

    Subscription(QueueNode node, DeliveryTaker taker, ConsumerOptions options, Optional<KeptLink> kept) {
        this.node = node;
        this.kept = kept;
        this.taker = taker;
        queue = node.queue();
        memory = node.loop().memory();
        figures = node.loop().figures();
        browsing = options.browse();
        consumer = queue.addConsumer(this, options);
        figures.addConsumers(1);
    }

    Consumer consumer() {
        return consumer;
    }

    DeliveryTaker taker() {
        return taker;
    }

    /** The consumer's link in the store, if that keeps it. */
    Optional<KeptLink> kept() {
        return kept;
    }

    /** A message that the consumer had before a restart, and has again; before the partition starts. */
    void restore(RecoveredMessage message, MessageTraits traits) {
        boolean has = queue.holdings()
                .restore(
                        consumer,
                        message.sequence(),
                        message.sizeBytes(),
                        message.deliveryCount(),
                        traits,
                        message.annotations());
        if (has) {
            unsettled++;
        }
    }

    /** Messages that the consumer had can't be had any more; a command. */
    void onMissing(List<Long> sequences) {
        kept.ifPresent(link -> sequences.forEach(link::release));
        onSettled(sequences.size());
    }

    /** Messages are about to go back to the queue. */
    void release(List<Acquisition> acquisitions) {
        kept.ifPresent(
                link -> queue.holdings().of(consumer, acquisitions).forEach(each -> link.release(each.sequence())));
    }

    /** Tells the taker something: what the store has to know before goes before. */
    private void tell(Runnable what) {
        if (kept.isEmpty()) {
            what.run();
        } else {
            node.partition().afterAppended(what);
        }
    }

    /** Another link takes the place, or nobody for now; what is unsettled stays so. */
    void handOver(DeliveryTaker newTaker) {
        taker = newTaker;
    }

    /** What is unsettled, as it was delivered, and how much was sent so far. */
    HeldDeliveries held(List<Acquisition> enlisted) {
        Set<Acquisition> decidedElsewhere = new HashSet<>(queue.holdings().of(consumer, enlisted));
        return new HeldDeliveries(
                queue.holdings().of(consumer).stream()
                        .filter(entry -> !decidedElsewhere.contains(entry.acquisition()))
                        .map(this::delivery)
                        .toList(),
                List.copyOf(decidedElsewhere),
                sent);
    }

    private Delivery delivery(Entry entry) {
        BrokerMessage message = (BrokerMessage) entry.message();
        OutgoingMessage outgoing = message.outgoing(
                entry.deliveryCount(),
                entry.traits().expiresAtMillis(),
                node.loop().nowMillis(),
                Annotations.decode(entry.annotations()));
        return new Delivery(entry.acquisition(), message.format(), outgoing);
    }

    /** The consumer's credit; a command. */
    void flow(long limit, boolean newDrain) {
        asked = limit;
        drain = newDrain;
        grant();
    }

    private void grant() {
        granted = Math.min(asked, sent + slice());
        if (drain) {
            queue.drain(consumer, granted - untold);
        } else {
            queue.grant(consumer, granted - untold, granted < asked);
        }
        if (granted < asked && granted <= sent && memory.tight()) {
            memory.whenRoom(goOn);
        }
        showCredit();
    }

    /**
     * While memory is tight, one message at a time for whoever holds none, so that nobody waits for ever, and for
     * whoever drains, so that nobody is told that there is nothing.
     */
    private long slice() {
        if (memory.tight()) {
            return unsettled == 0 || drain ? 1 : 0;
        }
        long most = averageBytes == 0
                ? FIRST_SLICE_MESSAGES
                : Math.max(1, Math.min(MAX_SLICE_MESSAGES, SLICE_BYTES / averageBytes));
        return browsing ? Math.max(0, most - unsettled) : most;
    }

    private void onRoom() {
        grantPosted = false;
        if (!ended && granted < asked) {
            node.command(this::grant);
        }
    }

    /** The queue must not be called back while it hands out. */
    private void grantLater() {
        if (!grantPosted) {
            grantPosted = true;
            node.loop().post(goOn);
        }
    }

    /** Deliveries were settled; a command. */
    void onSettled(long count) {
        unsettled -= count;
        if (!ended && unsettled == 0 && granted < asked && granted <= sent) {
            grant();
        }
    }

    /** Deliveries of one that browses no longer take memory; a command. */
    void onShown(long count) {
        unsettled -= count;
        if (!ended && granted < asked) {
            grant();
        }
    }

    /** The consumer is gone. */
    void end() {
        ended = true;
        memory.noLongerWhenRoom(goOn);
        asked = sent;
        showCredit();
        figures.addConsumers(-1);
    }

    private void showCredit() {
        long credit = Math.max(0, asked - sent);
        figures.addCredit(credit - creditShown);
        creditShown = credit;
    }

    // ---- What the queue says

    @Override
    public void deliver(Entry entry) {
        sent++;
        unsettled++;
        if (!browsing) {
            node.rates().onDelivered();
        }
        // Up at once, down slowly.
        long sizeBytes = Math.max(1, entry.sizeBytes());
        averageBytes = Math.max(sizeBytes, averageBytes - (averageBytes - sizeBytes) / 8);
        if (granted < asked && 2 * (granted - sent) <= MAX_SLICE_MESSAGES) {
            grantLater();
        }
        showCredit();
        if (entry.durable()) {
            kept.ifPresent(link -> link.hold(entry.sequence()));
        }
        Delivery delivery = delivery(entry);
        tell(() -> hand(delivery));
    }

    /** Once the partition has stopped, a delivery that waited may find its place suspended: nobody is there for it. */
    private void hand(Delivery delivery) {
        if (node.partition().serves()) {
            taker.onDelivery(delivery);
        }
    }

    @Override
    public void drained(long unusedCredit) {
        sent += unusedCredit;
        if (unusedCredit == 0 && sent < asked && (slice() > 0 || (browsing && unsettled > 0))) {
            grantLater(); // Only the slice is used up.
            return;
        }
        long rest = Math.max(0, asked - sent);
        untold += rest;
        sent += rest;
        granted = sent;
        drain = false;
        showCredit();
        tell(() -> taker.onDrained(unusedCredit + rest));
    }

    @Override
    public void lockLost(long sequence) {
        unsettled--;
        if (unsettled == 0 && granted < asked && granted <= sent) {
            grantLater();
        }
        kept.ifPresent(link -> link.release(sequence));
        tell(() -> taker.onLockLost(sequence));
    }

    @Override
    public void queueDeleted() {
        taker.onQueueDeleted();
    }
}

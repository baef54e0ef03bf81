package io.sterna.broker.amqp;

import io.sterna.amqp.DeliveryState;
import io.sterna.amqp.OutgoingDelivery;
import io.sterna.amqp.SenderLink;
import io.sterna.broker.partition.Delivery;
import io.sterna.broker.queue.Acquisition;
import io.sterna.broker.queue.Outcome;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What goes out to a consumer, as its credit allows. Owned by the connection's loop.
 *
 * <p>Both sides count the same: what the queue has handed out, or was told is given up, is {@code link.sent() + takenBack}
 * plus what is on its way here.
 */
final class ConsumerDeliveries {
    static final Outcome UNDELIVERABLE_HERE = new Outcome.Modified(false, true, new byte[0]);

    private static final int FIRST_TIDY = 64;

    private final SenderLink link;
    private final ClientTasks tasks;
    private final TrafficCounters counters;
    private final ConsumerSettlement settlement;
    private final boolean presettled;
    private final boolean mayBeTakenBack;
    private final boolean browsing;
    private final List<Acquisition> unsent = new ArrayList<>(0);
    private final OpenDeliveries open;

    /** Deliveries that wait until the tag of the first of them is free. */
    private final ArrayDeque<Delivery> waiting = new ArrayDeque<>(0);

    /** Credit to be given up after them. */
    private long unusedMeanwhile;

    /** Deliveries that the queue may take back, by sequence. */
    private final Map<Long, OutgoingDelivery> locked = new HashMap<>(0);

    /**
     * Deliveries that came when the client had taken its credit back, or that it does not take, and credit given up that
     * was gone already.
     */
    private long takenBack;

    private int tidyAt = FIRST_TIDY;

    /** Deliveries of a browser that have left since the queue was told. */
    private int shown;

    private boolean stopped;

    ConsumerDeliveries(ConsumerSetup setup, ConsumerSettlement settlement, OpenDeliveries open) {
        link = setup.link();
        tasks = setup.tasks();
        counters = setup.client().services().counters();
        presettled = setup.presettled();
        mayBeTakenBack = setup.node().takesBack();
        browsing = setup.options().browse();
        this.settlement = settlement;
        this.open = open;
    }

    /** Whether a message is larger than the receiver takes (AMQP 1.0 §2.7.3, max-message-size). */
    static boolean tooLarge(Delivery delivery, SenderLink link) {
        long maxBytes = link.remote().maxMessageBytes();
        return maxBytes > 0 && delivery.message().length() > maxBytes;
    }

    /** How many deliveries the queue may hand out in all. */
    long limit() {
        return link.limit() + takenBack;
    }

    /** The link takes the place of one that has had so many deliveries. */
    void begin(long sentBefore) {
        takenBack = sentBefore;
    }

    /** So many deliveries of an earlier life took credit of this one. */
    void onResumed(int count) {
        takenBack -= count;
    }

    /** From now on nothing goes out. */
    void stop() {
        stopped = true;
    }

    /** Whether the client can't say any more what is to become of its deliveries. */
    boolean stopped() {
        return stopped;
    }

    /** What came since and never left. */
    List<Acquisition> takeUnsent() {
        waiting.forEach(each -> unsent.add(each.acquisition()));
        waiting.clear();
        return List.copyOf(unsent);
    }

    /** Returns whether the credit for the delivery is free for another, since the client does not take this one. */
    boolean send(Delivery delivery) {
        if (!waiting.isEmpty() || open.namedBy(delivery.sequence())) {
            waiting.add(delivery); // It has come back before its former delivery was settled.
            return false;
        }
        return sendNow(delivery);
    }

    /** A tag is free; returns as {@link #send}. */
    boolean goOn() {
        boolean declined = false;
        while (!waiting.isEmpty() && !open.namedBy(waiting.element().sequence())) {
            declined |= sendNow(waiting.remove());
        }
        if (waiting.isEmpty()) {
            long unused = unusedMeanwhile;
            unusedMeanwhile = 0;
            giveUp(unused);
        }
        return declined;
    }

    private boolean sendNow(Delivery delivery) {
        boolean declined = tooLarge(delivery, link);
        if (stopped) {
            unsent.add(delivery.acquisition());
        } else if (link.credit() <= 0) {
            takeBack(delivery.acquisition(), Outcome.RELEASED);
        } else if (declined) {
            takeBack(delivery.acquisition(), UNDELIVERABLE_HERE);
        } else {
            counters.onDelivered();
            byte[] tag = SourceResumption.tag(delivery.sequence());
            onSent(link.send(tag, delivery.format(), delivery.message(), presettled, delivery.acquisition()));
        }
        return declined;
    }

    void onSent(OutgoingDelivery delivery) {
        endDrain();
        if (mayBeTakenBack) {
            if (locked.size() >= tidyAt) {
                locked.values().removeIf(OutgoingDelivery::settled); // Such as what transactions have settled.
                tidyAt = Math.max(FIRST_TIDY, 2 * locked.size());
            }
            locked.put(((Acquisition) delivery.context()).sequence(), delivery);
        }
    }

    /** A delivery has left. */
    void onWritten() {
        if (browsing && shown++ == 0) {
            tasks.post(() -> {
                settlement.tellShown(shown);
                shown = 0;
            });
        }
    }

    void onOutcome(long sequence) {
        if (!locked.isEmpty()) {
            locked.remove(sequence);
        }
    }

    /**
     * Settled here, so that a receiver that settles second hears of it; what it says later is about a delivery that is no
     * more, and changes nothing.
     */
    void endLock(long sequence) {
        OutgoingDelivery delivery = locked.remove(sequence);
        if (delivery != null) {
            delivery.settle(DeliveryState.Released.INSTANCE);
            open.remove(delivery);
        }
    }

    /**
     * The client took its credit back while the message was on its way, or the message is larger than it takes: it goes
     * back, and the credit is not used. Posted, since the queue may be in the middle of handing it out.
     */
    private void takeBack(Acquisition acquisition, Outcome outcome) {
        takenBack++;
        onWritten();
        tasks.post(() -> settlement.settle(List.of(acquisition), outcome));
    }

    /**
     * A drain is over when all credit is used up, too (AMQP 1.0 §2.6.7). The answer goes out together with the last
     * delivery: a client that sees its last credit used gives more, and would take a late answer for one to that.
     */
    void endDrain() {
        if (link.drain() && link.credit() <= 0) {
            link.giveUpCredit(0);
        }
    }

    void giveUp(long unusedCredit) {
        if (unusedCredit == 0) {
            return; // Answered by endDrain; meanwhile the client may have given more credit.
        }
        if (!waiting.isEmpty()) {
            unusedMeanwhile += unusedCredit;
            return;
        }
        long before = link.sent();
        link.giveUpCredit(unusedCredit);
        takenBack += unusedCredit - (link.sent() - before);
    }
}

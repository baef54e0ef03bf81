package io.sterna.broker.amqp;

import io.sterna.amqp.OutgoingDelivery;
import io.sterna.broker.partition.QueueNode;
import io.sterna.broker.partition.Subscription;
import io.sterna.broker.queue.Acquisition;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/**
 * How a consumer's link gives its place at the queue up, or leaves it for the link's next life. Owned by the connection's
 * loop.
 */
final class ConsumerDeparture {
    private final ConsumerLink consumer;
    private final ConsumerSetup setup;
    private final ConsumerSettlement settlement;
    private final ConsumerDeliveries deliveries;
    private final OpenDeliveries open;
    private final LinkClaim claim;
    private final QueueNode node;

    /** Deliveries of earlier lives of the link whose outcome transactions decide. */
    private List<Acquisition> inherited = List.of();

    private boolean vacated;

    ConsumerDeparture(
            ConsumerLink consumer,
            ConsumerSetup setup,
            ConsumerSettlement settlement,
            ConsumerDeliveries deliveries,
            OpenDeliveries open,
            LinkClaim claim) {
        this.consumer = consumer;
        this.setup = setup;
        this.settlement = settlement;
        this.deliveries = deliveries;
        this.open = open;
        this.claim = claim;
        node = setup.node();
    }

    void inherit(List<Acquisition> enlisted) {
        inherited = enlisted;
    }

    /** There was no place that the link could have gone on with; it may get another one. */
    void renounce() {
        claim.heldByNobody();
    }

    /** Whether it is certain which deliveries transactions decide, and which stay with the place or go back. */
    boolean vacated() {
        return vacated;
    }

    /** Somebody else goes on with the link. */
    void handOver() {
        if (resumable()) {
            suspend(false, () -> {});
        } else {
            leave(false, false, () -> {});
        }
    }

    /** The link is gone, and its source lives on if its expiry policy says so. */
    void depart(boolean inOrder, Runnable then) {
        if (resumable() && LinkEnd.of(setup.link()).leaves(setup.granted().node())) {
            suspend(inOrder, then);
        } else {
            leave(inOrder, false, then);
        }
    }

    private boolean resumable() {
        boolean outlivedByNode =
                !setup.granted().node().dynamic() || LinkEnd.of(setup.link()) != LinkEnd.CONNECTION_CLOSED;
        return settlement.subscription().isPresent() && setup.mayOutlive() && outlivedByNode;
    }

    /**
     * Gives the place at the queue up. First no more is handed out; then, when all that was under way to this loop has
     * arrived here, what never left goes back as it was, and the rest gets the default outcome, without being counted as a
     * failure when the link was left in order. It is done when all that is durable.
     *
     * @param closed whether the client has no use for the place any more, also not later
     */
    void leave(boolean inOrder, boolean closed, Runnable then) {
        if (settlement.subscription().isEmpty()) {
            claim.end();
        }
        vacate(this::settleRest, (current, back, held) -> unsubscribe(current, back, held, inOrder, closed, then));
    }

    /**
     * §2.7.6: what the client says of a link that is only detached would still hold, so that it has to hear that nothing can
     * be said any more.
     */
    private void settleRest(List<Acquisition> enlisted) {
        if (LinkEnd.of(setup.link()) == LinkEnd.DETACHED) {
            Set<Acquisition> decidedElsewhere = Set.copyOf(enlisted);
            for (OutgoingDelivery delivery : setup.link().unsettled()) {
                if (!open.decided(delivery) && !decidedElsewhere.contains((Acquisition) delivery.context())) {
                    delivery.settle(consumer.defaultState());
                }
            }
        }
    }

    private void unsubscribe(
            Subscription current,
            List<Acquisition> back,
            List<Acquisition> held,
            boolean inOrder,
            boolean closed,
            Runnable then) {
        node.seats().unsubscribe(current, back, held, inOrder, () -> setup.seat()
                .leave(closed, () -> setup.tasks().run(() -> onVacated(then, Optional.empty()))));
    }

    /**
     * As {@link #leave}, but what is unsettled stays so, for the link's next life; but for that on which a transaction
     * decides.
     */
    private void suspend(boolean inOrder, Runnable then) {
        SourceKeeper keeper = new SourceKeeper(setup.client().links().registry(), claim.key());
        vacate(enlisted -> {}, (current, back, enlisted) -> node.seats()
                .suspend(current, back, enlisted, keeper, held -> {
                    Optional<SuspendedSource> kept = held.flatMap(there -> keeper.keep(new SuspendedSource(
                            setup.seat(),
                            current,
                            setup.asked(),
                            setup.granted(),
                            setup.options(),
                            inOrder,
                            there.enlisted(),
                            there.bytes())));
                    setup.tasks().run(() -> onVacated(then, kept));
                }));
    }

    /** The last step of leaving the queue, on its loop: with what never left, and what transactions will decide. */
    private interface Vacating {
        void run(Subscription current, List<Acquisition> unsent, List<Acquisition> held);
    }

    private void onVacated(Runnable then, Optional<SuspendedSource> kept) {
        if (claim.ended()) {
            kept.ifPresent(SuspendedLink::discard);
        } else {
            kept.ifPresentOrElse(claim::suspend, claim::end);
        }
        then.run();
        setup.client().leaves().end();
    }

    /**
     * First no more is handed out, then all that was under way to this loop arrives; the last step is the queue's.
     *
     * @param before gets what transactions will decide, on this loop
     */
    private void vacate(Consumer<List<Acquisition>> before, Vacating last) {
        Optional<Subscription> place = settlement.subscription();
        if (deliveries.stopped() || place.isEmpty()) {
            return;
        }
        Subscription current = place.get();
        deliveries.stop();
        setup.client().leaves().begin();
        // Posted, not run: the queue may be in the middle of handing out to this very link. What was accepted and is
        // not flushed yet is in this loop's mailbox already, and so gets to the queue before the last step.
        node.loop().post(() -> {
            node.seats().flow(current, 0, false);
            node.seats().afterHandedOut(current, () -> setup.tasks().post(() -> {
                List<Acquisition> back = deliveries.takeUnsent();
                List<Acquisition> held = setup.client().transactions().heldBy(consumer);
                held.addAll(inherited);
                vacated = true;
                before.accept(held);
                node.loop().post(() -> last.run(current, back, held));
            }));
        });
    }
}

package io.sterna.broker.amqp;

import io.sterna.amqp.AmqpError;
import io.sterna.amqp.DeliveryState;
import io.sterna.amqp.ErrorCondition;
import io.sterna.amqp.LinkTerms;
import io.sterna.amqp.OutgoingDelivery;
import io.sterna.amqp.SenderHandler;
import io.sterna.amqp.SenderLink;
import io.sterna.amqp.SettleMode;
import io.sterna.amqp.Terminus.Durability;
import io.sterna.broker.partition.Delivery;
import io.sterna.broker.partition.DeliveryTaker;
import io.sterna.broker.partition.HeldDeliveries;
import io.sterna.broker.partition.KeptLink;
import io.sterna.broker.partition.NodeKind;
import io.sterna.broker.partition.QueueNode;
import io.sterna.broker.partition.Subscription;
import io.sterna.broker.partition.TransactionWork;
import io.sterna.broker.queue.Acquisition;
import io.sterna.broker.queue.Outcome;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A link on which a client receives. Owned by the connection's loop; only the methods of {@link DeliveryTaker} are called
 * on the queue's loop, and hand over to this one.
 */
final class ConsumerLink implements SenderHandler, DeliveryTaker {
    static final List<String> OUTCOMES =
            List.of("amqp:accepted:list", "amqp:rejected:list", "amqp:released:list", "amqp:modified:list");

    private final ConsumerSetup setup;
    private final SenderLink link;
    private final ClientTasks tasks;
    private final QueueNode node;
    private final EnlistedDeliveries enlisted;
    private final OpenDeliveries open = new OpenDeliveries();
    private final ConsumerSettlement settlement;
    private final ConsumerDeliveries deliveries;
    private final ConsumerDeparture departure;
    private @Nullable SourceResumption resumption;

    ConsumerLink(ConsumerSetup setup) {
        this.setup = setup;
        link = setup.link();
        tasks = setup.tasks();
        node = setup.node();
        enlisted = new EnlistedDeliveries(this, setup.client().transactions());
        settlement = new ConsumerSettlement(setup, this::settle);
        deliveries = new ConsumerDeliveries(setup, settlement, open);
        LinkClaim claim = setup.client().links().of(link, tasks);
        departure = new ConsumerDeparture(this, setup, settlement, deliveries, open, claim);
        claim.heldBy(this::steal);
        if (node.kind() == NodeKind.SUBSCRIPTION && !setup.resumes()) {
            claim.refuseOthers();
        }
    }

    /** Takes a place at the queue, which the store keeps if it is to outlive us, and then answers the attach. */
    void start() {
        if (!setup.kept()) {
            node.loop().run(() -> subscribe(Optional.empty()));
            return;
        }
        boolean unsettledToo = setup.granted().node().durability() == Durability.UNSETTLED_STATE;
        byte[] settings = KeptSettings.of(setup).encode();
        node.loop().run(() -> node.keep(settings, unsettledToo, this::subscribe));
    }

    private void subscribe(Optional<KeptLink> kept) {
        node.seats()
                .subscribe(this, setup.options(), kept)
                .ifPresentOrElse(added -> tasks.run(() -> accept(added)), () -> {
                    kept.ifPresent(KeptLink::end);
                    setup.seat().leave(false, () -> {});
                });
    }

    /**
     * Attaches a link to a consumer that was suspended.
     *
     * @param absent runs when there is nothing left of it
     */
    static void resume(ClientContext client, SenderLink link, SuspendedSource former, Runnable absent) {
        ConsumerLink resumed = new ConsumerLink(ConsumerSetup.of(client, link, former));
        resumed.node.loop().run(() -> resumed.node
                .seats()
                .resume(
                        former.subscription(),
                        former.enlisted(),
                        resumed,
                        found -> resumed.tasks.run(
                                () -> found.ifPresentOrElse(held -> resumed.onResumed(former, held), () -> {
                                    resumed.departure.renounce();
                                    absent.run();
                                }))));
    }

    private void accept(Subscription added) {
        settlement.joined(added);
        if (!link.accept(terms(), this)) {
            departure.leave(true, false, () -> {});
        }
    }

    private LinkTerms terms() {
        return LinkTerms.asAsked(link.remote())
                .withSource(setup.granted())
                .withOfferedCapabilities(NodeRules.offered(link.remote().desiredCapabilities()));
    }

    private void onResumed(SuspendedSource former, HeldDeliveries held) {
        settlement.joined(former.subscription());
        deliveries.begin(held.sent());
        departure.inherit(held.enlisted());
        try {
            SourceResumption unsaid = new SourceResumption(link, held);
            resumption = unsaid;
            settlement.settle(unsaid.lost(), former.lostOutcome());
            settlement.settle(unsaid.tooLarge(), ConsumerDeliveries.UNDELIVERABLE_HERE);
            unsaid.decided().forEach(each -> settlement.settle(List.of(each.acquisition()), each.outcome()));
            if (!unsaid.decided().isEmpty()) {
                settlement.afterSettled(() -> {
                    unsaid.onApplied();
                    onCredit();
                });
            }
            LinkTerms terms = link.remote().resumes() ? mixed(terms()).withUnsettled(unsaid.unsettled()) : terms();
            if (link.accept(terms, this)) {
                maybeResumeAgain();
            } else {
                departure.handOver(); // The client is lost once more, and will be back.
            }
        } catch (Refusal refusal) {
            fail(refusal.error());
        }
    }

    /** What is resumed is not settled by that, also on a link whose deliveries are sent settled from now on. */
    private LinkTerms mixed(LinkTerms terms) {
        return setup.presettled() ? terms.withSenderSettleMode(SettleMode.Sender.MIXED) : terms;
    }

    /** Says what is to be said of resumed deliveries; returns whether new ones may follow. */
    private boolean saidOfResumed() {
        SourceResumption unsaid = resumption;
        if (unsaid != null) {
            deliveries.onResumed(unsaid.send(deliveries::onSent));
        }
        return unsaid == null || (unsaid.said() && !link.resumesOnly());
    }

    /** §2.6.13: after an incomplete map the link is suspended once more when all that could be settled is. */
    private void maybeResumeAgain() {
        SourceResumption unsaid = resumption;
        if (unsaid != null && link.attached() && link.resumesOnly() && unsaid.settled()) {
            departure.depart(true, () -> link.detach(false, Optional.empty()));
        }
    }

    // ---- On the queue's loop

    @Override
    public void onDelivery(Delivery delivery) {
        tasks.run(() -> {
            if (deliveries.send(delivery)) {
                tasks.post(this::onCredit);
            }
        });
    }

    @Override
    public void onDrained(long unusedCredit) {
        tasks.run(() -> deliveries.giveUp(unusedCredit));
    }

    @Override
    public void onLockLost(long sequence) {
        tasks.run(() -> {
            deliveries.endLock(sequence);
            goOn();
        });
    }

    @Override
    public void onQueueDeleted() {
        tasks.run(
                () -> fail(AmqpError.of(ErrorCondition.RESOURCE_DELETED, "queue " + node.address() + " was deleted")));
    }

    @Override
    public void onStopped(String reason) {
        tasks.run(() -> fail(AmqpError.of(ErrorCondition.INTERNAL_ERROR, reason)));
    }

    // ---- On the connection's loop

    @Override
    public void onCredit() {
        Optional<Subscription> current = settlement.subscription();
        if (current.isPresent() && !deliveries.stopped() && saidOfResumed()) {
            long limit = deliveries.limit();
            boolean drain = link.drain();
            node.loop().run(() -> node.seats().flow(current.get(), limit, drain));
            if (!link.creditUsedUnseen()) {
                deliveries.endDrain();
            }
        }
    }

    @Override
    public void onWritten(OutgoingDelivery delivery) {
        deliveries.onWritten();
        if (setup.presettled() && delivery.settled()) {
            settlement.accept(acquisition(delivery));
        }
    }

    @Override
    public void onDisposition(OutgoingDelivery delivery, Optional<DeliveryState> state, boolean settled) {
        if (!settled) {
            open.add(delivery);
        }
        try {
            if (open.decided(delivery)) {
                return; // Settling is all that was left to do.
            } else if (state.orElse(null) instanceof DeliveryState.Transactional transactional) {
                enlisted.onDisposition(delivery, transactional, settled);
            } else if (enlisted.leavesToOthers(delivery, state, settled)) {
                onState(delivery, state, settled);
            }
        } catch (Refusal refusal) {
            fail(refusal.error());
        } finally {
            if (settled) {
                free(delivery);
            }
        }
    }

    private void onState(OutgoingDelivery delivery, Optional<DeliveryState> state, boolean settled) throws Refusal {
        Optional<Outcome> outcome = state.isPresent() ? Outcomes.of(state.get()) : Optional.empty();
        if (!settled && outcome.isEmpty()) {
            return; // §3.4.1: it says how much has arrived, and is not the end.
        }
        if (!settled) {
            open.decide(delivery);
        }
        deliveries.onOutcome(acquisition(delivery).sequence());
        if (resumption != null) {
            resumption.onSettled(acquisition(delivery));
            tasks.post(this::maybeResumeAgain);
        }
        settlement.onOutcome(delivery, state, outcome, settled);
    }

    private static Acquisition acquisition(OutgoingDelivery delivery) {
        return (Acquisition) delivery.context();
    }

    /** The receiver waits for us to settle. */
    void settle(OutgoingDelivery delivery, DeliveryState state) {
        delivery.settle(state);
        free(delivery);
    }

    private void free(OutgoingDelivery delivery) {
        open.remove(delivery);
        goOn();
    }

    private void goOn() {
        if (deliveries.goOn()) {
            tasks.post(this::onCredit);
        }
    }

    // ---- What transactions decide

    Outcome defaultOutcome() {
        return settlement.defaultOutcome();
    }

    /** The default outcome in the words of the wire (AMQP 1.0 §3.5.3). */
    DeliveryState defaultState() {
        return setup.granted()
                .defaultOutcome()
                .<DeliveryState>map(named -> named)
                .orElse(DeliveryState.Released.INSTANCE);
    }

    /** What the client is told of what it has said. */
    DeliveryState told(DeliveryState said) {
        return Outcomes.told(said, node);
    }

    /** Whether the place at the queue was left, or for the link's next life, so that no transaction leaves it anything. */
    boolean gone() {
        return departure.vacated();
    }

    /** A transaction that a delivery was enlisted in has ended. */
    void release(OutgoingDelivery delivery, Retirement retirement) {
        enlisted.release(delivery, retirement);
    }

    /** Adds deliveries to what a transaction does. */
    void addTo(TransactionWork work, List<Acquisition> acquisitions, Outcome outcome) {
        settlement.addTo(work, acquisitions, outcome);
    }

    /** Deliveries that nobody can decide on any more go back with the default outcome; then the task is run. Any thread. */
    void giveBack(List<Acquisition> acquisitions, Runnable then) {
        settlement.giveBack(acquisitions, then);
    }

    void settleByDefault(OutgoingDelivery delivery) {
        giveBack(List.of(acquisition(delivery)), () -> {});
    }

    // ---- The end

    /**
     * Answered when all that the link held is back in its place, so that whoever attaches next finds it there, and when what
     * it settled can't be lost any more.
     */
    @Override
    public void onDetached(boolean closed, Optional<AmqpError> error) {
        Runnable answer = () -> link.detach(closed, Optional.empty());
        if (closed) {
            departure.leave(error.isEmpty(), true, answer);
        } else {
            departure.depart(error.isEmpty(), answer);
        }
    }

    @Override
    public void onLost(boolean inOrder) {
        if (LinkEnd.of(link) == LinkEnd.DETACHED) {
            departure.leave(inOrder, false, () -> {}); // The peer broke its rules, and the link was closed.
        } else {
            departure.depart(inOrder, () -> {});
        }
    }

    @Override
    public void onStolen() {
        departure.handOver();
    }

    /** A link on another connection takes the name. */
    private void steal(AmqpError stolen) {
        if (setup.granted().node().dynamic()) {
            departure.leave(false, false, () -> {}); // It is this connection's.
        } else if (settlement.subscription().isPresent()) {
            departure.handOver();
        } // Else its place is on its way here, and is handed over when it has come.
        link.refuse(stolen);
        link.detach(true, Optional.of(stolen));
    }

    private void fail(AmqpError error) {
        link.refuse(error);
        link.detach(true, Optional.of(error));
        departure.leave(false, false, () -> {});
    }
}

package io.sterna.broker.amqp;

import io.sterna.amqp.AmqpError;
import io.sterna.amqp.DeliveryState;
import io.sterna.amqp.ErrorCondition;
import io.sterna.amqp.LinkTerms;
import io.sterna.amqp.OutgoingDelivery;
import io.sterna.amqp.SenderHandler;
import io.sterna.amqp.SenderLink;
import io.sterna.amqp.SettleMode;
import io.sterna.amqp.Terminus;
import io.sterna.broker.partition.Delivery;
import io.sterna.broker.partition.DeliveryTaker;
import io.sterna.broker.partition.HeldDeliveries;
import io.sterna.broker.partition.Loop;
import io.sterna.broker.partition.NodeKind;
import io.sterna.broker.partition.QueueNode;
import io.sterna.broker.partition.Seat;
import io.sterna.broker.partition.Subscription;
import io.sterna.broker.partition.TransactionWork;
import io.sterna.broker.queue.ConsumerOptions;
import io.sterna.broker.queue.Outcome;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A link on which a client receives. Owned by the connection's loop; only the methods of {@link DeliveryTaker} are called
 * on the queue's loop, and hand over to this one.
 *
 * <p>Both sides count the same: what the queue has handed out, or was told is given up, is {@code link.sent() + takenBack}
 * plus what is on its way here.
 */
final class ConsumerLink implements SenderHandler, DeliveryTaker {
    static final List<String> OUTCOMES =
            List.of("amqp:accepted:list", "amqp:rejected:list", "amqp:released:list", "amqp:modified:list");

    private final ClientContext client;
    private final LinkClaim claim;
    private final BrokerServices services;
    private final ClientTasks tasks;
    private final PendingLeaves leaves;
    private final ClientTransactions transactions;
    private final EnlistedDeliveries enlisted;
    private final SenderLink link;
    private final Terminus.Source asked;
    private final Terminus.Source granted;
    private final Seat seat;
    private final QueueNode node;
    private final Loop queueLoop;
    private final boolean presettled;
    private final ConsumerOptions options;
    private final SequenceBatch accepted = new SequenceBatch();
    private final SequenceBatch unsent = new SequenceBatch();
    private final List<Unconfirmed> unconfirmed = new ArrayList<>(0);

    /** Deliveries that the queue may take back, by sequence. */
    private final Map<Long, OutgoingDelivery> locked = new HashMap<>(0);

    private @Nullable Subscription subscription;
    private @Nullable SourceResumption resumption;

    /** Deliveries that came when the client had taken its credit back, and credit given up that was gone already. */
    private long takenBack;

    private boolean gone;

    /** A delivery that the receiver settles once we have. */
    private record Unconfirmed(OutgoingDelivery delivery, DeliveryState state) {}

    /** @param granted what the attach is answered with */
    ConsumerLink(ClientContext client, SenderLink link, Terminus.Source granted, Seat seat, ConsumerOptions options) {
        this(client, link, link.remote().source().orElse(granted), granted, seat, options);
    }

    private ConsumerLink(
            ClientContext client,
            SenderLink link,
            Terminus.Source asked,
            Terminus.Source granted,
            Seat seat,
            ConsumerOptions options) {
        this.client = client;
        services = client.services();
        tasks = client.tasks();
        leaves = client.leaves();
        transactions = client.transactions();
        enlisted = new EnlistedDeliveries(this, transactions);
        claim = client.links().of(link, tasks);
        claim.heldBy(this::steal);
        this.link = link;
        this.asked = asked;
        if (seat.queue().kind() == NodeKind.SUBSCRIPTION && !resumes()) {
            claim.refuseOthers();
        }
        this.granted = granted;
        this.seat = seat;
        this.options = options;
        node = seat.queue();
        queueLoop = node.loop();
        presettled = link.remote().senderSettleMode() == SettleMode.Sender.SETTLED;
    }

    /** Takes a place at the queue, and then answers the attach. */
    void start() {
        queueLoop.run(() -> node.subscribe(this, options)
                .ifPresentOrElse(added -> tasks.run(() -> accept(added)), () -> seat.leave(false, () -> {})));
    }

    /**
     * Attaches a link to a consumer that was suspended.
     *
     * @param absent runs when there is nothing left of it
     */
    static void resume(ClientContext client, SenderLink link, SuspendedSource former, Runnable absent) {
        ConsumerLink resumed =
                new ConsumerLink(client, link, former.asked(), former.granted(), former.seat(), former.options());
        resumed.queueLoop.run(() -> resumed.node
                .resume(former.subscription(), resumed)
                .ifPresentOrElse(
                        held -> resumed.tasks.run(() -> resumed.onResumed(former, held)),
                        () -> resumed.tasks.run(absent)));
    }

    private void accept(Subscription added) {
        subscription = added;
        accept(terms());
    }

    private LinkTerms terms() {
        return LinkTerms.asAsked(link.remote())
                .withSource(granted)
                .withOfferedCapabilities(NodeRules.offered(link.remote().desiredCapabilities()));
    }

    private void accept(LinkTerms terms) {
        if (!link.accept(terms, this)) {
            leave(true, false, () -> {});
        }
    }

    private void onResumed(SuspendedSource former, HeldDeliveries held) {
        subscription = former.subscription();
        takenBack = held.sent();
        try {
            SourceResumption unsaid = new SourceResumption(link, held);
            resumption = unsaid;
            settle(unsaid.lost(), former.lostOutcome());
            unsaid.decided().forEach(each -> settle(new long[] {each.sequence()}, each.outcome()));
            if (!unsaid.decided().isEmpty()) {
                queueLoop.run(() -> node.afterSettled(() -> tasks.run(() -> {
                    unsaid.onApplied();
                    onCredit();
                })));
            }
            LinkTerms terms = link.remote().resumes() ? terms().withUnsettled(unsaid.unsettled()) : terms();
            if (link.accept(terms, this)) {
                maybeResumeAgain();
            } else {
                handOver(); // The client is lost once more, and will be back.
            }
        } catch (Refusal refusal) {
            fail(refusal.error());
        }
    }

    /** Says what is to be said of resumed deliveries; returns whether new ones may follow. */
    private boolean saidOfResumed() {
        SourceResumption unsaid = resumption;
        if (unsaid != null) {
            takenBack -= unsaid.send(this::onSent);
        }
        return unsaid == null || (unsaid.said() && !link.resumesOnly());
    }

    /** §2.6.13: after an incomplete map the link is suspended once more when all that could be settled is. */
    private void maybeResumeAgain() {
        SourceResumption unsaid = resumption;
        if (unsaid != null && link.attached() && link.resumesOnly() && unsaid.settled()) {
            depart(true, () -> link.detach(false, Optional.empty()));
        }
    }

    // ---- On the queue's loop

    @Override
    public void onDelivery(Delivery delivery) {
        tasks.run(() -> send(delivery));
    }

    @Override
    public void onDrained(long unusedCredit) {
        tasks.run(() -> giveUp(unusedCredit));
    }

    @Override
    public void onLockLost(long sequence) {
        tasks.run(() -> endLock(sequence));
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

    private void send(Delivery delivery) {
        if (gone) {
            unsent.add(delivery.sequence());
        } else if (link.credit() <= 0) {
            takeBack(delivery.sequence());
        } else {
            services.counters().onDelivered();
            byte[] tag = SourceResumption.tag(delivery.sequence());
            onSent(link.send(tag, delivery.format(), delivery.message(), presettled, delivery.sequence()));
        }
    }

    private void onSent(OutgoingDelivery delivery) {
        endDrain();
        if (node.takesBack()) {
            locked.put((Long) delivery.context(), delivery);
        }
    }

    /**
     * Settled here, so that a receiver that settles second hears of it; what it says later is about a delivery that is no
     * more, and changes nothing.
     */
    private void endLock(long sequence) {
        OutgoingDelivery delivery = locked.remove(sequence);
        if (delivery != null) {
            delivery.settle(DeliveryState.Released.INSTANCE);
        }
    }

    /**
     * The client took its credit back while the message was on its way: it goes back, and the credit is not used. Posted,
     * since the queue may be in the middle of handing it out.
     */
    private void takeBack(long sequence) {
        takenBack++;
        tasks.post(() -> settle(new long[] {sequence}, Outcome.RELEASED));
    }

    /**
     * A drain is over when all credit is used up, too (AMQP 1.0 §2.6.7). The answer goes out together with the last
     * delivery: a client that sees its last credit used gives more, and would take a late answer for one to that.
     */
    private void endDrain() {
        if (link.drain() && link.credit() <= 0) {
            link.giveUpCredit(0);
        }
    }

    private void giveUp(long unusedCredit) {
        if (unusedCredit == 0) {
            return; // Answered by endDrain; meanwhile the client may have given more credit.
        }
        long before = link.sent();
        link.giveUpCredit(unusedCredit);
        takenBack += unusedCredit - (link.sent() - before);
    }

    @Override
    public void onCredit() {
        Subscription current = subscription;
        if (current != null && !gone && saidOfResumed()) {
            long limit = link.limit() + takenBack;
            boolean drain = link.drain();
            queueLoop.run(() -> node.flow(current, limit, drain));
            if (!link.creditUsedUnseen()) {
                endDrain();
            }
        }
    }

    @Override
    public void onWritten(OutgoingDelivery delivery) {
        if (presettled) {
            accept((Long) delivery.context());
        }
    }

    @Override
    public void onDisposition(OutgoingDelivery delivery, Optional<DeliveryState> state, boolean settled) {
        try {
            if (state.orElse(null) instanceof DeliveryState.Transactional transactional) {
                enlisted.onDisposition(delivery, transactional, settled);
            } else if (enlisted.leavesToOthers(delivery, state, settled)) {
                onState(delivery, state, settled);
            }
        } catch (Refusal refusal) {
            fail(refusal.error());
        }
    }

    private void onState(OutgoingDelivery delivery, Optional<DeliveryState> state, boolean settled) throws Refusal {
        Optional<Outcome> outcome = state.isPresent() ? Outcomes.of(state.get()) : Optional.empty();
        long sequence = (Long) delivery.context();
        if (!settled && outcome.isEmpty()) {
            return; // §3.4.1: it says how much has arrived, and is not the end.
        }
        locked.remove(sequence);
        if (resumption != null) {
            resumption.onSettled(sequence);
            tasks.post(this::maybeResumeAgain);
        }
        Outcome applied = outcome.orElse(options.defaultOutcome());
        if (applied != Outcome.ACCEPTED) {
            flushAccepted();
            settle(new long[] {sequence}, applied);
        }
        if (!settled) {
            unconfirmed.add(new Unconfirmed(delivery, state.get()));
        }
        if (applied == Outcome.ACCEPTED) {
            accept(sequence);
        } else {
            confirm();
        }
    }

    private void accept(long sequence) {
        if (accepted.add(sequence)) {
            tasks.post(this::flushAccepted);
        }
    }

    private void flushAccepted() {
        if (!accepted.isEmpty()) {
            settle(accepted.take(), Outcome.ACCEPTED);
            confirm();
        }
    }

    private void settle(long[] sequences, Outcome outcome) {
        Subscription current = subscription;
        if (current != null) {
            queueLoop.run(() -> node.settle(current, sequences, outcome));
        }
    }

    // ---- What transactions decide

    Outcome defaultOutcome() {
        return options.defaultOutcome();
    }

    /** Whether the client can't say any more what is to become of its deliveries. */
    boolean gone() {
        return gone;
    }

    /** A transaction that a delivery was enlisted in has ended. */
    void release(OutgoingDelivery delivery, Retirement retirement) {
        enlisted.release(delivery, retirement);
    }

    /** Adds deliveries to what a transaction does. */
    void addTo(TransactionWork work, long[] sequences, Outcome outcome) {
        work.retire(node, subscription(), sequences, outcome);
    }

    /** Deliveries that nobody can decide on any more go back with the default outcome; then the task is run. Any thread. */
    void giveBack(long[] sequences, Runnable then) {
        Subscription current = subscription();
        // Posted, not run: the queue may be in the middle of handing out to this very link.
        queueLoop.post(() -> {
            node.settle(current, sequences, options.defaultOutcome());
            then.run();
        });
    }

    void settleByDefault(OutgoingDelivery delivery) {
        giveBack(new long[] {(Long) delivery.context()}, () -> {});
    }

    private Subscription subscription() {
        if (subscription == null) {
            throw new IllegalStateException("nothing has been delivered yet");
        }
        return subscription;
    }

    /** The receiver waits for us to settle (receiver-settle-mode second): we do when the outcome can't be lost any more. */
    private void confirm() {
        if (!unconfirmed.isEmpty()) {
            List<Unconfirmed> now = List.copyOf(unconfirmed);
            unconfirmed.clear();
            queueLoop.run(() -> node.afterSettled(
                    () -> tasks.run(() -> now.forEach(each -> each.delivery().settle(each.state())))));
        }
    }

    /**
     * Answered when all that the link held is back in its place, so that whoever attaches next finds it there, and when what
     * it settled can't be lost any more.
     */
    @Override
    public void onDetached(boolean closed, Optional<AmqpError> error) {
        Runnable answer = () -> link.detach(closed, Optional.empty());
        if (closed) {
            leave(error.isEmpty(), true, answer);
        } else {
            depart(error.isEmpty(), answer);
        }
    }

    @Override
    public void onLost(boolean inOrder) {
        if (LinkEnd.of(link) == LinkEnd.DETACHED) {
            leave(inOrder, false, () -> {}); // The peer broke its rules, and the link was closed.
        } else {
            depart(inOrder, () -> {});
        }
    }

    @Override
    public void onStolen() {
        handOver();
    }

    /** A link on another connection takes the name. */
    private void steal(AmqpError stolen) {
        handOver();
        link.refuse(stolen);
        link.detach(true, Optional.of(stolen));
    }

    private void handOver() {
        if (resumable()) {
            suspend(false, () -> {});
        } else {
            leave(false, false, () -> {});
        }
    }

    /** The link is gone, and its source lives on if its expiry policy says so. */
    private void depart(boolean inOrder, Runnable then) {
        if (resumable() && LinkEnd.of(link).leaves(granted.node())) {
            suspend(inOrder, then);
        } else {
            leave(inOrder, false, then);
        }
    }

    /**
     * Whether what is unsettled may outlive the link. Of a subscription, what lasts is the subscription itself: JMS clients
     * detach from it and come back holding nothing, so that the messages go back at once unless the client has shown that
     * it resumes links.
     */
    private boolean resumable() {
        return !presettled
                && !options.browse()
                && subscription != null
                && !granted.node().dynamic()
                && (resumes() || node.kind() != NodeKind.SUBSCRIPTION);
    }

    private boolean resumes() {
        return link.remote().resumes() || link.remote().receiverSettleMode() == SettleMode.Receiver.SECOND;
    }

    private void fail(AmqpError error) {
        link.refuse(error);
        link.detach(true, Optional.of(error));
        leave(false, false, () -> {});
    }

    /**
     * Gives the place at the queue up. First no more is handed out; then, when all that was under way to this loop has
     * arrived here, what never left goes back as it was, and the rest gets the default outcome, without being counted as a
     * failure when the link was left in order. It is done when all that is durable.
     *
     * @param closed whether the client has no use for the place any more, also not later
     */
    private void leave(boolean inOrder, boolean closed, Runnable then) {
        if (subscription == null) {
            claim.end();
        }
        vacate((current, back, held) -> unsubscribe(current, back, held, inOrder, closed, then));
    }

    private void unsubscribe(
            Subscription current, long[] back, long[] held, boolean inOrder, boolean closed, Runnable then) {
        node.unsubscribe(
                current,
                back,
                held,
                inOrder,
                () -> seat.leave(closed, () -> tasks.run(() -> onVacated(then, Optional.empty()))));
    }

    /**
     * As {@link #leave}, but what is unsettled stays so, for the link's next life; unless a transaction has its hand on some
     * of it, which decides on it when the link is gone.
     */
    private void suspend(boolean inOrder, Runnable then) {
        SourceKeeper keeper = new SourceKeeper(client.links().registry(), claim.key());
        vacate((current, back, enlistedOnes) -> {
            if (enlistedOnes.length > 0) {
                unsubscribe(current, back, enlistedOnes, inOrder, false, then);
                return;
            }
            node.suspend(current, back, keeper, held -> {
                Optional<SuspendedSource> kept = held.flatMap(there -> keeper.keep(
                        new SuspendedSource(seat, current, asked, granted, options, inOrder, there.bytes())));
                tasks.run(() -> onVacated(then, kept));
            });
        });
    }

    /** The last step of leaving the queue, on its loop: with what never left, and what transactions will decide. */
    private interface Vacating {
        void run(Subscription current, long[] unsent, long[] held);
    }

    private void onVacated(Runnable then, Optional<SuspendedSource> kept) {
        kept.ifPresentOrElse(claim::suspend, claim::end);
        then.run();
        leaves.end();
    }

    /** First no more is handed out, then all that was under way to this loop arrives; the last step is the queue's. */
    private void vacate(Vacating last) {
        Subscription current = subscription;
        if (gone || current == null) {
            return;
        }
        gone = true;
        leaves.begin();
        // Posted, not run: the queue may be in the middle of handing out to this very link. What was accepted and is
        // not
        // flushed yet is in this loop's mailbox already, and so gets to the queue before the last step.
        queueLoop.post(() -> {
            node.flow(current, 0, false);
            tasks.post(() -> {
                long[] back = unsent.take();
                long[] held = transactions.heldBy(this);
                queueLoop.post(() -> last.run(current, back, held));
            });
        });
    }
}

package io.sterna.broker.amqp;

import io.sterna.amqp.AmqpError;
import io.sterna.amqp.DeliveryState;
import io.sterna.amqp.ErrorCondition;
import io.sterna.amqp.IncomingDelivery;
import io.sterna.amqp.LinkTerms;
import io.sterna.amqp.ReceiverHandler;
import io.sterna.amqp.ReceiverLink;
import io.sterna.amqp.Terminus;
import io.sterna.amqp.UnsettledDelivery;
import io.sterna.amqp.codec.DecodeException;
import io.sterna.broker.partition.Brake;
import io.sterna.broker.partition.BrokerMessage;
import io.sterna.broker.partition.KeptLink;
import io.sterna.broker.partition.Node;
import io.sterna.broker.partition.Producer;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A link on which a client sends. A delivery is accepted, and the credit for it given anew, when its message is durable
 * or, for a message that is not, when it is in its queue. Owned by the connection's loop; only the methods of {@link
 * Producer} are called on the loop of whoever holds it back, and hand over to this one.
 */
abstract class ProducerLink implements ReceiverHandler, Producer {
    private final BrokerServices services;
    private final ClientTasks tasks;
    private final ClientTransactions transactions;
    private final ClientInbound inbound;
    private final ReceiverLink link;
    private final LinkClaim claim;
    private final Optional<KeptLink> kept;
    private final KeptTags tags;
    private final TargetDeliveries unsettled;
    private final ProducerCredit credit;
    private final TransactionalPosting posting = new TransactionalPosting(this);
    private final String containerId;
    private Terminus.@Nullable Target target;
    private boolean attached;
    private boolean gone;

    /** @param kept the link in the store, if that is to outlive us */
    ProducerLink(ClientContext client, ReceiverLink link, Optional<KeptLink> kept) {
        services = client.services();
        tasks = client.tasks();
        transactions = client.transactions();
        inbound = client.inbound();
        this.link = link;
        this.kept = kept;
        tags = new KeptTags(kept, tasks);
        unsettled = new TargetDeliveries(link);
        credit = new ProducerCredit(link, () -> Math.min(mostUnderWay(), unsettled.room()));
        claim = client.links().of(link, tasks);
        claim.heldBy(this::steal);
        containerId = link.connection().remote().containerId();
    }

    final BrokerServices services() {
        return services;
    }

    final ClientTasks tasks() {
        return tasks;
    }

    final ClientInbound inbound() {
        return inbound;
    }

    /**
     * Answers the attach with the target that is granted.
     *
     * @param former what is left of the link's earlier life
     */
    final void start(Terminus.Target granted, Optional<SuspendedTarget> former) {
        target = granted;
        LinkTerms terms = LinkTerms.asAsked(link.remote())
                .withTarget(granted)
                .withOfferedCapabilities(NodeRules.offered(link.remote().desiredCapabilities()))
                .withMaxMessageBytes(services.config().amqp().maxMessageBytes());
        List<UnsettledDelivery> held =
                former.map(its -> its.heldByBoth(link.remote())).orElse(List.of());
        if (former.isPresent() && link.remote().resumes()) {
            unsettled.resume(held);
            terms = terms.withUnsettled(held);
        }
        onArrived();
        if (link.accept(terms, this)) {
            attached = true;
            former.ifPresent(its -> tags.goOnWith(its, held));
            transactions.addProducer(link);
            services.counters().onProducers(1);
            admit(() -> {
                if (attached) {
                    tasks.loop().disk().admit(this);
                    inbound.maybeHalt(this);
                    credit.maybeOpen();
                }
            });
        } else {
            kept.filter(its -> former.flatMap(SuspendedTarget::kept)
                            .filter(its::equals)
                            .isEmpty())
                    .ifPresent(ProducerLink::end);
            onLeft(former.isPresent(), () -> former.ifPresentOrElse(claim::suspend, claim::end));
        }
    }

    /** Tells the brakes of the node of this producer; then it may have credit, unless one of them is on. */
    void admit(Runnable then) {
        then.run();
    }

    /** A client that holds deliveries gets credit for one message, even if there is none for more. */
    final void maybeAdmitOne() {
        if (link.connection().peerHoldsDeliveries()) {
            credit.openForOne();
        }
    }

    /** The link is about to be there; {@link #onLeft} follows. */
    void onArrived() {}

    /**
     * The link is gone; {@code then} is run when it may be answered so. Called once.
     *
     * @param suspended whether it may come back
     */
    void onLeft(boolean suspended, Runnable then) {
        then.run();
    }

    /** The node that was made for this link. */
    Optional<Node> made() {
        return Optional.empty();
    }

    @Override
    public final void onDelivery(IncomingDelivery delivery) {
        byte[] payload = delivery.payload();
        inbound.maybeHalt(this);
        credit.onMessage(payload.length);
        Optional<Transaction> transaction = Optional.empty();
        try {
            if (delivery.remoteState().orElse(null) instanceof DeliveryState.Transactional state) {
                transaction = Optional.of(transactions.require(state.transactionId()));
            }
            BrokerMessage message = BrokerMessage.received(payload, delivery.messageFormat());
            services.counters().onReceived();
            if (transaction.isPresent()) {
                posting.post(delivery, message, transaction.get());
            } else {
                route(new Incoming(this, delivery, message, tags.of(delivery)));
            }
        } catch (DecodeException malformed) {
            AmqpError error = AmqpError.of(
                    ErrorCondition.DECODE_ERROR, "the message is not well formed: " + malformed.getMessage());
            transaction.ifPresentOrElse(its -> posting.refuse(delivery, its, error), () -> reject(delivery, error));
        } catch (Refusal unknown) {
            reject(delivery, unknown.error());
        }
    }

    /** How many deliveries may be under way at most, since they all may have to find room. */
    int mostUnderWay() {
        return Integer.MAX_VALUE;
    }

    /** Brings the message to its node. */
    abstract void route(Incoming incoming);

    /** Finds the node that a message is for; the taker is called on the connection's loop, now or later. */
    abstract void locate(BrokerMessage message, NodeTaker taker);

    /** Hears where a message goes. */
    interface NodeTaker {
        void onNode(Node node);

        void onRefused(AmqpError error);
    }

    /** The message of a delivery is where it belongs. */
    final void accept(IncomingDelivery delivery) {
        conclude(delivery, DeliveryState.Accepted.INSTANCE);
    }

    private void conclude(IncomingDelivery delivery, DeliveryState outcome) {
        delivery.settle(outcome);
        tags.onOutcome(delivery);
        unsettled.onOutcome(delivery);
    }

    @Override
    public final void onSettled(IncomingDelivery delivery) {
        tags.onSettled(delivery.tag());
        unsettled.onSettled(delivery);
        if (delivery.resumed()) {
            credit.maybeOpen();
        }
    }

    /**
     * Refuses a message. A sender that has settled, or that does not know the outcome, would not hear of it: its link is
     * detached instead.
     */
    final void reject(IncomingDelivery delivery, AmqpError error) {
        conclude(delivery, new DeliveryState.Rejected(Optional.of(error)));
        if (delivery.remotelySettled() || !knowsRejected()) {
            failFor(delivery, error);
        }
    }

    /** Detaches the link because of a delivery, when its sender would not hear otherwise. */
    final void failFor(IncomingDelivery delivery, AmqpError error) {
        fail(naming(delivery, error));
    }

    /** What a detach says that is about one delivery. */
    AmqpError naming(IncomingDelivery delivery, AmqpError error) {
        return error;
    }

    final boolean knowsRejected() {
        List<String> outcomes =
                link.remote().source().map(Terminus.Source::outcomes).orElse(List.of());
        return outcomes.isEmpty() || outcomes.contains("amqp:rejected:list");
    }

    final void fail(AmqpError error) {
        link.detach(true, Optional.of(error));
        leave(false, this::endClaim);
    }

    /** Nothing is left of the link, here and in the store. */
    private void endClaim() {
        claim.end();
        kept.ifPresent(ProducerLink::end);
    }

    private static void end(KeptLink link) {
        link.node().loop().run(link::end);
    }

    /** A node that this link sends to is gone. */
    void onNodeDeleted() {}

    @Override
    public final String containerId() {
        return containerId;
    }

    @Override
    public void onTight(Brake brake) {
        tasks.run(() -> credit.onTight(brake, this));
    }

    @Override
    public void onRoom(Brake brake) {
        tasks.run(() -> credit.onRoom(brake));
    }

    @Override
    public void onDetached(boolean closed, Optional<AmqpError> error) {
        depart(!closed, () -> link.detach(closed, Optional.empty()));
    }

    @Override
    public void onLost(boolean inOrder) {
        // On a session that lives the peer has broken the link's rules, and the link was closed.
        depart(LinkEnd.of(link) != LinkEnd.DETACHED, () -> {});
    }

    @Override
    public boolean onGivenUp() {
        Terminus.Target granted = target;
        depart(true, () -> {});
        // A client whose link goes with its session would answer a detach that does not close it with one that does.
        return granted != null && LinkEnd.SESSION_ENDED.leaves(granted.node());
    }

    @Override
    public void onStolen() {
        suspend(() -> {});
    }

    /** A link on another connection takes the name. */
    private void steal(AmqpError stolen) {
        if (made().isPresent()) {
            leave(false, claim::end); // It is this connection's.
        } else {
            suspend(() -> {});
        }
        link.refuse(stolen);
        link.detach(true, Optional.of(stolen));
    }

    /** The link is gone, and its target lives on if its expiry policy says so. */
    private void depart(boolean mayLiveOn, Runnable then) {
        Terminus.Target granted = target;
        LinkEnd end = LinkEnd.of(link);
        boolean outlivedByNode = made().isEmpty() || end != LinkEnd.CONNECTION_CLOSED;
        if (mayLiveOn && granted != null && end.leaves(granted.node()) && outlivedByNode) {
            suspend(then);
        } else {
            leave(false, () -> {
                then.run();
                endClaim();
            });
        }
    }

    private void suspend(Runnable then) {
        Terminus.Target granted = target;
        if (granted == null) {
            leave(false, this::endClaim);
        } else if (!gone) {
            gone = true;
            unsettled.leave(held -> claim.suspend(new SuspendedTarget(granted, held, made(), kept)));
            leave(true, then);
        }
    }

    /** What was sent is on its way to its queue; there is nobody left to tell for now. */
    private void leave(boolean suspended, Runnable then) {
        gone = true;
        credit.end(this);
        tasks.loop().disk().release(this);
        if (attached) {
            attached = false;
            services.counters().onProducers(-1);
            transactions.removeProducer(link);
            onLeft(suspended, then);
        } else {
            then.run();
        }
    }
}

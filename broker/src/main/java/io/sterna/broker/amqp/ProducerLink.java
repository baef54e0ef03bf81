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
import io.sterna.broker.partition.Node;
import io.sterna.broker.partition.Producer;
import io.sterna.broker.partition.Publication;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A link on which a client sends. A delivery is accepted, and the credit for it given anew, when its message is durable
 * or, for a message that is not, when it is in its queue. Owned by the connection's loop; only the methods of {@link
 * Producer} and {@link Publication} are called on the queue's loop, and hand over to this one.
 */
abstract class ProducerLink implements ReceiverHandler, Producer {
    /** The journal takes no record above 1 GiB; what a dead letter is told on the way has to fit in, too. */
    private static final long MAX_MESSAGE_BYTES = 1023L * 1024 * 1024;

    private final BrokerServices services;
    private final ClientTasks tasks;
    private final ClientTransactions transactions;
    private final ReceiverLink link;
    private final LinkClaim claim;
    private final TargetDeliveries unsettled;
    private final ProducerWindow window = new ProducerWindow();
    private final Set<Brake> tight = new LinkedHashSet<>(2);
    private final String containerId;
    private Terminus.@Nullable Target target;
    private boolean attached;
    private boolean gone;

    ProducerLink(ClientContext client, ReceiverLink link) {
        services = client.services();
        tasks = client.tasks();
        transactions = client.transactions();
        this.link = link;
        unsettled = new TargetDeliveries(link);
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
                .withMaxMessageBytes(Math.min(services.config().amqp().maxMessageBytes(), MAX_MESSAGE_BYTES));
        if (former.isPresent() && link.remote().resumes()) {
            List<UnsettledDelivery> held = former.get().heldByBoth(link.remote());
            unsettled.resume(held);
            terms = terms.withUnsettled(held);
        }
        onArrived();
        if (link.accept(terms, this)) {
            attached = true;
            transactions.addProducer(link);
            services.counters().onProducers(1);
            link.window(deliveries());
        } else {
            onLeft(() -> former.ifPresentOrElse(claim::suspend, claim::end));
        }
    }

    /** The link is about to be there; {@link #onLeft} follows. */
    void onArrived() {}

    /** The link is gone; {@code then} is run when it may be answered so. Called once. */
    void onLeft(Runnable then) {
        then.run();
    }

    @Override
    public final void onDelivery(IncomingDelivery delivery) {
        byte[] payload = delivery.payload();
        if (window.onMessage(payload.length) && tight.isEmpty()) {
            link.window(deliveries());
        }
        Optional<Transaction> transaction = Optional.empty();
        try {
            if (delivery.remoteState().orElse(null) instanceof DeliveryState.Transactional state) {
                transaction = Optional.of(transactions.require(state.transactionId()));
            }
            BrokerMessage message = BrokerMessage.received(payload, delivery.messageFormat());
            services.counters().onReceived();
            if (transaction.isPresent()) {
                post(delivery, message, transaction.get());
            } else {
                route(new Incoming(delivery, message));
            }
        } catch (DecodeException malformed) {
            AmqpError error = AmqpError.of(
                    ErrorCondition.DECODE_ERROR, "the message is not well formed: " + malformed.getMessage());
            transaction.ifPresentOrElse(its -> refusePost(delivery, its, error), () -> reject(delivery, error));
        } catch (Refusal unknown) {
            reject(delivery, unknown.error());
        }
    }

    private int deliveries() {
        return Math.min(window.deliveries(), mostUnderWay());
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

    // ---- Transactional posting, AMQP 1.0 §4.4.1

    /** The outcome is told at once, provided that the transaction commits; only then does anything happen to the message. */
    private void post(IncomingDelivery delivery, BrokerMessage message, Transaction transaction) {
        TransactionalPost post = new TransactionalPost(delivery, message, this);
        Optional<AmqpError> refusal = transaction.post(post, message.sizeBytes());
        if (refusal.isPresent()) {
            refusePost(delivery, transaction, refusal.get());
            return;
        }
        locate(message, new NodeTaker() {
            @Override
            public void onNode(Node node) {
                post.route(node);
                delivery.settle(transaction.accepted());
                transaction.onRouted(Optional.empty());
            }

            @Override
            public void onRefused(AmqpError error) {
                refusePost(delivery, transaction, error);
                transaction.onRouted(Optional.of(error));
            }
        });
    }

    /** A part of a transaction can't be committed: it is doomed, which a sender that has settled hears when it discharges. */
    private void refusePost(IncomingDelivery delivery, Transaction transaction, AmqpError error) {
        transaction.doom(error);
        delivery.settle(transaction.rejected(error));
        if (!delivery.remotelySettled() && !knowsRejected()) {
            fail(error);
        }
    }

    /** A delivery on its way into a queue; its outcome comes back to the connection's loop. */
    final class Incoming implements Publication {
        private final IncomingDelivery delivery;
        private final BrokerMessage message;

        Incoming(IncomingDelivery delivery, BrokerMessage message) {
            this.delivery = delivery;
            this.message = message;
        }

        @Override
        public BrokerMessage message() {
            return message;
        }

        @Override
        public Producer producer() {
            return ProducerLink.this;
        }

        @Override
        public void onStored() {
            tasks.run(() -> conclude(delivery, DeliveryState.Accepted.INSTANCE));
        }

        @Override
        public boolean mayBeRefused() {
            return true;
        }

        @Override
        public void onRefused(AmqpError error) {
            refuse(error);
        }

        @Override
        public void onDeleted() {
            refuse(AmqpError.of(ErrorCondition.NOT_FOUND, "the queue or topic was deleted"));
            tasks.run(ProducerLink.this::onNodeDeleted);
        }

        @Override
        public void onStopped(String reason) {
            tasks.run(() -> fail(AmqpError.of(ErrorCondition.INTERNAL_ERROR, reason)));
        }

        /** It can't be had. Any thread. */
        void refuse(AmqpError error) {
            tasks.run(() -> reject(delivery, error));
        }
    }

    private void conclude(IncomingDelivery delivery, DeliveryState outcome) {
        delivery.settle(outcome);
        unsettled.onOutcome(delivery);
    }

    @Override
    public final void onSettled(IncomingDelivery delivery) {
        unsettled.onSettled(delivery);
    }

    /**
     * Refuses a message. A sender that has settled, or that does not know the outcome, would not hear of it: its link is
     * detached instead.
     */
    private void reject(IncomingDelivery delivery, AmqpError error) {
        conclude(delivery, new DeliveryState.Rejected(Optional.of(error)));
        if (delivery.remotelySettled() || !knowsRejected()) {
            fail(error);
        }
    }

    private boolean knowsRejected() {
        List<String> outcomes =
                link.remote().source().map(Terminus.Source::outcomes).orElse(List.of());
        return outcomes.isEmpty() || outcomes.contains("amqp:rejected:list");
    }

    final void fail(AmqpError error) {
        link.detach(true, Optional.of(error));
        leave(claim::end);
    }

    /** A node that this link sends to is gone. */
    void onNodeDeleted() {}

    @Override
    public final String containerId() {
        return containerId;
    }

    @Override
    public void onTight(Brake brake) {
        tasks.run(() -> {
            tight.add(brake);
            link.window(0);
        });
    }

    @Override
    public void onRoom(Brake brake) {
        tasks.run(() -> {
            if (tight.remove(brake) && tight.isEmpty()) {
                link.window(deliveries());
            }
        });
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
    public void onStolen() {
        suspend(() -> {});
    }

    /** A link on another connection takes the name. */
    private void steal(AmqpError stolen) {
        suspend(() -> {});
        link.refuse(stolen);
        link.detach(true, Optional.of(stolen));
    }

    /** The link is gone, and its target lives on if its expiry policy says so. */
    private void depart(boolean mayLiveOn, Runnable then) {
        Terminus.Target granted = target;
        if (mayLiveOn && granted != null && LinkEnd.of(link).leaves(granted.node())) {
            suspend(then);
        } else {
            leave(() -> {
                then.run();
                claim.end();
            });
        }
    }

    private void suspend(Runnable then) {
        Terminus.Target granted = target;
        if (granted == null || granted.node().dynamic()) {
            leave(claim::end);
        } else if (!gone) {
            gone = true;
            unsettled.leave(held -> claim.suspend(new SuspendedTarget(granted, held)));
            leave(then);
        }
    }

    /** What was sent is on its way to its queue; there is nobody left to tell for now. */
    private void leave(Runnable then) {
        gone = true;
        tight.forEach(brake -> brake.release(this));
        tight.clear();
        if (attached) {
            attached = false;
            services.counters().onProducers(-1);
            transactions.removeProducer(link);
            onLeft(then);
        } else {
            then.run();
        }
    }
}

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
import io.sterna.broker.partition.Loop;
import io.sterna.broker.partition.QueueNode;
import io.sterna.broker.queue.Consumer;
import io.sterna.broker.queue.Outcome;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A link on which a client receives. Owned by the connection's loop; only the methods of {@link DeliveryTaker} are called
 * on the queue's loop, and hand over to this one.
 */
final class ConsumerLink implements SenderHandler, DeliveryTaker {
    private static final List<String> OUTCOMES =
            List.of("amqp:accepted:list", "amqp:rejected:list", "amqp:released:list", "amqp:modified:list");

    private final BrokerServices services;
    private final Loop loop;
    private final SenderLink link;
    private final Terminus.Source source;
    private final QueueNode node;
    private final boolean presettled;
    private final Outcome defaultOutcome;
    private final AcceptedBatch accepted = new AcceptedBatch();
    private @Nullable Consumer consumer;
    private boolean gone;

    ConsumerLink(BrokerServices services, Loop loop, SenderLink link, Terminus.Source source, QueueNode node) {
        this.services = services;
        this.loop = loop;
        this.link = link;
        this.source = source;
        this.node = node;
        presettled = link.remote().senderSettleMode() == SettleMode.Sender.SETTLED;
        // §3.5.3: without a default outcome, what is left unsettled goes back as it was.
        defaultOutcome = source.defaultOutcome().flatMap(Outcomes::of).orElse(Outcome.RELEASED);
    }

    /** Refuses what a source asks for and this version does not have, rather than deliver what was not asked for. */
    static void check(Terminus.Source source) throws Refusal {
        if (source.distributionMode().filter("copy"::equals).isPresent()) {
            throw new Refusal(ErrorCondition.NOT_IMPLEMENTED, "browsing (distribution-mode copy) is not offered");
        }
        for (String filter : source.filter().keySet()) {
            if (filter.contains("selector") || filter.contains("no-local")) {
                throw new Refusal(ErrorCondition.NOT_IMPLEMENTED, "the filter " + filter + " is not offered");
            }
        }
    }

    /** Takes a place at the queue, and then answers the attach. */
    void start() {
        node.loop().run(() -> {
            Consumer added = node.subscribe(
                    this,
                    defaultOutcome,
                    presettled
                            ? io.sterna.broker.queue.SettleMode.ON_DELIVERY
                            : io.sterna.broker.queue.SettleMode.BY_CONSUMER);
            loop.run(() -> accept(added));
        });
    }

    private void accept(Consumer added) {
        consumer = added;
        // Filters that nobody here knows are left out of the answer: they are not in force; §3.5.3.
        Terminus.Source granted = new Terminus.Source(
                NodeRules.granted(source.node()), Optional.of("move"), Map.of(), source.defaultOutcome(), OUTCOMES);
        LinkTerms asked = LinkTerms.asAsked(link.remote());
        LinkTerms terms = asked.withSource(granted);
        if (!link.accept(terms, this)) {
            gone = true;
            node.loop().run(() -> node.unsubscribe(added));
        }
    }

    // ---- On the queue's loop

    @Override
    public void onDelivery(Delivery delivery) {
        loop.run(() -> send(delivery));
    }

    @Override
    public void onDrained(long unusedCredit) {
        loop.run(() -> link.giveUpCredit(unusedCredit));
    }

    @Override
    public void onQueueDeleted() {
        loop.run(() -> {
            gone = true;
            link.detach(
                    true,
                    Optional.of(
                            AmqpError.of(ErrorCondition.RESOURCE_DELETED, "queue " + node.address() + " was deleted")));
        });
    }

    // ---- On the connection's loop

    private void send(Delivery delivery) {
        if (gone || !link.attached() || link.credit() <= 0) {
            // It was on its way when the link was lost or its credit taken back, so it was never handed over.
            release(delivery.sequence());
            return;
        }
        services.counters().onDelivered();
        byte[] tag =
                ByteBuffer.allocate(Long.BYTES).putLong(delivery.sequence()).array();
        link.send(tag, delivery.format(), delivery.message(), presettled, delivery.sequence());
    }

    @Override
    public void onCredit() {
        Consumer current = consumer;
        if (current != null && !gone) {
            long limit = link.limit();
            boolean drain = link.drain();
            node.loop().run(() -> node.grant(current, limit, drain));
        }
    }

    @Override
    public void onDisposition(OutgoingDelivery delivery, Optional<DeliveryState> state, boolean settled) {
        long sequence = (Long) delivery.context();
        if (state.isPresent() && !isOutcome(state.get())) {
            return; // §3.4.1: received says how much has arrived, and is not the end.
        }
        Outcome outcome = state.flatMap(Outcomes::of).orElse(defaultOutcome);
        if (settled && outcome == Outcome.ACCEPTED) {
            if (accepted.add(sequence)) {
                loop.post(this::flushAccepted);
            }
        } else if (settled) {
            settle(sequence, outcome);
        } else if (state.isPresent()) {
            settleAndConfirm(delivery, state.get(), sequence, outcome);
        }
    }

    private static boolean isOutcome(DeliveryState state) {
        return Outcomes.of(state).isPresent();
    }

    private void flushAccepted() {
        Consumer current = consumer;
        if (current != null) {
            long[] sequences = accepted.take();
            node.loop().run(() -> node.settle(current, sequences, Outcome.ACCEPTED));
        }
    }

    /** Posted, not run: the queue may be in the middle of handing this very message over. */
    private void release(long sequence) {
        Consumer current = consumer;
        if (current != null) {
            node.loop().post(() -> node.settle(current, new long[] {sequence}, Outcome.RELEASED));
        }
    }

    private void settle(long sequence, Outcome outcome) {
        flushAccepted();
        Consumer current = consumer;
        if (current != null) {
            node.loop().run(() -> node.settle(current, new long[] {sequence}, outcome));
        }
    }

    /** The receiver waits for us to settle (receiver-settle-mode second): we do when the outcome can't be lost any more. */
    private void settleAndConfirm(OutgoingDelivery delivery, DeliveryState state, long sequence, Outcome outcome) {
        settle(sequence, outcome);
        node.loop().run(() -> node.afterSettled(() -> loop.run(() -> delivery.settle(state))));
    }

    @Override
    public void onDetached(boolean closed, Optional<AmqpError> error) {
        link.detach(closed, Optional.empty());
        leave();
    }

    @Override
    public void onLost() {
        leave();
    }

    /**
     * Gives the place at the queue up. First no more is handed out; then, when all that was under way to this loop has
     * arrived here and has gone back unsent, the rest gets the default outcome: what never left does not count as tried.
     */
    private void leave() {
        Consumer current = consumer;
        if (gone || current == null) {
            return;
        }
        gone = true;
        flushAccepted();
        node.loop().post(() -> {
            node.grant(current, 0, false);
            loop.post(() -> node.loop().post(() -> node.unsubscribe(current)));
        });
    }
}

package io.sterna.broker.partition;

import io.sterna.broker.queue.Acquisition;
import io.sterna.broker.queue.ConsumerOptions;
import io.sterna.broker.queue.Entry;
import io.sterna.broker.queue.Outcome;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * Who receives from a queue, how they come, go, and settle. Owned by the partition's loop. Commands do nothing once the
 * partition has stopped.
 */
public final class QueueSeats {
    private static final DeliveryTaker NOBODY = new DeliveryTaker() {
        @Override
        public void onDelivery(Delivery delivery) {}

        @Override
        public void onDrained(long unusedCredit) {}

        @Override
        public void onLockLost(long sequence) {}

        @Override
        public void onQueueDeleted() {}

        @Override
        public void onStopped(String reason) {}
    };

    private final QueueNode node;
    private final QueueLife life;
    private final Set<Subscription> subscriptions = new LinkedHashSet<>();

    QueueSeats(QueueNode node, QueueLife life) {
        this.node = node;
        this.life = life;
    }

    /** Messages that consumers have not settled. */
    Stream<Entry> held() {
        return subscriptions.stream().flatMap(each -> node.queue().holdings().of(each.consumer()).stream());
    }

    int count() {
        return subscriptions.size();
    }

    /** Adds a consumer, without credit; empty, and the taker is told, when the partition does not serve. */
    public Optional<Subscription> subscribe(DeliveryTaker taker, ConsumerOptions options) {
        return subscribe(taker, options, Optional.empty());
    }

    /** As above, for a link that the store keeps: it ends with the consumer. */
    public Optional<Subscription> subscribe(DeliveryTaker taker, ConsumerOptions options, Optional<KeptLink> kept) {
        if (!node.partition().serves()) {
            taker.onStopped(node.partition().problem().orElseThrow());
            return Optional.empty();
        }
        if (life.deleted()) {
            taker.onQueueDeleted();
            return Optional.empty();
        }
        return Optional.of(add(taker, options, kept));
    }

    /** A consumer whose link the store has kept; before the partition starts. */
    Subscription restore(LinkRestorer.Place place, KeptLink kept) {
        Subscription subscription = add(place.keeper(), place.options(), Optional.of(kept));
        node.queue().suspendConsumer(subscription.consumer(), true);
        return subscription;
    }

    /** Stands in for consumers that a crash or a move has left without, until {@link #leave}; before the partition starts. */
    Subscription restoreForTransactions() {
        Subscription subscription = add(NOBODY, ConsumerOptions.of(Outcome.RELEASED), Optional.empty());
        node.queue().suspendConsumer(subscription.consumer(), true);
        return subscription;
    }

    /** What it has, transactions will decide. */
    void leave(Subscription standIn) {
        List<Acquisition> held = node.queue().holdings().of(standIn.consumer()).stream()
                .map(Entry::acquisition)
                .toList();
        subscriptions.remove(standIn);
        standIn.end();
        node.queue().removeConsumer(standIn.consumer(), List.of(), held, true);
    }

    /** What transactions have not settled goes back, as it was, if its consumer is gone. */
    void releaseIfGone(Subscription subscription, List<Acquisition> acquisitions) {
        if (!subscriptions.contains(subscription)) {
            settle(subscription, acquisitions, Outcome.RELEASED);
        }
    }

    private Subscription add(DeliveryTaker taker, ConsumerOptions options, Optional<KeptLink> kept) {
        Subscription subscription =
                new Subscription(node, taker, options.withDefaultOutcome(allowed(options.defaultOutcome())), kept);
        subscriptions.add(subscription);
        life.onSubscribed();
        return subscription;
    }

    /**
     * Removes a consumer. What it has not settled gets its default outcome.
     *
     * @param unsent deliveries that were handed out and never left: they go back as they were
     * @param held deliveries whose outcome a transaction will decide; they are settled later
     * @param inOrder whether it has left in order, so that no failed attempt is counted
     * @param then runs once all that was settled so far is durable, or when the partition does not serve
     */
    public void unsubscribe(
            Subscription subscription,
            List<Acquisition> unsent,
            List<Acquisition> held,
            boolean inOrder,
            Runnable then) {
        if (subscriptions.remove(subscription)) {
            subscription.end();
            node.command(() -> node.queue().removeConsumer(subscription.consumer(), unsent, held, inOrder));
        }
        if (node.flushDepartures()) {
            subscription.kept().ifPresent(KeptLink::end); // After what it has settled.
        }
        node.partition().afterAppendedOrGone(then);
    }

    /**
     * Leaves a consumer whose link is gone its place, and what it has not settled.
     *
     * @param unsent deliveries that were handed out and never left: they go back as they were
     * @param enlisted deliveries whose outcome a transaction will decide; they are settled later
     * @param keeper hears of the queue's end from now on
     * @param answer gets what is held, once all that was settled so far is durable; nothing when the consumer is gone
     *     or the partition does not serve
     */
    public void suspend(
            Subscription subscription,
            List<Acquisition> unsent,
            List<Acquisition> enlisted,
            DeliveryTaker keeper,
            Consumer<Optional<HeldDeliveries>> answer) {
        subscription.handOver(keeper);
        node.command(() -> node.queue().suspendConsumer(subscription.consumer(), true));
        settle(subscription, unsent, Outcome.RELEASED);
        if (node.flushDepartures() && subscriptions.contains(subscription)) {
            HeldDeliveries held = subscription.held(enlisted);
            node.partition()
                    .afterAppended(() -> answer.accept(Optional.of(held)), () -> answer.accept(Optional.empty()));
        } else {
            answer.accept(Optional.empty());
        }
    }

    /**
     * Gives a consumer that was suspended another link.
     *
     * @param enlisted deliveries of its former link whose outcome a transaction will decide
     * @param answer gets what it holds, once that has been read back; nothing when its place is gone, or the partition
     *     does not serve
     */
    public void resume(
            Subscription subscription,
            List<Acquisition> enlisted,
            DeliveryTaker taker,
            Consumer<Optional<HeldDeliveries>> answer) {
        if (!node.partition().serves() || !subscriptions.contains(subscription)) {
            answer.accept(Optional.empty());
            return;
        }
        subscription.handOver(taker);
        node.command(() -> node.queue().suspendConsumer(subscription.consumer(), false));
        Runnable whenLoaded = () ->
                answer.accept(node.partition().serves() ? Optional.of(subscription.held(enlisted)) : Optional.empty());
        new HeldPayloads(node, subscription, whenLoaded).load();
    }

    /** Runs something when all that was handed out to a consumer so far has got to its taker, or never will. */
    public void afterHandedOut(Subscription subscription, Runnable then) {
        if (subscription.kept().isPresent()) {
            node.partition().afterAppendedOrGone(then);
        } else {
            then.run();
        }
    }

    /** Says how many messages a consumer may get in all, and whether what is not used now is given up. */
    public void flow(Subscription subscription, long limit, boolean drain) {
        node.command(() -> subscription.flow(limit, drain));
    }

    /** So many deliveries of one that browses have been written, or have not been wanted. */
    public void onShown(Subscription subscription, int count) {
        node.command(() -> subscription.onShown(count));
    }

    /** Settles deliveries of a consumer. Those that are settled already are passed over. */
    public void settle(Subscription subscription, List<Acquisition> acquisitions, Outcome outcome) {
        Outcome applied = allowed(outcome);
        node.command(() -> {
            if (!(applied instanceof Outcome.Accepted || applied instanceof Outcome.Rejected)) {
                // Before the same consumer may get them again. Of what leaves the queue, the record that says so tells
                // it.
                subscription.release(acquisitions);
            }
            subscription.onSettled(node.queue().settleAll(subscription.consumer(), acquisitions, applied));
        });
    }

    /** Whether the outcome of these deliveries is still this consumer's to say. */
    boolean holds(Subscription subscription, List<Acquisition> acquisitions) {
        return life.deleted() || node.queue().holdings().holds(subscription.consumer(), acquisitions);
    }

    /** The payloads of these deliveries, bytes. */
    long bytes(Subscription subscription, List<Acquisition> acquisitions) {
        return life.deleted() ? 0 : node.queue().holdings().bytes(subscription.consumer(), acquisitions);
    }

    /** Nothing takes these deliveries away while a transaction is prepared. */
    void keep(Subscription subscription, List<Acquisition> acquisitions, boolean kept) {
        node.command(() -> node.queue().holdings().keep(subscription.consumer(), acquisitions, kept));
    }

    /**
     * The outcome as it can be had here. There is nowhere to go for a rejected dead letter: it stays, and this consumer
     * is spared it.
     */
    Outcome allowed(Outcome outcome) {
        return outcome instanceof Outcome.Rejected && Addresses.isDeadLetterQueue(node.address())
                ? new Outcome.Modified(true, true, new byte[0])
                : outcome;
    }

    void tellStopped(String reason) {
        List.copyOf(subscriptions).forEach(subscription -> subscription.taker().onStopped(reason));
    }
}

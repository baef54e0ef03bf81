package io.sterna.broker.amqp;

import io.sterna.amqp.DeliveryState;
import io.sterna.amqp.OutgoingDelivery;
import io.sterna.broker.partition.QueueNode;
import io.sterna.broker.partition.Subscription;
import io.sterna.broker.partition.TransactionWork;
import io.sterna.broker.queue.Acquisition;
import io.sterna.broker.queue.Outcome;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Brings the outcomes of a consumer's deliveries to the queue: what was accepted in one turn together. Owned by the
 * connection's loop.
 */
final class ConsumerSettlement {
    private final ClientTasks tasks;
    private final QueueNode node;
    private final Outcome defaultOutcome;
    private List<Acquisition> accepted = new ArrayList<>(0);
    private final List<Unconfirmed> unconfirmed = new ArrayList<>(0);
    private final Confirmation confirmation;
    private @Nullable Subscription subscription;

    /** Settles a delivery that the receiver has not settled. */
    interface Confirmation {
        void settle(OutgoingDelivery delivery, DeliveryState state);
    }

    /** A delivery that the receiver settles once we have. */
    private record Unconfirmed(OutgoingDelivery delivery, DeliveryState state) {}

    ConsumerSettlement(ConsumerSetup setup, Confirmation confirmation) {
        this.confirmation = confirmation;
        tasks = setup.tasks();
        node = setup.node();
        defaultOutcome = setup.options().defaultOutcome();
    }

    /** The consumer has its place at the queue. */
    void joined(Subscription added) {
        subscription = added;
    }

    /** The consumer's place at the queue, once it has one. */
    Optional<Subscription> subscription() {
        return Optional.ofNullable(subscription);
    }

    private Subscription required() {
        if (subscription == null) {
            throw new IllegalStateException("nothing has been delivered yet");
        }
        return subscription;
    }

    Outcome defaultOutcome() {
        return defaultOutcome;
    }

    /**
     * The client has decided on a delivery, or settled it without a word.
     *
     * @param settled whether it has settled; if not, it waits for us to do so
     */
    void onOutcome(
            OutgoingDelivery delivery, Optional<DeliveryState> state, Optional<Outcome> outcome, boolean settled) {
        Acquisition acquisition = (Acquisition) delivery.context();
        Outcome applied = outcome.orElse(defaultOutcome);
        if (applied != Outcome.ACCEPTED) {
            flushAccepted();
            settle(List.of(acquisition), applied);
        }
        if (!settled) {
            unconfirmed.add(new Unconfirmed(delivery, Outcomes.told(state.orElseThrow(), node)));
        }
        if (applied == Outcome.ACCEPTED) {
            accept(acquisition);
        } else {
            confirm();
        }
    }

    void accept(Acquisition acquisition) {
        if (accepted.isEmpty()) {
            tasks.post(this::flushAccepted);
        }
        accepted.add(acquisition);
    }

    private void flushAccepted() {
        if (!accepted.isEmpty()) {
            List<Acquisition> now = accepted;
            accepted = new ArrayList<>();
            settle(now, Outcome.ACCEPTED);
            confirm();
        }
    }

    void settle(List<Acquisition> acquisitions, Outcome outcome) {
        Subscription current = subscription;
        if (current != null) {
            node.loop().run(() -> node.seats().settle(current, acquisitions, outcome));
        }
    }

    /** So many deliveries of one that browses take no memory any more. */
    void tellShown(int count) {
        Subscription current = required();
        node.loop().run(() -> node.seats().onShown(current, count));
    }

    /** The receiver waits for us to settle (receiver-settle-mode second): we do when the outcome can't be lost any more. */
    private void confirm() {
        if (!unconfirmed.isEmpty()) {
            List<Unconfirmed> now = List.copyOf(unconfirmed);
            unconfirmed.clear();
            afterSettled(() -> now.forEach(each -> confirmation.settle(each.delivery(), each.state())));
        }
    }

    /** Runs something here once all that was settled so far is durable. */
    void afterSettled(Runnable task) {
        node.loop().run(() -> node.afterSettled(() -> tasks.run(task)));
    }

    /** Deliveries that nobody can decide on any more go back with the default outcome; then the task is run. Any thread. */
    void giveBack(List<Acquisition> acquisitions, Runnable then) {
        Subscription current = required();
        // Posted, not run: the queue may be in the middle of handing out to this very link.
        node.loop().post(() -> {
            node.seats().settle(current, acquisitions, defaultOutcome);
            then.run();
        });
    }

    /** Adds deliveries to what a transaction does. */
    void addTo(TransactionWork work, List<Acquisition> acquisitions, Outcome outcome) {
        work.retire(node, required(), acquisitions, outcome);
    }
}

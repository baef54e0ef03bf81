package io.sterna.broker.amqp;

import io.sterna.amqp.DeliveryState;
import io.sterna.amqp.ErrorCondition;
import io.sterna.amqp.OutgoingDelivery;
import io.sterna.amqp.RemoteAttach;
import io.sterna.amqp.Resumption;
import io.sterna.amqp.SenderLink;
import io.sterna.amqp.UnsettledDelivery;
import io.sterna.broker.partition.Delivery;
import io.sterna.broker.partition.HeldDeliveries;
import io.sterna.broker.queue.Acquisition;
import io.sterna.broker.queue.Outcome;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;

/**
 * The deliveries that a consumer's link resumes (AMQP 1.0 §2.6.13): both sides' unsettled maps are compared, and what is to
 * be said of each delivery goes out before anything new, as the credit allows. Owned by the connection's loop.
 *
 * <p>On our side no delivery has a state: an outcome is applied and forgotten together.
 */
final class SourceResumption {
    private final SenderLink link;
    private final List<UnsettledDelivery> unsettled = new ArrayList<>();
    private final List<Acquisition> lost = new ArrayList<>();
    private final List<Acquisition> tooLarge = new ArrayList<>();
    private final List<Decided> decided = new ArrayList<>();
    private final ArrayDeque<Supplier<OutgoingDelivery>> ready = new ArrayDeque<>();

    /** Resumed and without an outcome. */
    private final Set<Acquisition> resumed = new HashSet<>();

    private int undecided;

    /** A delivery that has its outcome at the receiver. */
    record Decided(Acquisition acquisition, DeliveryState state, Outcome outcome) {}

    SourceResumption(SenderLink link, HeldDeliveries held) throws Refusal {
        this.link = link;
        RemoteAttach remote = link.remote();
        for (Delivery delivery : held.unsettled()) {
            byte[] tag = tag(delivery.sequence());
            Resumption step = Resumption.of(tag, Optional.empty(), remote);
            if (step == Resumption.RESEND) {
                lost.add(delivery.acquisition());
                continue;
            }
            unsettled.add(new UnsettledDelivery(tag, Optional.empty()));
            if (step == Resumption.RESUME && ConsumerDeliveries.tooLarge(delivery, link)) {
                tooLarge.add(delivery.acquisition());
                ready.add(() -> link.resumeAborted(tag, delivery.acquisition()));
            } else if (step == Resumption.RESUME) {
                resumed.add(delivery.acquisition());
                ready.add(() -> link.resume(
                        tag, delivery.format(), delivery.message(), Optional.empty(), delivery.acquisition()));
            } else if (step == Resumption.APPLY) {
                DeliveryState state =
                        remote.unsettled().find(tag).orElseThrow().state().orElseThrow();
                Outcome outcome = Outcomes.of(state)
                        .orElseThrow(() -> new Refusal(
                                ErrorCondition.INVALID_FIELD, "declared is no outcome of a message; AMQP 1.0 §4.5.5"));
                decided.add(new Decided(delivery.acquisition(), state, outcome));
                undecided++;
            }
        }
    }

    static byte[] tag(long sequence) {
        return ByteBuffer.allocate(Long.BYTES).putLong(sequence).array();
    }

    /** What the answering attach says to be unsettled. */
    List<UnsettledDelivery> unsettled() {
        return unsettled;
    }

    /** Deliveries that the receiver does not hold: they go back. */
    List<Acquisition> lost() {
        return lost;
    }

    /** Deliveries that the receiver takes no more, since their messages are too large: they are given up, and go back. */
    List<Acquisition> tooLarge() {
        return tooLarge;
    }

    /** Outcomes to be applied; then {@link #onApplied}. */
    List<Decided> decided() {
        return decided;
    }

    /** The outcomes are durable: they are told, and forgotten with that. */
    void onApplied() {
        undecided = 0;
        for (Decided each : decided) {
            ready.add(() ->
                    link.resumeWithState(tag(each.acquisition().sequence()), each.state(), true, each.acquisition()));
        }
    }

    /** Sends what the credit allows; returns how many deliveries took credit. */
    int send(Consumer<OutgoingDelivery> onSent) {
        int count = 0;
        while (!ready.isEmpty() && link.attached() && link.credit() > 0) {
            onSent.accept(ready.remove().get());
            count++;
        }
        return count;
    }

    /** Whether all has been said, so that new deliveries may follow. */
    boolean said() {
        return ready.isEmpty() && undecided == 0;
    }

    void onSettled(Acquisition acquisition) {
        resumed.remove(acquisition);
    }

    /** Whether nothing is left to be settled of what both sides knew. */
    boolean settled() {
        return said() && resumed.isEmpty();
    }
}

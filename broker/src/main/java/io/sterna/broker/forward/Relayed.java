package io.sterna.broker.forward;

import io.sterna.amqp.DeliveryState;
import io.sterna.amqp.IncomingDelivery;
import io.sterna.amqp.OutgoingDelivery;
import io.sterna.amqp.SenderLink;
import io.sterna.amqp.message.OutgoingMessage;
import java.util.Optional;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A delivery that is passed on: what came on one connection and goes out on another, the same in tag, format and octets.
 * It is settled on either side when it is on the other. Owned by the loop of both.
 */
final class Relayed {
    private final IncomingDelivery in;
    private final int bytes;
    private byte @Nullable [] message;
    private @Nullable OutgoingDelivery out;
    private boolean held = true;

    /** The transaction that it is posted or retired in, and what its receiver is told of states in it. */
    private Optional<MirrorBranch> branch = Optional.empty();

    private UnaryOperator<DeliveryState> toReceiver = UnaryOperator.identity();

    /** Takes what has come; it is in memory until {@link #letGo}. */
    Relayed(IncomingDelivery in) {
        this.in = in;
        byte[] whole = in.passOn(this);
        message = whole;
        bytes = whole.length;
    }

    /** A client posts it in a transaction. */
    void postedIn(MirrorBranch its) {
        branch = Optional.of(its);
        toReceiver = state -> state instanceof DeliveryState.Transactional said ? its.toOwner(said.outcome()) : state;
    }

    /** A client retires it in a transaction. */
    void retiredIn(MirrorBranch its) {
        toReceiver = its::toClient;
    }

    /** The transaction that it is posted in. */
    Optional<MirrorBranch> branch() {
        return branch;
    }

    /** Whether it need not wait for its transaction to be declared. */
    boolean mayGo() {
        return branch.isEmpty() || branch.get().isDeclared();
    }

    int bytes() {
        return bytes;
    }

    /** Whether its sender has forgotten it, so that it can't go back. */
    boolean presettled() {
        return in.remotelySettled();
    }

    /** Sends it on, on a link that has credit. */
    void send(SenderLink link) {
        byte[] whole = message;
        if (whole == null) {
            throw new IllegalStateException("sent already");
        }
        message = null;
        OutgoingMessage payload = OutgoingMessage.untouched(whole);
        out = branch.isPresent()
                ? link.post(
                        in.tag(),
                        in.messageFormat(),
                        payload,
                        presettled(),
                        branch.get().posted(),
                        this)
                : link.send(in.tag(), in.messageFormat(), payload, presettled(), this);
    }

    /** It is not in memory any more; returns whether it was until now. */
    boolean letGo() {
        boolean was = held;
        held = false;
        return was;
    }

    /** Its receiver has a new state for it. */
    void onDisposition(DeliveryState state, boolean settled) {
        in.tell(branch.isPresent() ? branch.get().toClient(state) : state, settled);
    }

    /**
     * Its receiver has an outcome, and waits for the sender to settle: who has settled already, or wanted
     * receiver-settle-mode first for this delivery, does not any more. Returns whether that was so.
     */
    boolean settledInPlaceOfSender(DeliveryState state) {
        OutgoingDelivery sent = out;
        if (sent == null || in.outlivesOutcome() || !(state instanceof DeliveryState.Outcome)) {
            return false;
        }
        in.tell(state, true);
        sent.settle(state);
        return true;
    }

    /** Its sender has settled it. */
    void onSettledBySender() {
        OutgoingDelivery sent = out;
        Optional<DeliveryState> state = in.remoteState().or(in::state);
        if (sent != null && state.isPresent()) {
            sent.settle(toReceiver.apply(state.get()));
        } // Else the receiver has its say first, and is answered then.
    }
}

package io.sterna.amqp;

import java.util.List;
import java.util.Optional;

/** The settlement of a session's deliveries, both ways (AMQP 1.0 §2.6.12, §2.7.6). */
final class Dispositions {
    private final Session session;
    private final UnsettledDeliveries<OutgoingDelivery> outgoing = new UnsettledDeliveries<>();
    private final UnsettledDeliveries<IncomingDelivery> incoming = new UnsettledDeliveries<>();
    private final DispositionMerger asReceiver = new DispositionMerger(true);
    private final DispositionMerger asSender = new DispositionMerger(false);

    Dispositions(Session session) {
        this.session = session;
    }

    void onDisposition(DispositionFrame disposition, Optional<DeliveryState> state) throws Violation {
        if (disposition.last - disposition.first < 0) {
            throw Violation.session(
                    ErrorCondition.INVALID_FIELD, "a disposition's last delivery-id is before its first");
        }
        boolean settled = disposition.settled;
        if (disposition.fromReceiver) {
            outgoing.forRange(disposition.first, disposition.last, delivery -> onOutcome(delivery, state, settled));
        } else {
            incoming.forRange(disposition.first, disposition.last, delivery -> onSenderState(delivery, state, settled));
        }
    }

    private void onOutcome(OutgoingDelivery delivery, Optional<DeliveryState> state, boolean settled) {
        if (settled) {
            outgoing.remove(delivery.id());
            delivery.settledByPeer();
        }
        SenderHandler handler = delivery.link().handler();
        if (handler != null) {
            handler.onDisposition(delivery, state, settled);
        }
    }

    private void onSenderState(IncomingDelivery delivery, Optional<DeliveryState> state, boolean settled) {
        delivery.remoteState(state);
        if (settled) {
            delivery.settledByPeer();
            incoming.remove(delivery.id());
            if (delivery.done()) {
                delivery.link().onConfirmed(delivery);
            }
        } else if (delivery.done() && state.orElse(null) instanceof DeliveryState.Outcome) {
            // §3.4.6: the sender's view is definitive; echo it and settle.
            incoming.remove(delivery.id());
            delivery.forget();
            say(asReceiver, delivery.id(), true, state.get());
            delivery.link().onConfirmed(delivery);
        }
    }

    void addOutgoing(OutgoingDelivery delivery) {
        if (!delivery.settled()) {
            outgoing.add(delivery.id(), delivery);
        }
    }

    boolean anyOutgoing() {
        return outgoing.size() > 0;
    }

    /** What of a link is unsettled. */
    List<OutgoingDelivery> outgoing(SenderLink link) {
        return outgoing.matching(delivery -> delivery.link() == link);
    }

    void removeOutgoing(OutgoingDelivery delivery) {
        outgoing.remove(delivery.id(), delivery);
    }

    void addIncoming(IncomingDelivery delivery) throws Violation {
        if (!incoming.add(delivery.id(), delivery)) {
            throw Violation.session(
                    ErrorCondition.INVALID_FIELD,
                    "delivery-id " + (delivery.id() & 0xffff_ffffL) + " is of another unsettled delivery");
        }
    }

    /** What of a link is unsettled and has come as a whole. */
    List<IncomingDelivery> incoming(ReceiverLink link) {
        return incoming.matching(delivery -> delivery.link() == link && delivery.complete());
    }

    void removeIncoming(IncomingDelivery delivery) {
        incoming.remove(delivery.id(), delivery);
    }

    /** Our state for what we received; void when the delivery is forgotten with its link. */
    void settleIncoming(IncomingDelivery delivery, DeliveryState state) {
        boolean live = delivery.settled()
                ? incoming.remove(delivery.id(), delivery)
                : incoming.contains(delivery.id(), delivery);
        if (live && !session.ended()) {
            say(asReceiver, delivery.id(), delivery.settled(), state);
        }
    }

    /** Our settlement of what we sent; void when it has not been sent or is forgotten with its link. */
    void settleOutgoing(OutgoingDelivery delivery, DeliveryState state) {
        if (delivery.started() && outgoing.remove(delivery.id(), delivery) && !session.ended()) {
            say(asSender, delivery.id(), true, state);
        }
    }

    private void say(DispositionMerger merger, int id, boolean settled, DeliveryState state) {
        if (!merger.takes(id, settled, state)) {
            flush(merger);
        }
        merger.add(id, settled, state);
        session.schedule();
    }

    /** Forgets what is unsettled on a link. */
    void forget(Link link) {
        link.markForgotten();
        if (link.sending()) {
            outgoing.removeIf(delivery -> delivery.link() == link);
        } else {
            incoming.removeIf(delivery -> delivery.link() == link);
        }
    }

    /** Writes what has gathered; goes before whatever else the session writes. */
    void flush() {
        flush(asReceiver);
        flush(asSender);
    }

    private void flush(DispositionMerger merger) {
        Connection connection = session.connection();
        merger.flush(
                connection.writer(), connection.codec(), session.localChannel(), connection.maxOutgoingFrameBytes());
    }
}

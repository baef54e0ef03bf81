package io.sterna.amqp;

import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A link on which we receive. Credit follows what is done: {@code credit + deliveries begun and not settled ≤ window}
 * (AMQP 1.0 §2.6.7). Owned by the connection's event loop.
 */
public final class ReceiverLink extends Link {
    private final DeliveryAssembler assembler = new DeliveryAssembler(this);
    private @Nullable ReceiverHandler handler;
    private int deliveryCount;
    private int window;
    private int credit;
    private int undone;
    private boolean drain;

    /** Whether credit is what was {@link #grant granted}, and does not follow what is done. */
    private boolean granting;

    /** Credit that was taken back, and that the peer may have used, or given back, before it knew. */
    private int takenBack;

    /** Whether granted credit has come to nothing since it was granted, of which the handler does not know. */
    private boolean givenBack;

    ReceiverLink(Session session, String name) {
        super(session, name);
    }

    /**
     * Answers the peer's attach with ours.
     *
     * @return false when the peer has gone meanwhile: then nothing was done, and the handler will hear nothing
     */
    public boolean accept(LinkTerms terms, ReceiverHandler newHandler) {
        if (!answerable()) {
            return false;
        }
        handler = newHandler;
        assembler.terms(terms);
        sendAttach(terms);
        return true;
    }

    /** Begins the link as the side that asks for it. */
    void attach(LinkTerms terms, ReceiverHandler newHandler) {
        handler = newHandler;
        assembler.terms(terms);
        sendAttach(terms);
    }

    /** Sets how many deliveries may be under way or unsettled at once; 0 stops the peer when what it may send is sent. */
    public void window(int newWindow) {
        window = newWindow;
        topUp(1);
    }

    /** Credit that the peer has and has not used. */
    public int credit() {
        return credit;
    }

    /**
     * Gives the peer so much credit, no more and no less, instead of a {@link #window}: for those who pass on what somebody
     * else grants. Credit that the peer gives back, or uses for nothing, is told by {@link ReceiverHandler#onDrained}.
     *
     * @param newDrain whether the peer is to send what it has, and to give back what is left of the credit
     */
    public void grant(int newCredit, boolean newDrain) {
        boolean drains = newDrain && newCredit > 0;
        if (granting && newCredit == credit && drains == drain) {
            return;
        }
        granting = true;
        window = 0;
        takenBack = Math.max(0, takenBack + credit - newCredit);
        credit = newCredit;
        drain = drains;
        givenBack = false;
        session().links().needsFlow(this);
    }

    /** Whether a delivery has begun that has not come as a whole. */
    public boolean incomplete() {
        return assembler.isIncomplete();
    }

    /** Whether a delivery may begin: there is credit, or there was when the peer could not know better. */
    boolean mayBegin() {
        return credit > 0 || takenBack > 0;
    }

    /** The state, as the peer has said it, of a delivery that has begun and is not complete; empty when there is none. */
    public Optional<DeliveryState> incompleteState() {
        return assembler.incompleteState();
    }

    /**
     * Stops giving credit and asks the peer to send what it has or give its credit back; see
     * {@link ReceiverHandler#onDrained}, which is called at once when the peer has none.
     */
    public void drain() {
        window = 0;
        drain = true;
        if (credit > 0) {
            session().links().needsFlow(this);
        } else {
            maybeDrained();
        }
    }

    /**
     * Detaches the link because there is no room for what comes on it. Its handler hears of that before ({@link
     * ReceiverHandler#onGivenUp}); a delivery that has not come as a whole is let go, and what the peer sends of it until it
     * knows is passed over.
     */
    public void giveUp(AmqpError why) {
        if (localState() == EndpointState.OPEN) {
            session().links().giveUp(this, why);
        }
    }

    private void maybeDrained() {
        if (drain && credit == 0) {
            drain = false;
            if (handler != null && !granting) {
                handler.onDrained();
            }
        }
    }

    /** Whoever grants may grant again what came to nothing, once a drain is over. */
    private void maybeGivenBack() {
        if (givenBack && !drain && handler != null) {
            givenBack = false;
            handler.onDrained();
        }
    }

    private void topUp(int least) {
        int more = window - credit - undone;
        if (!granting && more >= least && localState() == EndpointState.OPEN && peerState() != EndpointState.CLOSED) {
            credit += more;
            session().links().needsFlow(this);
        }
    }

    void onTransfer(TransferFrame transfer, Optional<DeliveryState> state) throws Violation {
        assembler.onTransfer(transfer, state);
    }

    /** A delivery has begun; one that is passed over takes credit too, and is nowhere unsettled. */
    void onBegun(IncomingDelivery delivery) throws Violation {
        if (!delivery.passedOver()) {
            session().dispositions().addIncoming(delivery);
        }
        if (credit > 0) {
            credit--;
        } else {
            takenBack--;
        }
        deliveryCount++;
        undone++;
    }

    void onAborted(IncomingDelivery delivery) {
        session().dispositions().removeIncoming(delivery);
        onSettled();
        if (handler != null && delivery.resumed()) {
            handler.onSettled(delivery);
        }
        givenBack = granting;
        maybeDrained();
        maybeGivenBack();
    }

    void onComplete(IncomingDelivery delivery) {
        if (delivery.remotelySettled()) {
            session().dispositions().removeIncoming(delivery);
        }
        if (delivery.passedOver()) {
            givenBack = granting;
            onSettled();
        } else if (delivery.heldOutcome().isPresent()) {
            delivery.settle(delivery.heldOutcome().get());
        } else if (handler != null) {
            handler.onDelivery(delivery);
        }
        maybeDrained();
        maybeGivenBack();
    }

    void onDone(IncomingDelivery delivery, DeliveryState state) {
        if (!delivery.remotelySettled()) {
            session().dispositions().settleIncoming(delivery, state);
        }
        if (delivery.settled()) {
            onSettled();
            if (handler != null && delivery.resumed()) {
                handler.onSettled(delivery);
            }
        }
    }

    /** The sender has settled a delivery that has its outcome, or said that it is the final one. */
    void onConfirmed(IncomingDelivery delivery) {
        onSettled();
        if (handler != null) {
            handler.onSettled(delivery);
        }
    }

    /** One of the unsettled deliveries has become settled. */
    void onSettled() {
        undone--;
        topUp(threshold());
    }

    /** The deliveries that are unsettled here, in no particular order; incomplete ones are not among them. */
    public List<IncomingDelivery> unsettled() {
        return session().dispositions().incoming(this);
    }

    /** How much is topped up at once: a quarter of the window, so that a flow serves many deliveries. */
    private int threshold() {
        return Math.max(1, window / 4);
    }

    void onFlow(FlowFrame flow) {
        if (flow.deliveryCount >= 0) {
            int consumed = (int) flow.deliveryCount - deliveryCount;
            if (consumed > 0 && consumed <= credit + takenBack) {
                int ofTakenBack = Math.max(0, consumed - credit);
                deliveryCount += consumed;
                credit -= consumed - ofTakenBack;
                takenBack -= ofTakenBack;
                givenBack = granting;
            }
        }
        if (flow.echo) {
            session().links().needsFlow(this);
        }
        maybeDrained();
        maybeGivenBack();
        topUp(threshold());
    }

    @Override
    boolean writeFlow(FrameWriter writer, int channel, TransferWindows windows) {
        // §2.7.4: the delivery-count is not set while the sender's is not known.
        long count = peerState() == EndpointState.UNOPENED ? -1 : deliveryCount & 0xffff_ffffL;
        writer.flow(channel, windows, localHandle(), count, credit, drain, false);
        return true;
    }

    @Override
    boolean flowStillDue() {
        return false;
    }

    @Override
    void onMapIncomplete() {
        assembler.resumesOnly();
    }

    @Override
    void afterAttach() {
        // Credit is given when the application sets a window.
    }

    @Override
    LinkTerms refusal(RemoteAttach asked) {
        LinkTerms terms = LinkTerms.asAsked(asked);
        return new LinkTerms(
                terms.source(),
                Optional.empty(),
                terms.senderSettleMode(),
                terms.receiverSettleMode(),
                0,
                terms.unsettled(),
                terms.offeredCapabilities(),
                terms.desiredCapabilities(),
                terms.properties());
    }

    @Override
    void beforeDetach() {
        IncomingDelivery incomplete = assembler.takeIncomplete();
        if (incomplete != null) {
            session().dispositions().removeIncoming(incomplete);
        }
    }

    @Override
    @Nullable
    ReceiverHandler handler() {
        return handler;
    }

    @Override
    boolean sending() {
        return false;
    }

    @Override
    void onInitialDeliveryCount(long count) {
        deliveryCount = (int) count;
    }
}

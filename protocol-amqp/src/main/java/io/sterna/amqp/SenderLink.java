package io.sterna.amqp;

import io.sterna.amqp.message.OutgoingMessage;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A link on which we send (AMQP 1.0 §2.6.7 for its credit). Owned by the connection's event loop. */
public final class SenderLink extends Link {
    /** A delivery-tag has at most so many bytes (§2.8.7). */
    static final int MAX_TAG_BYTES = 32;

    private @Nullable SenderHandler handler;
    /** As on the wire, serial; {@code sent} counts the same from 0 without wrapping. */
    private int deliveryCount;

    private long sent;
    private long limit;
    private boolean drain;
    private boolean drained;
    private int queued;
    private boolean echo;
    private long available;

    SenderLink(Session session, String name) {
        super(session, name);
    }

    /**
     * Answers the peer's attach with ours; credit may follow at once through {@link SenderHandler#onCredit}.
     *
     * @return false when the peer has gone meanwhile: then nothing was done, and the handler will hear nothing
     */
    public boolean accept(LinkTerms terms, SenderHandler newHandler) {
        if (!answerable()) {
            return false;
        }
        handler = newHandler;
        sendAttach(terms);
        return true;
    }

    /** The absolute bound of {@link #sent}: how many deliveries the peer has asked for since the link was attached. */
    public long limit() {
        return limit;
    }

    /** How many deliveries were begun since the link was attached, drained credit included. */
    public long sent() {
        return sent;
    }

    /** How many deliveries may be sent now. */
    public long credit() {
        return limit - sent;
    }

    /** Whether the peer wants its credit back when there is nothing to send. */
    public boolean drain() {
        return drain;
    }

    /** How many messages are waiting for credit, for the peer to know (§2.6.7). */
    public void available(long count) {
        available = count;
    }

    /**
     * Sends a message; it goes out as the peer's windows allow.
     *
     * @param tag names the delivery, 1 to 32 bytes, unique among the link's unsettled ones
     * @param settled whether it is sent settled: then nothing more is heard of it
     * @param context comes back with the delivery
     * @throws IllegalStateException without credit, or when the link is not attached
     */
    public OutgoingDelivery send(
            byte[] tag, int messageFormat, OutgoingMessage payload, boolean settled, Object context) {
        return enqueue(
                new OutgoingDelivery(this, tag, messageFormat, payload, settled, context, false, Optional.empty()));
    }

    /** Resumes a delivery of an earlier life of this link, with the state that it has here (AMQP 1.0 §2.6.13). */
    public OutgoingDelivery resume(
            byte[] tag, int messageFormat, OutgoingMessage payload, Optional<DeliveryState> state, Object context) {
        return enqueue(new OutgoingDelivery(this, tag, messageFormat, payload, false, context, true, state));
    }

    private OutgoingDelivery enqueue(OutgoingDelivery delivery) {
        if (!attached() || credit() <= 0) {
            throw new IllegalStateException("link " + name() + " has no credit or is not attached");
        }
        int tagBytes = delivery.tag().length;
        if (tagBytes == 0 || tagBytes > MAX_TAG_BYTES) {
            throw new IllegalArgumentException("a delivery-tag of " + tagBytes + " bytes");
        }
        sent++;
        deliveryCount++;
        queued++;
        session().onQueued(delivery);
        return delivery;
    }

    /** Nothing is left to send: what credit there is is given back to a draining peer, after what is still queued. */
    public void drained() {
        if (drain) {
            giveUpCredit(credit());
        }
    }

    /**
     * Gives up credit that a drain has left unused, as {@link #drained}, when the decision was made elsewhere a while ago:
     * also when the peer has ended the drain meanwhile, so that both sides keep counting the same.
     */
    public void giveUpCredit(long unused) {
        if (attached()) {
            long givenUp = Math.min(unused, credit());
            deliveryCount += (int) givenUp;
            sent += givenUp;
            drained = true;
            session().linkNeedsFlow(this);
        }
    }

    void onFlow(FlowFrame flow) {
        // §2.6.7: link-credit_snd := delivery-count_rcv + link-credit_rcv - delivery-count_snd
        if (flow.linkCredit >= 0) {
            int countAtPeer = flow.deliveryCount < 0 ? 0 : (int) flow.deliveryCount;
            long credit = flow.linkCredit - (deliveryCount - countAtPeer);
            limit = sent + Math.max(0, credit);
        }
        drain = flow.drain;
        if (flow.echo) {
            echo = true;
            session().linkNeedsFlow(this);
        }
        if (handler != null && localState() == EndpointState.OPEN) {
            handler.onCredit();
        }
    }

    /** Writes a flow if one is due; one that ends a drain waits for what is queued before it. */
    boolean writeFlow(FrameWriter writer, int channel, FrameWriter.SessionFlow sessionFlow) {
        if (drained && queued > 0) {
            return false;
        }
        if (drained || echo) {
            writer.flow(
                    channel,
                    sessionFlow,
                    localHandle(),
                    deliveryCount & 0xffff_ffffL,
                    Math.min(credit(), 0xffff_ffffL),
                    available,
                    drain,
                    false);
            drained = false;
            echo = false;
        }
        return true;
    }

    void onDequeued() {
        queued--;
    }

    void onQueueDropped() {
        queued = 0;
    }

    @Override
    void afterAttach() {
        if (limit > sent) {
            handlerOrFail().onCredit();
        }
    }

    @Override
    LinkTerms refusal(RemoteAttach asked) {
        LinkTerms terms = LinkTerms.asAsked(asked);
        return new LinkTerms(
                Optional.empty(),
                terms.target(),
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
        session().dropQueued(this);
    }

    @Override
    @Nullable
    SenderHandler handler() {
        return handler;
    }

    void handler(SenderHandler newHandler) {
        handler = newHandler;
    }

    private SenderHandler handlerOrFail() {
        if (handler == null) {
            throw new IllegalStateException("the link has no handler yet");
        }
        return handler;
    }

    @Override
    boolean sending() {
        return true;
    }

    @Override
    void onInitialDeliveryCount(long count) {
        // Ours is the one that counts.
    }
}

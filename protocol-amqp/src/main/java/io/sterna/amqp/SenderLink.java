package io.sterna.amqp;

import io.sterna.amqp.OutgoingDelivery.Opening;
import io.sterna.amqp.message.OutgoingMessage;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** A link on which we send (AMQP 1.0 §2.6.7 for its credit). Owned by the connection's event loop. */
public final class SenderLink extends Link {
    /** A delivery-tag has at most so many bytes (§2.8.7). */
    static final int MAX_TAG_BYTES = 32;

    private static final OutgoingMessage NO_PAYLOAD = OutgoingMessage.untouched(new byte[0]);

    private final ArrayDeque<OutgoingDelivery> queue = new ArrayDeque<>(2);
    private @Nullable SenderHandler handler;

    // What the application counts: from 0, without wrapping; what waits in the queue has been sent.
    private long sent;
    private long limit;

    // What the peer counts: deliveries that have begun on the wire; a serial number.
    private int deliveryCount;
    private long linkCredit;

    private boolean resumesOnly;
    private boolean ready;
    private boolean drain;
    private boolean usedUnseen;
    private long givenUp;
    private boolean drainAnswerDue;
    private int queuedBeforeDrainAnswer;
    private boolean echo;

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

    /** Begins the link as the side that asks for it. */
    void attach(LinkTerms terms, SenderHandler newHandler) {
        handler = newHandler;
        sendAttach(terms);
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

    /**
     * Whether all credit of the peer's last flow was used up by deliveries that it had not seen when it said so. They are
     * the answer to a drain then: a flow that comes after them would be taken for the answer to a later one.
     */
    public boolean creditUsedUnseen() {
        return usedUnseen;
    }

    /**
     * Sends a message; it goes out as the peer's windows allow.
     *
     * @param tag names the delivery, up to 32 bytes, unique among the link's unsettled ones
     * @param settled whether it is sent settled: then nothing more is heard of it
     * @param context comes back with the delivery
     * @throws IllegalStateException without credit, when the link is not attached, or when it {@link #resumesOnly}
     */
    public OutgoingDelivery send(
            byte[] tag, int messageFormat, OutgoingMessage payload, boolean settled, Object context) {
        return sendNew(new OutgoingDelivery(this, tag, messageFormat, payload, settled, context, Opening.NEW));
    }

    /** As above, of a message that is posted in a transaction (AMQP 1.0 §4.4.1). */
    public OutgoingDelivery post(
            byte[] tag,
            int messageFormat,
            OutgoingMessage payload,
            boolean settled,
            DeliveryState.Transactional state,
            Object context) {
        Opening opening = new Opening(Optional.of(state), false, false);
        return sendNew(new OutgoingDelivery(this, tag, messageFormat, payload, settled, context, opening));
    }

    private OutgoingDelivery sendNew(OutgoingDelivery delivery) {
        if (resumesOnly) {
            throw new IllegalStateException("link " + name() + " takes no new deliveries before it is resumed again");
        }
        return enqueue(delivery);
    }

    /**
     * Whether only deliveries of earlier lives may be sent, since one side's unsettled map was incomplete: when they are
     * settled, the link is to be detached and resumed once more (AMQP 1.0 §2.6.13).
     */
    public boolean resumesOnly() {
        return resumesOnly;
    }

    /**
     * Resumes a delivery of an earlier life of this link (AMQP 1.0 §2.6.13); takes credit as any other.
     *
     * @param payload the message from its beginning, or from what {@code state} says
     * @param state {@link DeliveryState.Received} when the payload begins later than with the message
     */
    public OutgoingDelivery resume(
            byte[] tag, int messageFormat, OutgoingMessage payload, Optional<DeliveryState> state, Object context) {
        return enqueue(new OutgoingDelivery(
                this, tag, messageFormat, payload, false, context, new Opening(state, true, false)));
    }

    /**
     * Resumes a delivery whose message need not be sent again, to say what has become of it.
     *
     * @param settled whether that is settled here, which it can't be at once on a link that sends all unsettled (§2.7.5):
     *     then it is when the receiver confirms
     */
    public OutgoingDelivery resumeWithState(byte[] tag, DeliveryState state, boolean settled, Object context) {
        boolean atOnce = settled && senderSettleMode() != SettleMode.Sender.UNSETTLED;
        Opening opening = new Opening(Optional.of(state), true, false);
        return enqueue(new OutgoingDelivery(this, tag, 0, NO_PAYLOAD, atOnce, context, opening));
    }

    /** Gives a delivery of an earlier life of this link up; it is settled with that. */
    public OutgoingDelivery resumeAborted(byte[] tag, Object context) {
        return enqueue(new OutgoingDelivery(
                this, tag, 0, NO_PAYLOAD, true, context, new Opening(Optional.empty(), true, true)));
    }

    private OutgoingDelivery enqueue(OutgoingDelivery delivery) {
        if (!attached() || credit() <= 0) {
            throw new IllegalStateException("link " + name() + " has no credit or is not attached");
        }
        int tagBytes = delivery.tag().length;
        if (tagBytes > MAX_TAG_BYTES) {
            throw new IllegalArgumentException("a delivery-tag of " + tagBytes + " bytes");
        }
        sent++;
        queue.addLast(delivery);
        session().transfers().offer(this);
        return delivery;
    }

    /** What has been sent and neither side has settled, in the order of being sent; also when the link is detached. */
    public List<OutgoingDelivery> unsettled() {
        return session().dispositions().outgoing(this);
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
            long more = Math.min(unused, credit());
            sent += more;
            givenUp += more;
            drainAnswerDue = true;
            queuedBeforeDrainAnswer = queue.size();
            session().links().needsFlow(this);
        }
    }

    void onFlow(FlowFrame flow) {
        // §2.6.7: link-credit_snd := delivery-count_rcv + link-credit_rcv - delivery-count_snd
        if (flow.linkCredit >= 0) {
            int countAtPeer = flow.deliveryCount < 0 ? 0 : (int) flow.deliveryCount;
            linkCredit = Math.max(0, flow.linkCredit - (deliveryCount - countAtPeer));
            limit = sent + Math.max(0, linkCredit - waiting() - givenUp);
            usedUnseen = flow.linkCredit > 0 && limit == sent;
        }
        drain = flow.drain;
        if (flow.echo) {
            echo = true;
            session().links().needsFlow(this);
        }
        session().transfers().offer(this);
        if (handler != null && localState() == EndpointState.OPEN) {
            handler.onCredit();
        }
    }

    /** How many deliveries in the queue have not begun on the wire. */
    private int waiting() {
        OutgoingDelivery first = queue.peekFirst();
        return first != null && first.started() ? queue.size() - 1 : queue.size();
    }

    /** Whether the next frame of the queue is within the peer's credit, which it may have taken back meanwhile. */
    boolean mayWrite() {
        OutgoingDelivery first = queue.peekFirst();
        return first != null && (first.started() || linkCredit > 0);
    }

    /** Takes its place among the links that may write; returns false when it has it already. */
    boolean becomeReady() {
        boolean isNew = !ready;
        ready = true;
        return isNew;
    }

    /** Keeps or loses its place among the links that may write. */
    boolean staysReady() {
        ready = mayWrite();
        return ready;
    }

    /** What is to be written next, or null. */
    @Nullable
    OutgoingDelivery nextToWrite() {
        return mayWrite() ? queue.peekFirst() : null;
    }

    /** The delivery begins on the wire. */
    void onStarted() {
        deliveryCount++;
        linkCredit--;
    }

    void onWritten(OutgoingDelivery delivery) {
        if (delivery.complete()) {
            queue.removeFirst();
            queuedBeforeDrainAnswer--;
            if (handler != null) {
                handler.onWritten(delivery);
            }
        }
    }

    /** §2.6.7: a drain ends after what was sent before; an echo is answered at once. */
    @Override
    boolean writeFlow(FrameWriter writer, int channel, TransferWindows windows) {
        boolean drainEnds = drainAnswerDue && (queuedBeforeDrainAnswer <= 0 || !mayWrite());
        if (drainEnds) {
            long gone = Math.min(givenUp, linkCredit);
            deliveryCount += (int) gone;
            linkCredit -= gone;
            givenUp = 0;
            drainAnswerDue = false;
        }
        boolean due = drainEnds || echo;
        echo = false;
        if (due) {
            long count = deliveryCount & 0xffff_ffffL;
            writer.flow(channel, windows, localHandle(), count, linkCredit, drain, false);
        }
        return due;
    }

    @Override
    boolean flowStillDue() {
        return drainAnswerDue;
    }

    @Override
    void onMapIncomplete() {
        resumesOnly = true;
    }

    @Override
    void afterAttach() {
        // Credit that came before we attached.
        if (handler != null && (limit > sent || drain)) {
            handler.onCredit();
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
        OutgoingDelivery first = queue.peekFirst();
        if (first != null && first.started()) {
            session().transfers().abort(first);
        }
        queue.clear();
    }

    @Override
    @Nullable
    SenderHandler handler() {
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

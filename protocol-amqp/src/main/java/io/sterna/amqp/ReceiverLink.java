package io.sterna.amqp;

import java.util.Arrays;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A link on which we receive. Credit follows what is done: {@code credit + deliveries begun and not settled ≤ window}
 * (AMQP 1.0 §2.6.7). Owned by the connection's event loop.
 */
public final class ReceiverLink extends Link {
    private @Nullable ReceiverHandler handler;
    private long maxMessageBytes;
    private int deliveryCount;
    private int window;
    private int credit;
    private int undone;
    private boolean drain;
    private @Nullable IncomingDelivery current;

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
        maxMessageBytes = terms.maxMessageBytes();
        sendAttach(terms);
        return true;
    }

    /** Begins the link as the side that asks for it. */
    void attach(LinkTerms terms, ReceiverHandler newHandler) {
        handler = newHandler;
        maxMessageBytes = terms.maxMessageBytes();
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

    private void maybeDrained() {
        if (drain && credit == 0) {
            drain = false;
            if (handler != null) {
                handler.onDrained();
            }
        }
    }

    private void topUp(int least) {
        int more = window - credit - undone;
        if (more >= least && localState() == EndpointState.OPEN && peerState() != EndpointState.CLOSED) {
            credit += more;
            session().links().needsFlow(this);
        }
    }

    void onTransfer(TransferFrame transfer, Optional<DeliveryState> state) throws Violation {
        IncomingDelivery delivery = current;
        if (delivery == null) {
            delivery = begin(transfer);
        } else {
            checkContinuation(transfer, delivery);
        }
        if (transfer.settled == 1) {
            delivery.settledByPeer();
        }
        delivery.remoteState(state);
        if (transfer.aborted) {
            abort(delivery);
        } else {
            append(delivery, transfer);
        }
    }

    private static void checkContinuation(TransferFrame transfer, IncomingDelivery delivery) throws Violation {
        boolean sameId = transfer.deliveryId < 0 || (int) transfer.deliveryId == delivery.id();
        boolean sameTag = transfer.deliveryTag == null || Arrays.equals(transfer.deliveryTag, delivery.tag());
        boolean sameFormat = transfer.messageFormat < 0 || (int) transfer.messageFormat == delivery.messageFormat();
        if (!sameId || !sameTag || !sameFormat) {
            throw Violation.link(
                    ErrorCondition.INVALID_FIELD,
                    "a transfer has another " + (sameId ? sameTag ? "message-format" : "delivery-tag" : "delivery-id")
                            + " than delivery " + (delivery.id() & 0xffff_ffffL)
                            + ", which is not complete; AMQP 1.0 §2.7.5");
        }
    }

    private IncomingDelivery begin(TransferFrame transfer) throws Violation {
        if (credit == 0) {
            throw Violation.link(
                    ErrorCondition.TRANSFER_LIMIT_EXCEEDED,
                    "a delivery came without link credit; wait for a flow before sending");
        }
        byte[] tag = transfer.deliveryTag;
        if (transfer.deliveryId < 0 || tag == null) {
            throw Violation.link(
                    ErrorCondition.INVALID_FIELD,
                    "the first transfer of a delivery needs a delivery-id and a delivery-tag; AMQP 1.0 §2.7.5");
        }
        if (tag.length > SenderLink.MAX_TAG_BYTES) {
            throw Violation.link(
                    ErrorCondition.INVALID_FIELD,
                    "a delivery-tag has at most 32 bytes, not " + tag.length + "; AMQP 1.0 §2.8.7");
        }
        IncomingDelivery delivery = new IncomingDelivery(
                this,
                (int) transfer.deliveryId,
                tag,
                transfer.messageFormat < 0 ? 0 : (int) transfer.messageFormat,
                settleMode(transfer),
                transfer.resume);
        session().dispositions().addIncoming(delivery);
        credit--;
        deliveryCount++;
        undone++;
        current = delivery;
        return delivery;
    }

    private SettleMode.Receiver settleMode(TransferFrame transfer) throws Violation {
        if (transfer.rcvSettleMode == FieldReader.UNSET || transfer.settled == 1) {
            return receiverSettleMode(); // Of a settled delivery the field is ignored.
        }
        if (transfer.rcvSettleMode > 1
                || (transfer.rcvSettleMode == 1 && receiverSettleMode() == SettleMode.Receiver.FIRST)) {
            throw Violation.link(
                    ErrorCondition.INVALID_FIELD,
                    "rcv-settle-mode " + transfer.rcvSettleMode + " on a link that has agreed on first; §2.7.5");
        }
        return transfer.rcvSettleMode == 0 ? SettleMode.Receiver.FIRST : SettleMode.Receiver.SECOND;
    }

    private void abort(IncomingDelivery delivery) {
        current = null;
        delivery.forget();
        session().dispositions().removeIncoming(delivery);
        onSettled();
        maybeDrained();
    }

    private void append(IncomingDelivery delivery, TransferFrame transfer) throws Violation {
        long length = delivery.lengthWith(transfer.payloadLength);
        if ((maxMessageBytes > 0 && length > maxMessageBytes) || length > Integer.MAX_VALUE - 8) {
            throw Violation.link(
                    ErrorCondition.MESSAGE_SIZE_EXCEEDED,
                    "the message is larger than the " + maxMessageBytes + " bytes that this link takes");
        }
        delivery.append(transfer.frame, transfer.payloadOffset, transfer.payloadLength, !transfer.more);
        if (transfer.more) {
            return;
        }
        current = null;
        checkSettled(delivery);
        if (delivery.remotelySettled()) {
            session().dispositions().removeIncoming(delivery);
        }
        if (handler != null) {
            handler.onDelivery(delivery);
        }
        maybeDrained();
    }

    /** §2.7.5: what a link has agreed on holds for each delivery. */
    private void checkSettled(IncomingDelivery delivery) throws Violation {
        if (senderSettleMode() == SettleMode.Sender.SETTLED && !delivery.remotelySettled()) {
            throw Violation.link(
                    ErrorCondition.INVALID_FIELD, "an unsettled delivery on a link that has agreed on settled; §2.7.5");
        }
        if (senderSettleMode() == SettleMode.Sender.UNSETTLED && delivery.remotelySettled()) {
            throw Violation.link(
                    ErrorCondition.INVALID_FIELD, "a settled delivery on a link that has agreed on unsettled; §2.7.5");
        }
    }

    void onDone(IncomingDelivery delivery, DeliveryState state) {
        if (!delivery.remotelySettled()) {
            session().dispositions().settleIncoming(delivery, state);
        }
        if (delivery.settled()) {
            onSettled();
        }
    }

    /** One of the unsettled deliveries has become settled. */
    void onSettled() {
        undone--;
        topUp(threshold());
    }

    void onIgnored(IncomingDelivery delivery) {
        session().dispositions().removeIncoming(delivery);
        onSettled();
    }

    /** How much is topped up at once: a quarter of the window, so that a flow serves many deliveries. */
    private int threshold() {
        return Math.max(1, window / 4);
    }

    void onFlow(FlowFrame flow) {
        if (flow.deliveryCount >= 0) {
            int consumed = (int) flow.deliveryCount - deliveryCount;
            if (consumed > 0 && consumed <= credit) {
                deliveryCount += consumed;
                credit -= consumed;
            }
        }
        if (flow.echo) {
            session().links().needsFlow(this);
        }
        maybeDrained();
        topUp(threshold());
    }

    @Override
    boolean writeFlow(FrameWriter writer, int channel, TransferWindows windows) {
        // §2.7.4: the delivery-count is not set while the sender's is not known.
        long count = peerState() == EndpointState.UNOPENED ? -1 : deliveryCount & 0xffff_ffffL;
        writer.flow(channel, windows, localHandle(), count, credit, -1, drain, false);
        return true;
    }

    @Override
    boolean flowStillDue() {
        return false;
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
        IncomingDelivery incomplete = current;
        if (incomplete != null) {
            current = null;
            incomplete.forget();
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

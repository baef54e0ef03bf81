package io.sterna.amqp;

import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Puts a link's transfers together to deliveries, and finds those that are resumed (AMQP 1.0 §2.7.5, §2.6.13). Owned by
 * its link.
 */
final class DeliveryAssembler {
    private final ReceiverLink link;
    private long maxMessageBytes;
    private UnsettledMap held = new UnsettledMap(List.of());
    private boolean resumesOnly;
    private @Nullable IncomingDelivery current;

    /** Whether the application was told that parts of a delivery are kept. */
    private boolean buffering;

    DeliveryAssembler(ReceiverLink link) {
        this.link = link;
    }

    /** What our attach says. */
    void terms(LinkTerms terms) {
        maxMessageBytes = terms.maxMessageBytes();
        held = new UnsettledMap(terms.unsettled().orElse(List.of()));
    }

    /** Our unsettled map did not fit into the attach. */
    void resumesOnly() {
        resumesOnly = true;
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
        checkTransaction(delivery, state);
        delivery.remoteState(state);
        if (transfer.aborted) {
            current = null;
            delivery.forget();
            letGo();
            link.onAborted(delivery);
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

    /** §4.4.1: all transfers of a delivery belong to the same transaction. */
    private static void checkTransaction(IncomingDelivery delivery, Optional<DeliveryState> state) throws Violation {
        if (state.orElse(null) instanceof DeliveryState.Transactional now
                && delivery.remoteState().orElse(null) instanceof DeliveryState.Transactional before
                && !Arrays.equals(now.transactionId(), before.transactionId())) {
            throw Violation.link(
                    ErrorCondition.INVALID_FIELD,
                    "the transfers of a delivery belong to different transactions; AMQP 1.0 §4.4.1");
        }
    }

    boolean isIncomplete() {
        return current != null;
    }

    Optional<DeliveryState> incompleteState() {
        return current == null ? Optional.empty() : current.remoteState();
    }

    private IncomingDelivery begin(TransferFrame transfer) throws Violation {
        if (!link.mayBegin()) {
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
                link,
                (int) transfer.deliveryId,
                tag,
                transfer.messageFormat < 0 ? 0 : (int) transfer.messageFormat,
                settleMode(transfer));
        if (transfer.resume) {
            resume(delivery);
        } else {
            checkNew(tag);
        }
        link.onBegun(delivery);
        current = delivery;
        return delivery;
    }

    /** §2.6.13: what is not unsettled here is ignored, so that a sender may resume before it knows. */
    private void resume(IncomingDelivery delivery) {
        held.take(delivery.tag()).ifPresentOrElse(former -> delivery.resumeFrom(former.state()), delivery::passOver);
    }

    private void checkNew(byte[] tag) throws Violation {
        if (resumesOnly) {
            // §2.7.3, incomplete-unsettled: "MUST detach with an error"
            throw Violation.link(
                    ErrorCondition.NOT_ALLOWED,
                    "our unsettled map was incomplete: only deliveries that are resumed may come until the link is"
                            + " detached and resumed again; AMQP 1.0 §2.6.13");
        }
        if (held.find(tag).isPresent()) {
            throw Violation.link(
                    ErrorCondition.NOT_ALLOWED,
                    "a new delivery has the delivery-tag of one that is unsettled; resume that one; AMQP 1.0 §2.6.12");
        }
    }

    private SettleMode.Receiver settleMode(TransferFrame transfer) throws Violation {
        if (transfer.rcvSettleMode == FieldReader.UNSET || transfer.settled == 1) {
            return link.receiverSettleMode(); // Of a settled delivery the field is ignored.
        }
        if (transfer.rcvSettleMode > 1
                || (transfer.rcvSettleMode == 1 && link.receiverSettleMode() == SettleMode.Receiver.FIRST)) {
            throw Violation.link(
                    ErrorCondition.INVALID_FIELD,
                    "rcv-settle-mode " + transfer.rcvSettleMode + " on a link that has agreed on first; §2.7.5");
        }
        return transfer.rcvSettleMode == 0 ? SettleMode.Receiver.FIRST : SettleMode.Receiver.SECOND;
    }

    private void append(IncomingDelivery delivery, TransferFrame transfer) throws Violation {
        long length = delivery.lengthWith(transfer.payloadLength);
        if ((maxMessageBytes > 0 && length > maxMessageBytes) || length > IncomingDelivery.MAX_LENGTH) {
            throw Violation.link(
                    ErrorCondition.MESSAGE_SIZE_EXCEEDED,
                    "the message is larger than the " + maxMessageBytes + " bytes that this link takes");
        }
        if (transfer.more && !makeRoom(delivery, (int) length)) {
            return;
        }
        delivery.append(transfer.frame, transfer.payloadOffset, transfer.payloadLength, !transfer.more);
        if (transfer.more) {
            return;
        }
        current = null;
        letGo();
        checkSettled(delivery);
        link.onComplete(delivery);
    }

    /** Returns whether the delivery is to go on: the application may have given the link up for want of memory. */
    private boolean makeRoom(IncomingDelivery delivery, int length) {
        int capacity = delivery.capacityFor(length, maxMessageBytes);
        if (capacity > delivery.capacity()) {
            buffering = true;
            link.connection().handler().onBuffering(link, capacity);
            if (current != delivery) {
                return false;
            }
            delivery.grow(capacity);
        }
        return true;
    }

    /** The delivery is not this link's any more. */
    private void letGo() {
        if (buffering) {
            buffering = false;
            link.connection().handler().onBuffering(link, 0);
        }
    }

    /** §2.7.5: what a link has agreed on holds for each delivery. */
    private void checkSettled(IncomingDelivery delivery) throws Violation {
        if (link.senderSettleMode() == SettleMode.Sender.SETTLED && !delivery.remotelySettled()) {
            throw Violation.link(
                    ErrorCondition.INVALID_FIELD, "an unsettled delivery on a link that has agreed on settled; §2.7.5");
        }
        if (link.senderSettleMode() == SettleMode.Sender.UNSETTLED && delivery.remotelySettled()) {
            throw Violation.link(
                    ErrorCondition.INVALID_FIELD, "a settled delivery on a link that has agreed on unsettled; §2.7.5");
        }
    }

    /** Forgets what has not come as a whole; returns it, or null. */
    @Nullable
    IncomingDelivery takeIncomplete() {
        IncomingDelivery incomplete = current;
        current = null;
        if (incomplete != null) {
            incomplete.forget();
            letGo();
        }
        return incomplete;
    }
}

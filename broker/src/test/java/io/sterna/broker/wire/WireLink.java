package io.sterna.broker.wire;

import static io.sterna.broker.testing.Wire.uint;
import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.broker.testing.Frames.Frame;
import io.sterna.broker.testing.Wire;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.apache.qpid.proton.amqp.transport.Transfer;

/** The client's end of a link. */
final class WireLink {
    private final WireSession session;
    private final String name;
    private final int handle;
    private final Attach answer;
    private int received;
    private int sent;
    private int limit;
    private byte[] lastDeliveryId = Wire.NULL;

    /** A link with the delivery-count with which a sender begins; what a receiver says of it is ignored. */
    WireLink(WireSession session, String name, int handle, int initialDeliveryCount, Attach answer) {
        sent = initialDeliveryCount;
        limit = initialDeliveryCount;
        this.session = session;
        this.name = name;
        this.handle = handle;
        this.answer = answer;
    }

    /** A message that came, and in which transfers. */
    record Delivery(List<Transfer> transfers, byte[] message) {
        int id() {
            return transfers.get(0).getDeliveryId().intValue();
        }
    }

    WireSession session() {
        return session;
    }

    String name() {
        return name;
    }

    int handle() {
        return handle;
    }

    /** The broker's attach. */
    Attach answer() {
        return answer;
    }

    int theirHandle() {
        return answer.getHandle().intValue();
    }

    // ---- Sending

    /** Waits until one more delivery may be sent. */
    void awaitCredit() {
        while (limit - sent <= 0) {
            nextFlow();
        }
    }

    /** Waits for a flow, and knows from then on how many deliveries it allows. */
    Flow nextFlow() {
        Flow flow = session.flow(theirHandle(), any -> true);
        // Until the broker has seen the attach, it counts from where the link began (§2.7.4).
        limit = flow.getDeliveryCount() == null
                ? sent + flow.getLinkCredit().intValue()
                : flow.getDeliveryCount().intValue() + flow.getLinkCredit().intValue();
        return flow;
    }

    /** Counts a delivery with its first transfer. */
    void onSent(byte[] deliveryId) {
        if (!Arrays.equals(deliveryId, Wire.NULL) && !Arrays.equals(deliveryId, lastDeliveryId)) {
            sent++;
            lastDeliveryId = deliveryId;
        }
    }

    /** Sends a message in one unsettled transfer when there is credit; returns its delivery-id. */
    int send(byte[] message) {
        awaitCredit();
        int id = session.nextDeliveryId();
        session.sendTransfer(Body.transfer(handle, id), message);
        return id;
    }

    void sendAccepted(byte[] message) {
        session.accepted(send(message));
    }

    // ---- Receiving

    /** The delivery-count as the client knows it. */
    int deliveryCount() {
        return answer.getInitialDeliveryCount().intValue() + received;
    }

    void credit(int credit) {
        session.sendFlow(handle, uint(deliveryCount()), credit, false);
    }

    /** Gives credit as one who has seen so many deliveries. */
    void creditFrom(int deliveries, int credit) {
        session.sendFlow(handle, uint(answer.getInitialDeliveryCount().intValue() + deliveries), credit, false);
    }

    /** Gives credit with such a window of the session. */
    void credit(int credit, int window) {
        session.send(session.flow()
                .with(1, uint(window))
                .with(4, uint(handle))
                .with(5, uint(deliveryCount()))
                .with(6, uint(credit)));
    }

    /** Waits for a whole message. */
    Delivery receive() {
        List<Transfer> transfers = new ArrayList<>();
        List<byte[]> payloads = new ArrayList<>();
        do {
            Frame frame =
                    session.awaitFrame(Transfer.class, it -> it.getHandle().intValue() == theirHandle());
            transfers.add((Transfer) frame.performative());
            payloads.add(frame.payload());
        } while (transfers.get(transfers.size() - 1).getMore());
        received++;
        return new Delivery(transfers, Wire.join(payloads.toArray(new byte[0][])));
    }

    /** Waits for so many messages, and asserts that no more come before another link is answered. */
    void assertComing(int messages) {
        for (int i = 0; i < messages; i++) {
            receive();
        }
        session.awaitAnotherLink();
        assertThat(unread()).as("messages beyond those").isZero();
    }

    Delivery receiveWithCredit() {
        credit(1);
        return receive();
    }

    void dispose(Delivery delivery, byte[] state) {
        session.send(Body.disposition(true, delivery.id(), delivery.id(), true, state));
    }

    /** Asks for all that there is, and gives the messages that came before the broker said that there is no more. */
    List<Delivery> drain() {
        int credit = 10;
        session.sendFlow(handle, uint(deliveryCount()), credit, true);
        int limit = deliveryCount() + credit;
        session.flow(
                theirHandle(),
                flow -> flow.getDeliveryCount() != null
                        && flow.getDeliveryCount().intValue() == limit);
        List<Delivery> all = new ArrayList<>();
        while (hasUnread()) {
            all.add(receive());
        }
        received = limit - answer.getInitialDeliveryCount().intValue();
        return all;
    }

    /** Whether a transfer of this link was heard and not taken. */
    boolean hasUnread() {
        return unread() > 0;
    }

    /** Transfers of this link that were heard and not taken. */
    int unread() {
        return (int) session.client().unread().stream()
                .filter(frame -> frame.channel() == session.theirChannel()
                        && frame.performative() instanceof Transfer
                        && isOurs(frame.performative()))
                .count();
    }

    void close() {
        detach(true);
    }

    /** Detaches in order; what came before on this link is forgotten, so that no later link of its handle takes it for its own. */
    void detach(boolean closed) {
        session.send(Body.detach(handle, closed));
        session.detached(theirHandle());
        session.client().forget(frame -> frame.channel() == session.theirChannel() && isOurs(frame.performative()));
    }

    private boolean isOurs(Object performative) {
        if (performative instanceof Transfer transfer) {
            return transfer.getHandle().intValue() == theirHandle();
        }
        return performative instanceof Flow flow
                && flow.getHandle() != null
                && flow.getHandle().intValue() == theirHandle();
    }
}

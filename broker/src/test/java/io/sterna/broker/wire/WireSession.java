package io.sterna.broker.wire;

import static io.sterna.broker.testing.Wire.NULL;
import static io.sterna.broker.testing.Wire.uint;

import io.sterna.broker.testing.Frames.Frame;
import io.sterna.broker.testing.Wire;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Predicate;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Begin;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.apache.qpid.proton.amqp.transport.End;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.apache.qpid.proton.amqp.transport.Role;

/** The client's end of a session, which counts transfers and so can say where it stands. */
final class WireSession {
    private final WireClient client;
    private final int channel;
    private final int theirChannel;
    private final Begin answer;
    private final Map<Integer, WireLink> links = new HashMap<>();
    private final Map<Integer, Disposition> told = new HashMap<>();
    private int transfersHeard;
    private int nextOutgoingId;
    private int nextHandle;
    private int nextHandleOfOthers = 60;
    private int nextDeliveryId;

    WireSession(WireClient client, int channel, int theirChannel, Begin answer) {
        this.client = client;
        this.channel = channel;
        this.theirChannel = theirChannel;
        this.answer = answer;
    }

    WireClient client() {
        return client;
    }

    int theirChannel() {
        return theirChannel;
    }

    /** The broker's begin. */
    Begin answer() {
        return answer;
    }

    void onTransfer() {
        transfersHeard++;
    }

    int nextIncomingId() {
        return answer.getNextOutgoingId().intValue() + transfersHeard;
    }

    int nextOutgoingId() {
        return nextOutgoingId;
    }

    /** What the begin said of the first transfer's id and the first delivery's. */
    void startAt(int transferId, int deliveryId) {
        nextOutgoingId = transferId;
        nextDeliveryId = deliveryId;
    }

    int nextHandle() {
        return nextHandle++;
    }

    int nextDeliveryId() {
        return nextDeliveryId++;
    }

    void send(Body body) {
        client.send(body.frame(channel));
    }

    void sendTransfer(Body transfer, byte[] payload) {
        nextOutgoingId++;
        if (transfer.fields().size() > 1) {
            Optional.ofNullable(links.get(number(transfer, 0)))
                    .ifPresent(link -> link.onSent(transfer.fields().get(1)));
        }
        client.send(Wire.frame(channel, Wire.join(transfer.octets(), payload)));
    }

    /** A flow of the session alone. */
    Body flow() {
        return Body.flow(nextIncomingId(), nextOutgoingId);
    }

    // ---- What is heard on its channel

    <T> T await(Class<T> type, Predicate<T> wanted) {
        return type.cast(awaitFrame(type, wanted).performative());
    }

    <T> Frame awaitFrame(Class<T> type, Predicate<T> wanted) {
        return client.awaitFrame(frame -> frame.channel() == theirChannel
                && type.isInstance(frame.performative())
                && wanted.test(type.cast(frame.performative())));
    }

    // ---- Links

    /** Attaches with this body, whose name and handle are given once more, and waits for the answer. */
    WireLink attach(String name, int handle, Body attach) {
        send(attach);
        return attached(name, handle, attach.fields().size() > 9 ? number(attach, 9) : 0);
    }

    /** A field that is a uint of four octets; 0 for any other. */
    private static int number(Body body, int place) {
        byte[] field = body.fields().get(place);
        return field.length == 5 ? ByteBuffer.wrap(field).getInt(1) : 0;
    }

    /** Waits for the answer to an attach. */
    WireLink attached(String name, int handle) {
        return attached(name, handle, 0);
    }

    private WireLink attached(String name, int handle, int initialDeliveryCount) {
        nextHandle = Math.max(nextHandle, handle + 1);
        Attach theirs = await(Attach.class, it -> it.getName().equals(name));
        WireLink link = new WireLink(this, name, handle, initialDeliveryCount, theirs);
        links.put(handle, link);
        return link;
    }

    /** Attaches a sending link of this name and handle; whether it may send is for the caller to await. */
    WireLink attachSender(String name, int handle, String address) {
        return attach(name, handle, Body.sender(name, handle, Body.target(address)));
    }

    /** Attaches a receiving link of this name and handle. */
    WireLink attachReceiver(String name, int handle, String address) {
        return attach(name, handle, Body.receiver(name, handle, Body.source(address)));
    }

    WireLink receiver(Body source) {
        String name = newName();
        int handle = nextHandle();
        return attach(name, handle, Body.receiver(name, handle, source));
    }

    WireLink receiver(String address) {
        return receiver(Body.source(address));
    }

    /** Attaches a sending link and waits until it may send. */
    WireLink sender(String address) {
        String name = newName();
        int handle = nextHandle();
        WireLink link = attachSender(name, handle, address);
        link.awaitCredit();
        return link;
    }

    /** Has another link answered: what the broker had to say before, it has said. */
    void awaitAnotherLink() {
        String name = newName();
        int handle = nextHandleOfOthers++;
        send(Body.receiver(name, handle, Body.source(WireBroker.address())));
        await(Attach.class, it -> it.getName().equals(name));
    }

    static String newName() {
        return "link-" + UUID.randomUUID();
    }

    /** The state that the broker tells of a delivery that it was sent. */
    DeliveryState outcome(int deliveryId) {
        return disposition(deliveryId).getState();
    }

    /** The first disposition of a delivery that was sent, which may be about others too. */
    Disposition disposition(int deliveryId) {
        while (!told.containsKey(deliveryId)) {
            Disposition next = await(Disposition.class, it -> it.getRole() == Role.RECEIVER);
            int last = (next.getLast() == null ? next.getFirst() : next.getLast()).intValue();
            for (int id = next.getFirst().intValue(); last - id >= 0; id++) { // RFC 1982
                told.putIfAbsent(id, next);
            }
        }
        return Objects.requireNonNull(told.remove(deliveryId));
    }

    void accepted(int deliveryId) {
        DeliveryState state = outcome(deliveryId);
        if (!(state instanceof Accepted)) {
            throw new AssertionError("not accepted but " + state);
        }
    }

    /** Puts messages into a queue, each in a delivery of its own, and waits until they are there. */
    void fill(String address, byte[]... messages) {
        WireLink link = sender(address);
        for (byte[] message : messages) {
            link.sendAccepted(message);
        }
        link.close();
    }

    /** The same with so many messages of which each says its number. */
    void fill(String address, int messages) {
        byte[][] texts = new byte[messages][];
        for (int i = 0; i < messages; i++) {
            texts[i] = Body.text("message " + i);
        }
        fill(address, texts);
    }

    /** Ends the session, and waits for the answer. */
    void end() {
        send(Body.end());
        await(End.class, any -> true);
    }

    /** Waits for a flow of the link with the broker's handle. */
    Flow flow(int theirHandle, Predicate<Flow> wanted) {
        return await(
                Flow.class,
                it -> it.getHandle() != null && it.getHandle().intValue() == theirHandle && wanted.test(it));
    }

    Detach detached(int theirHandle) {
        return await(Detach.class, it -> it.getHandle().intValue() == theirHandle);
    }

    /** A flow of a link, with the session's state as it is. */
    void sendFlow(int handle, byte[] deliveryCount, int credit, boolean drain) {
        send(flow().with(4, uint(handle))
                .with(5, deliveryCount)
                .with(6, uint(credit))
                .with(7, NULL)
                .with(8, Wire.bool(drain)));
    }
}

package io.sterna.broker.amqp;

import io.sterna.broker.testing.Frames.Frame;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Random;
import java.util.function.BiConsumer;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Target;
import org.apache.qpid.proton.amqp.messaging.TerminusDurability;
import org.apache.qpid.proton.amqp.messaging.TerminusExpiryPolicy;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.apache.qpid.proton.amqp.transport.ReceiverSettleMode;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.amqp.transport.Transfer;

/**
 * A client that sends the numbers from 1 on, each once, over any number of connections (AMQP 1.0 §2.6.13): its unsettled
 * deliveries outlive them, as in a client that keeps them on a disk.
 */
final class ResumingSender {
    private static final int MOST_UNSETTLED = 30;

    private final Random random;
    private final String address;
    private final int count;

    /** Tag, which is the number too, and whether it is known to be accepted. */
    private final Map<Integer, Boolean> unsettled = new LinkedHashMap<>();

    private int sentNumbers;

    // One connection's.
    private BiConsumer<Object, byte[]> wire = (performative, payload) -> {};
    private final Map<Integer, Integer> tags = new HashMap<>();
    private final ArrayDeque<Integer> toConfirm = new ArrayDeque<>();
    private final ArrayDeque<Integer> toSendAgain = new ArrayDeque<>();
    private boolean attached;
    private int deliveries;
    private int credit;

    ResumingSender(Random random, String address, int count) {
        this.random = random;
        this.address = address;
        this.count = count;
    }

    /** All numbers are sent, and settled on both sides as far as this one can know. */
    boolean done() {
        return sentNumbers == count && unsettled.isEmpty();
    }

    int settledNumbers() {
        return sentNumbers - unsettled.size();
    }

    /** Attaches over a new connection, whose session has begun. */
    void attach(BiConsumer<Object, byte[]> newWire) {
        wire = newWire;
        tags.clear();
        toConfirm.clear();
        toSendAgain.clear();
        attached = false;
        deliveries = 0;
        credit = 0;
        Attach attach = Peer.sender("resuming-sender", 0, address);
        Target target = (Target) attach.getTarget();
        target.setDurable(TerminusDurability.UNSETTLED_STATE);
        target.setExpiryPolicy(TerminusExpiryPolicy.NEVER);
        attach.setRcvSettleMode(ReceiverSettleMode.SECOND);
        Map<Binary, DeliveryState> map = new HashMap<>();
        unsettled.forEach((tag, accepted) -> map.put(binary(tag), accepted ? Accepted.getInstance() : null));
        attach.setUnsettled(map);
        say(attach);
    }

    void onFrame(Frame frame) {
        if (frame.performative() instanceof Attach attach) {
            onAttach(attach);
        } else if (frame.performative() instanceof Flow flow && flow.getHandle() != null) {
            int before = flow.getDeliveryCount() == null
                    ? 0
                    : flow.getDeliveryCount().intValue();
            credit = before + flow.getLinkCredit().intValue() - deliveries;
        } else if (frame.performative() instanceof Disposition disposition && disposition.getRole() == Role.RECEIVER) {
            onDisposition(disposition);
        }
        work();
    }

    private void onAttach(Attach attach) {
        attached = true;
        Map<?, ?> theirs = attach.getUnsettled() == null ? Map.of() : attach.getUnsettled();
        for (int tag : unsettled.keySet()) {
            (theirs.containsKey(binary(tag)) ? toConfirm : toSendAgain).add(tag);
        }
        // §2.6.13, tag 10 of §3.4.6: forgotten there, and the outcome is known here
        toSendAgain.removeIf(tag -> unsettled.get(tag) && unsettled.remove(tag));
    }

    private void onDisposition(Disposition disposition) {
        int last = (disposition.getLast() == null ? disposition.getFirst() : disposition.getLast()).intValue();
        for (int id = disposition.getFirst().intValue(); id <= last; id++) {
            Integer tag = tags.get(id);
            if (tag != null && disposition.getState() instanceof Accepted && unsettled.containsKey(tag)) {
                unsettled.put(tag, true);
                if (random.nextInt(4) > 0) {
                    settle(id, tag);
                }
            }
        }
    }

    private void settle(int id, int tag) {
        unsettled.remove(tag);
        Disposition settled = new Disposition();
        settled.setRole(Role.SENDER);
        settled.setFirst(UnsignedInteger.valueOf(id));
        settled.setSettled(true);
        settled.setState(Accepted.getInstance());
        say(settled);
    }

    /** Settles what is accepted, and sends what the credit allows. */
    void work() {
        if (!attached) {
            return;
        }
        Map.copyOf(tags).forEach((id, tag) -> {
            if (unsettled.getOrDefault(tag, false) && random.nextInt(4) == 0) {
                settle(id, tag);
            }
        });
        while (credit > 0 && !toConfirm.isEmpty()) {
            int tag = toConfirm.remove();
            Transfer confirmed = transfer(tag);
            confirmed.setResume(true);
            confirmed.setSettled(true);
            confirmed.setState(Accepted.getInstance());
            unsettled.remove(tag);
            send(confirmed, new byte[0]);
        }
        while (credit > 0 && !toSendAgain.isEmpty()) {
            int tag = toSendAgain.remove();
            send(transfer(tag), TestMessages.durable(tag));
        }
        while (credit > 0 && sentNumbers < count && unsettled.size() < MOST_UNSETTLED) {
            int tag = ++sentNumbers;
            unsettled.put(tag, false);
            send(transfer(tag), TestMessages.durable(tag));
        }
    }

    private Transfer transfer(int tag) {
        tags.put(deliveries, tag);
        Transfer transfer = Peer.transfer(0, deliveries, false);
        transfer.setDeliveryTag(binary(tag));
        return transfer;
    }

    private void send(Transfer transfer, byte[] message) {
        deliveries++;
        credit--;
        wire.accept(transfer, message);
    }

    private void say(Object performative) {
        wire.accept(performative, new byte[0]);
    }

    private static Binary binary(int tag) {
        return new Binary(ByteBuffer.allocate(Integer.BYTES).putInt(tag).array());
    }
}

package io.sterna.broker.amqp;

import io.sterna.broker.testing.Frames.Frame;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.BiConsumer;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Source;
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
 * A client that processes each message once, over any number of connections (AMQP 1.0 §2.6.13): what it has processed,
 * and its unsettled deliveries, outlive them, as in a client that keeps both on a disk.
 */
final class ResumingReceiver {
    private static final int CREDIT = 10;

    private final Random random;
    private final String address;
    private final List<Integer> processed = new ArrayList<>();

    /** By tag, the number of each message, and whether it has been processed. */
    private final Map<Binary, Held> unsettled = new LinkedHashMap<>();

    private record Held(int number, boolean processed) {}

    // One connection's.
    private BiConsumer<Object, byte[]> wire = (performative, payload) -> {};
    private final Map<Integer, Binary> tags = new HashMap<>();
    private int deliveries;

    ResumingReceiver(Random random, String address) {
        this.random = random;
        this.address = address;
    }

    /** The numbers in the order in which they were processed. */
    List<Integer> processed() {
        return processed;
    }

    /** Attaches over a new connection, whose session has begun. */
    void attach(BiConsumer<Object, byte[]> newWire) {
        wire = newWire;
        tags.clear();
        deliveries = 0;
        Source source = Peer.source(address);
        source.setDurable(TerminusDurability.UNSETTLED_STATE);
        source.setExpiryPolicy(TerminusExpiryPolicy.NEVER);
        Attach attach = Peer.receiver("resuming-receiver", 0, source);
        attach.setRcvSettleMode(ReceiverSettleMode.SECOND);
        Map<Binary, DeliveryState> map = new HashMap<>();
        unsettled.forEach((tag, held) -> map.put(tag, held.processed() ? Accepted.getInstance() : null));
        attach.setUnsettled(map);
        say(attach);
        flow();
    }

    void onFrame(Frame frame) {
        if (frame.performative() instanceof Attach attach) {
            // §2.6.13: what the sender has forgotten is settled; what was not processed comes anew.
            Map<?, ?> theirs = attach.getUnsettled() == null ? Map.of() : attach.getUnsettled();
            unsettled.keySet().removeIf(tag -> !theirs.containsKey(tag));
        } else if (frame.performative() instanceof Transfer transfer) {
            onTransfer(transfer, frame.payload());
        } else if (frame.performative() instanceof Disposition disposition && disposition.getRole() == Role.SENDER) {
            int last = (disposition.getLast() == null ? disposition.getFirst() : disposition.getLast()).intValue();
            for (int id = disposition.getFirst().intValue(); id <= last; id++) {
                Binary tag = tags.get(id);
                if (tag != null && Boolean.TRUE.equals(disposition.getSettled())) {
                    unsettled.remove(tag);
                }
            }
        }
    }

    private void onTransfer(Transfer transfer, byte[] message) {
        Binary tag = transfer.getDeliveryTag();
        int id = transfer.getDeliveryId().intValue();
        tags.put(id, tag);
        deliveries++;
        if (Boolean.TRUE.equals(transfer.getSettled())) {
            unsettled.remove(tag);
        } else if (unsettled.containsKey(tag) && unsettled.get(tag).processed()) {
            accept(id);
        } else {
            unsettled.put(tag, new Held(TestMessages.number(message), false));
            if (random.nextInt(3) > 0) {
                process(id, tag);
            }
        }
        flow();
    }

    /** Processes some of what it has. */
    void work() {
        Map.copyOf(tags).forEach((id, tag) -> {
            Held held = unsettled.get(tag);
            if (held != null && !held.processed() && random.nextInt(3) == 0) {
                process(id, tag);
            }
        });
    }

    private void process(int id, Binary tag) {
        int number = unsettled.get(tag).number();
        processed.add(number);
        unsettled.put(tag, new Held(number, true));
        accept(id);
    }

    private void accept(int id) {
        Disposition accepted = new Disposition();
        accepted.setRole(Role.RECEIVER);
        accepted.setFirst(UnsignedInteger.valueOf(id));
        accepted.setState(Accepted.getInstance());
        say(accepted);
    }

    private void flow() {
        Flow flow = new Flow();
        flow.setNextIncomingId(UnsignedInteger.valueOf(deliveries));
        flow.setIncomingWindow(UnsignedInteger.valueOf(1000));
        flow.setNextOutgoingId(UnsignedInteger.ZERO);
        flow.setOutgoingWindow(UnsignedInteger.valueOf(1000));
        flow.setHandle(UnsignedInteger.ZERO);
        flow.setDeliveryCount(UnsignedInteger.valueOf(deliveries));
        flow.setLinkCredit(UnsignedInteger.valueOf(CREDIT));
        say(flow);
    }

    private void say(Object performative) {
        wire.accept(performative, new byte[0]);
    }
}

package io.sterna.broker.amqp;

import io.sterna.broker.testing.Frames.Frame;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Modified;
import org.apache.qpid.proton.amqp.messaging.Released;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.TerminusExpiryPolicy;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.apache.qpid.proton.amqp.transport.SenderSettleMode;
import org.apache.qpid.proton.amqp.transport.Transfer;

/**
 * A consumer that does anything in any order, one link after the other on one connection after the other, and keeps the
 * receiver's side of the account: deliveries that came, credit given up, credit that is left.
 */
final class ModelConsumer {
    private final Simulation broker;
    private final String address;
    private final Map<Integer, Integer> consumed;
    private Peer peer;
    private int nextHandle;
    private final Map<String, Link> links = new HashMap<>();
    private Link link;

    /** A link as its receiver sees it. */
    private final class Link {
        final int handle = nextHandle++;
        final boolean presettled = broker.random().nextInt(4) == 0;
        final Map<Integer, Integer> unsettled = new HashMap<>();
        boolean answered;
        int deliveryCount;
        int limit;
        int highestLimit;
        boolean drainAsked;
        boolean ended;
        boolean detached;
    }

    ModelConsumer(Simulation broker, String address, Map<Integer, Integer> consumed) {
        this.broker = broker;
        this.address = address;
        this.consumed = consumed;
        connect();
    }

    private void connect() {
        peer = broker.connect(broker.random().nextInt(2));
        // By the broker's handle; what is under way on links that were left still comes.
        Map<Long, Link> byHandle = new HashMap<>();
        peer.listen(frame -> onFrame(frame, byHandle));
        attach();
    }

    private void attach() {
        link = new Link();
        links.put("link-" + link.handle, link);
        Source source = Peer.source(address);
        source.setExpiryPolicy(TerminusExpiryPolicy.LINK_DETACH);
        Attach attach = Peer.receiver("link-" + link.handle, link.handle, source);
        if (link.presettled) {
            attach.setSndSettleMode(SenderSettleMode.SETTLED);
        }
        peer.say(attach);
    }

    /** Does one thing, whatever comes to mind. */
    void act() {
        switch (broker.random().nextInt(12)) {
            case 0, 1, 2 -> grant(broker.random().nextInt(8), false);
            case 3 -> grant(broker.random().nextInt(8), true);
            case 4, 5, 6, 7 -> settleOne(Accepted.getInstance());
            case 8 -> settleOne(Released.getInstance());
            case 9 -> settleOne(failed());
            case 10 -> {
                if (broker.random().nextInt(4) == 0) {
                    leaveLink();
                }
            }
            default -> {
                if (broker.random().nextInt(10) == 0) {
                    peer.cut();
                    link.ended = true;
                    connect();
                }
            }
        }
    }

    private static Modified failed() {
        Modified modified = new Modified();
        modified.setDeliveryFailed(true);
        return modified;
    }

    private void leaveLink() {
        if (!link.ended && link.answered) {
            link.ended = true;
            peer.detach(link.handle, broker.random().nextBoolean());
            attach();
        }
    }

    /** Credit for so many from now on, whatever there was before. */
    void grant(int credit, boolean drain) {
        if (!link.ended) {
            link.limit = link.deliveryCount + credit;
            link.highestLimit = Math.max(link.highestLimit, link.limit);
            link.drainAsked = drain;
            peer.flow(link.handle, link.deliveryCount, credit, drain);
        }
    }

    private void settleOne(DeliveryState state) {
        List<Integer> ids = new ArrayList<>(link.unsettled.keySet());
        if (ids.isEmpty() || link.ended) {
            return;
        }
        int id = ids.get(broker.random().nextInt(ids.size()));
        settle(id, state);
    }

    private void settle(int id, DeliveryState state) {
        int number = link.unsettled.remove(id);
        if (state instanceof Accepted) {
            consumed.merge(number, 1, Integer::sum);
        }
        peer.dispose(id, id, true, state);
    }

    void acceptAll() {
        List.copyOf(link.unsettled.keySet()).forEach(id -> settle(id, Accepted.getInstance()));
    }

    private void onFrame(Frame frame, Map<Long, Link> byHandle) {
        if (frame.performative() instanceof Attach attach) {
            Link its = links.get(attach.getName());
            its.answered = true;
            byHandle.put(attach.getHandle().longValue(), its);
        } else if (frame.performative() instanceof Transfer transfer) {
            Link its = byHandle.get(transfer.getHandle().longValue());
            onTransfer(its, transfer, TestMessages.number(frame.payload()));
        } else if (frame.performative() instanceof Flow flow && flow.getHandle() != null) {
            Link its = byHandle.get(flow.getHandle().longValue());
            its.deliveryCount =
                    Math.max(its.deliveryCount, flow.getDeliveryCount().intValue());
        } else if (frame.performative() instanceof Detach detach) {
            byHandle.remove(detach.getHandle().longValue()).detached = true;
        }
    }

    private void onTransfer(Link its, Transfer transfer, int number) {
        its.deliveryCount++;
        if (its.deliveryCount > its.highestLimit) {
            throw new AssertionError("delivery " + its.deliveryCount + " came with a limit of " + its.highestLimit);
        }
        if (its.presettled) {
            consumed.merge(number, 1, Integer::sum);
        } else if (!its.ended) {
            its.unsettled.put(transfer.getDeliveryId().intValue(), number);
        }
    }

    // ---- For the tests, when all is quiet

    int deliveryCount() {
        return link.deliveryCount;
    }

    /** Credit that this consumer has given and that is neither used nor given up. */
    int credit() {
        return Math.max(0, link.limit - link.deliveryCount);
    }

    int unsettled() {
        return link.unsettled.size();
    }

    boolean drainUnanswered() {
        return link.drainAsked && credit() > 0;
    }

    boolean linkLost() {
        return link.detached;
    }

    void leave() {
        link.ended = true;
        peer.close();
    }
}

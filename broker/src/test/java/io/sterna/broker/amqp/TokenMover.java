package io.sterna.broker.amqp;

import io.sterna.broker.testing.Frames.Frame;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntFunction;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.AmqpValue;
import org.apache.qpid.proton.amqp.messaging.Modified;
import org.apache.qpid.proton.amqp.messaging.Released;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.messaging.TerminusExpiryPolicy;
import org.apache.qpid.proton.amqp.transaction.Declare;
import org.apache.qpid.proton.amqp.transaction.Declared;
import org.apache.qpid.proton.amqp.transaction.Discharge;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.jspecify.annotations.Nullable;

/** A client that takes tokens from queues and puts them into others in transactions, and does anything else besides. */
final class TokenMover {
    private static final int CONTROL = 0;
    private static final int SENDERS = 10;
    private static final int RECEIVERS = 20;
    private static final int MOST_POSTS = 12;

    private final Simulation broker;
    private final List<String> addresses;
    private final IntFunction<byte[]> message;
    private Peer peer;
    private @Nullable Binary transaction;
    private boolean asking;
    private int request;
    private int nextId;
    private int posts;
    private int committed;

    // By the broker's handle.
    private final Map<Long, Integer> receivers = new HashMap<>();
    private final Map<Long, Integer> senders = new HashMap<>();

    /** Those of them that have credit; the first is more than what is sent at a time. */
    private final List<Integer> ready = new ArrayList<>();

    /** What has been delivered and not been given an outcome, by delivery-id. */
    private final Map<Integer, Integer> held = new HashMap<>();

    /** What has an outcome in the transaction and was not settled. */
    private final Map<Integer, Integer> enlisted = new HashMap<>();

    /** The same of a transaction that is being discharged. */
    private final Map<Integer, Integer> atStake = new HashMap<>();

    private boolean failing;
    private final int[] deliveryCounts;

    TokenMover(Simulation broker, List<String> addresses, IntFunction<byte[]> message) {
        this.broker = broker;
        this.addresses = addresses;
        this.message = message;
        deliveryCounts = new int[addresses.size()];
        connect();
    }

    private void connect() {
        Peer connected = broker.connect(broker.random().nextInt(2));
        peer = connected;
        transaction = null;
        asking = false;
        nextId = 0;
        posts = 0;
        receivers.clear();
        senders.clear();
        ready.clear();
        held.clear();
        enlisted.clear();
        atStake.clear();
        peer.listen(frame -> {
            if (peer == connected) {
                onFrame(frame);
            }
        });
        peer.say(Controller.attach(CONTROL));
        for (int queue = 0; queue < addresses.size(); queue++) {
            deliveryCounts[queue] = 0;
            peer.send(addresses.get(queue), SENDERS + queue);
            Source source = Peer.source(addresses.get(queue));
            // So that a detach gives back what is held.
            source.setExpiryPolicy(TerminusExpiryPolicy.LINK_DETACH);
            peer.say(Peer.receiver("receiver-" + (RECEIVERS + queue), RECEIVERS + queue, source));
        }
    }

    int committed() {
        return committed;
    }

    /** Whether it waits for an answer to a request. */
    boolean asking() {
        return asking;
    }

    /** Does one thing, whatever comes to mind. */
    void act() {
        switch (broker.random().nextInt(24)) {
            case 0, 1, 2 -> grant(broker.random().nextInt(addresses.size()));
            case 3, 4, 5 -> declare();
            case 6, 7, 8, 9, 10, 11, 12 -> move();
            case 13, 14, 15, 16, 17 -> discharge(false);
            case 18, 19 -> discharge(true);
            case 20 -> giveBack();
            case 21, 22 -> leaveLink();
            default -> loseConnection();
        }
    }

    private void grant(int queue) {
        peer.flow(RECEIVERS + queue, deliveryCounts[queue], broker.random().nextInt(6), false);
    }

    private void declare() {
        if (transaction == null && !asking && ready.contains(CONTROL)) {
            ask(new Declare());
        }
    }

    private void ask(Object body) {
        asking = true;
        request = nextId++;
        peer.transfer(CONTROL, request, Controller.encode(new AmqpValue(body)));
    }

    private void move() {
        int target = SENDERS + broker.random().nextInt(addresses.size());
        if (transaction == null || held.isEmpty() || posts >= MOST_POSTS || !ready.contains(target)) {
            return;
        }
        int delivery = any(held);
        int token = held.remove(delivery);
        boolean settled = broker.random().nextInt(3) > 0;
        peer.dispose(delivery, delivery, settled, Controller.state(transaction, Accepted.getInstance()));
        if (!settled) {
            enlisted.put(delivery, token);
        }
        posts++;
        Transfer transfer = Peer.transfer(target, nextId++, broker.random().nextInt(5) == 0);
        transfer.setState(Controller.state(transaction));
        peer.say(transfer, message.apply(token));
    }

    private int any(Map<Integer, Integer> deliveries) {
        List<Integer> ids = new ArrayList<>(deliveries.keySet());
        return ids.get(broker.random().nextInt(ids.size()));
    }

    private void discharge(boolean fail) {
        if (transaction != null && !asking) {
            Discharge discharge = new Discharge();
            discharge.setTxnId(transaction);
            discharge.setFail(fail);
            transaction = null;
            posts = 0;
            failing = fail;
            atStake.clear();
            atStake.putAll(enlisted);
            enlisted.clear();
            ask(discharge);
        }
    }

    private void giveBack() {
        if (!held.isEmpty()) {
            int delivery = any(held);
            held.remove(delivery);
            Modified failed = new Modified();
            failed.setDeliveryFailed(true);
            peer.dispose(delivery, delivery, true, broker.random().nextBoolean() ? failed : Released.getInstance());
        }
    }

    /** A link or the connection ends in order, and soon the connection is lost. */
    private void leaveLink() {
        if (broker.random().nextInt(8) == 0) {
            int queue = broker.random().nextInt(addresses.size());
            switch (broker.random().nextInt(3)) {
                case 0 -> peer.detach(CONTROL, true);
                case 1 -> peer.detach(RECEIVERS + queue, broker.random().nextBoolean());
                default -> peer.close();
            }
            peer.cut();
            connect();
        }
    }

    private void loseConnection() {
        if (broker.random().nextInt(6) == 0) {
            peer.cut();
            connect();
        }
    }

    void end() {
        peer.cut();
    }

    private void onFrame(Frame frame) {
        if (frame.performative() instanceof Attach attach) {
            int handle =
                    Integer.parseInt(attach.getName().substring(attach.getName().lastIndexOf('-') + 1));
            if (attach.getRole() == Role.SENDER) {
                receivers.put(attach.getHandle().longValue(), handle - RECEIVERS);
            } else {
                senders.put(attach.getHandle().longValue(), handle);
            }
        } else if (frame.performative() instanceof Flow flow && flow.getHandle() != null) {
            Integer sender = senders.get(flow.getHandle().longValue());
            if (sender != null && !ready.contains(sender)) {
                ready.add(sender);
            }
        } else if (frame.performative() instanceof Transfer transfer) {
            deliveryCounts[receivers.get(transfer.getHandle().longValue())]++;
            held.put(transfer.getDeliveryId().intValue(), TestMessages.number(frame.payload()));
        } else if (frame.performative() instanceof Disposition disposition
                && disposition.getRole() == Role.RECEIVER
                && asking
                && Controller.covers(disposition, request)) {
            asking = false;
            if (disposition.getState() instanceof Declared declared) {
                transaction = declared.getTxnId();
            } else if (disposition.getState() instanceof Accepted && !failing) {
                committed++;
            } else {
                held.putAll(atStake); // They are still ours.
            }
        }
    }
}

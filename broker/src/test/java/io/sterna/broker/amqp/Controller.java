package io.sterna.broker.amqp;

import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.AmqpValue;
import org.apache.qpid.proton.amqp.messaging.Outcome;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.transaction.Coordinator;
import org.apache.qpid.proton.amqp.transaction.Declare;
import org.apache.qpid.proton.amqp.transaction.Declared;
import org.apache.qpid.proton.amqp.transaction.Discharge;
import org.apache.qpid.proton.amqp.transaction.TransactionalState;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.apache.qpid.proton.amqp.transport.Role;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.apache.qpid.proton.codec.AMQPDefinedTypes;
import org.apache.qpid.proton.codec.DecoderImpl;
import org.apache.qpid.proton.codec.EncoderImpl;

/** The controlling end of transactions at a peer: a control link, and what a client says in a transaction. */
final class Controller {
    /** Deliveries of control links are numbered from here, clear of those of the tests. */
    private static final int FIRST_DELIVERY_ID = 1_000_000;

    private final Simulation broker;
    private final Peer peer;
    private final int handle;
    private int nextDeliveryId;

    /** Attaches a control link. */
    Controller(Simulation broker, Peer peer, int handle) {
        this(broker, peer, attach(handle));
    }

    Controller(Simulation broker, Peer peer, Attach attach) {
        this.broker = broker;
        this.peer = peer;
        handle = attach.getHandle().intValue();
        nextDeliveryId = FIRST_DELIVERY_ID + 10_000 * handle;
        peer.say(attach);
        broker.settle();
    }

    static Attach attach(int handle) {
        Coordinator coordinator = new Coordinator();
        coordinator.setCapabilities(Symbol.valueOf("amqp:local-transactions"));
        Attach attach = new Attach();
        attach.setName("control-" + handle);
        attach.setHandle(UnsignedInteger.valueOf(handle));
        attach.setRole(Role.SENDER);
        attach.setSource(new Source());
        attach.setTarget(coordinator);
        attach.setInitialDeliveryCount(UnsignedInteger.ZERO);
        return attach;
    }

    static byte[] encode(Object section) {
        DecoderImpl decoder = new DecoderImpl();
        EncoderImpl encoder = new EncoderImpl(decoder);
        AMQPDefinedTypes.registerAllTypes(decoder, encoder);
        ByteBuffer buffer = ByteBuffer.allocate(1024);
        encoder.setByteBuffer(buffer);
        encoder.writeObject(section);
        byte[] bytes = new byte[buffer.position()];
        buffer.flip().get(bytes);
        return bytes;
    }

    /** Sends a request as an amqp-value; returns its delivery-id. */
    int ask(Object request) {
        return send(encode(new AmqpValue(request)), false);
    }

    int send(byte[] message, boolean settled) {
        int id = nextDeliveryId++;
        peer.say(Peer.transfer(handle, id, settled), message);
        return id;
    }

    /** Declares a transaction, and lets the broker answer. */
    Binary declare() {
        int id = ask(new Declare());
        broker.settle();
        DeliveryState answer = answer(id).orElseThrow(() -> new AssertionError("the declare was not answered"));
        if (!(answer instanceof Declared declared)) {
            throw new AssertionError("the declare was answered with " + answer);
        }
        return declared.getTxnId();
    }

    /** Discharges a transaction; returns the delivery-id. */
    int discharge(Binary transaction, boolean fail) {
        Discharge discharge = new Discharge();
        discharge.setTxnId(transaction);
        discharge.setFail(fail);
        return ask(discharge);
    }

    /** Commits, lets the broker answer, and gives the answer. */
    DeliveryState commit(Binary transaction) {
        return answerTo(discharge(transaction, false));
    }

    DeliveryState rollback(Binary transaction) {
        return answerTo(discharge(transaction, true));
    }

    private DeliveryState answerTo(int id) {
        broker.settle();
        return answer(id).orElseThrow(() -> new AssertionError("the discharge was not answered"));
    }

    /** The last state that the broker has told of a delivery of this peer. */
    Optional<DeliveryState> answer(int id) {
        return answer(peer, id).map(Disposition::getState);
    }

    /** The last disposition of the broker for a delivery that the peer has sent. */
    static Optional<Disposition> answer(Peer peer, int id) {
        List<Disposition> its = new ArrayList<>();
        for (Disposition disposition : peer.heard(Disposition.class)) {
            if (disposition.getRole() == Role.RECEIVER && covers(disposition, id)) {
                its.add(disposition);
            }
        }
        return its.isEmpty() ? Optional.empty() : Optional.of(its.get(its.size() - 1));
    }

    static boolean covers(Disposition disposition, int id) {
        int first = disposition.getFirst().intValue();
        int last = disposition.getLast() == null ? first : disposition.getLast().intValue();
        return first <= id && id <= last;
    }

    static TransactionalState state(Binary transaction) {
        TransactionalState state = new TransactionalState();
        state.setTxnId(transaction);
        return state;
    }

    static TransactionalState state(Binary transaction, Outcome outcome) {
        TransactionalState state = state(transaction);
        state.setOutcome(outcome);
        return state;
    }

    /** Sends a message in a transaction. */
    void post(Binary transaction, int link, int deliveryId, byte[] message) {
        post(transaction, link, deliveryId, message, false);
    }

    void post(Binary transaction, int link, int deliveryId, byte[] message, boolean settled) {
        Transfer transfer = Peer.transfer(link, deliveryId, settled);
        transfer.setState(state(transaction));
        peer.say(transfer, message);
    }

    /** Accepts and settles deliveries in a transaction. */
    void accept(Binary transaction, int first, int last) {
        peer.dispose(first, last, true, state(transaction, Accepted.getInstance()));
    }
}

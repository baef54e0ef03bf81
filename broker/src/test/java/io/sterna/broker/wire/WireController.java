package io.sterna.broker.wire;

import static io.sterna.broker.testing.Wire.binary;
import static io.sterna.broker.testing.Wire.bool;
import static io.sterna.broker.testing.Wire.described;
import static io.sterna.broker.testing.Wire.symbol;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.sterna.broker.wire.WireLink.Delivery;
import java.util.Arrays;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.transaction.Declared;

/** A control link whose source has the outcomes accepted and rejected, and what is said of transactions (AMQP 1.0 §4). */
final class WireController {
    /** The place of the state in a transfer. */
    static final int STATE = 7;

    static final byte[] DECLARE = Body.value(described(0x31));

    private final WireSession session;
    private final WireLink link;

    /** Attaches the link; where the broker refuses it, the test is not one for this broker. */
    WireController(WireSession session) {
        this.session = session;
        link = attach(session, "amqp:accepted:list", "amqp:rejected:list");
    }

    /** Attaches a control link whose source has these outcomes. */
    static WireLink attach(WireSession session, String... outcomes) {
        String name = WireSession.newName();
        int handle = session.nextHandle();
        Body source = Body.of(Body.SOURCE).with(Body.OUTCOMES, Body.symbols(outcomes));
        Body attach = Body.sender(name, handle, Body.of(0x30, symbol("amqp:local-transactions")))
                .with(5, source.octets());
        WireLink link = session.attach(name, handle, attach);
        assumeThat(link.answer().getTarget()).isNotNull();
        link.awaitCredit();
        return link;
    }

    WireLink link() {
        return link;
    }

    byte[] declare() {
        Binary id = ((Declared) session.outcome(link.send(DECLARE))).getTxnId();
        return Arrays.copyOfRange(id.getArray(), id.getArrayOffset(), id.getArrayOffset() + id.getLength());
    }

    static byte[] discharge(byte[] transaction, boolean fail) {
        return Body.value(described(0x32, binary(transaction), bool(fail)));
    }

    void commit(byte[] transaction) {
        link.sendAccepted(discharge(transaction, false));
    }

    void rollback(byte[] transaction) {
        link.sendAccepted(discharge(transaction, true));
    }

    static byte[] state(byte[] transaction) {
        return described(0x34, binary(transaction));
    }

    static byte[] state(byte[] transaction, byte[] outcome) {
        return described(0x34, binary(transaction), outcome);
    }

    /** Tells the outcome of a delivery in a transaction. */
    void dispose(Delivery delivery, byte[] transaction, byte[] outcome, boolean settled) {
        session.send(Body.disposition(true, delivery.id(), delivery.id(), settled, state(transaction, outcome)));
    }

    /** Sends a message in a transaction; returns its delivery-id. */
    int post(WireLink sender, byte[] transaction, byte[] message, boolean settled) {
        sender.awaitCredit();
        int id = session.nextDeliveryId();
        session.sendTransfer(
                Body.transfer(sender.handle(), id).with(4, bool(settled)).with(STATE, state(transaction)), message);
        return id;
    }
}

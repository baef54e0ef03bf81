package io.sterna.broker.wire;

import static io.sterna.broker.testing.Wire.bool;
import static io.sterna.broker.testing.Wire.uint;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.util.Arrays;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.messaging.Outcome;
import org.apache.qpid.proton.amqp.transaction.TransactionalState;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Sending in a transaction (AMQP 1.0 §4.4.1). */
class WirePostingTest extends WireTransactions {
    WirePostingTest() throws IOException {}

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @DisplayName("§4.4.1: what is posted is available when the transaction is committed, and not before")
    void shouldDeliverWhenCommittedAndNotBefore(boolean settled) throws IOException {
        byte[] transaction = control.declare();
        WireLink sender = session.sender(address);
        int id = control.post(sender, transaction, MESSAGE, settled);
        if (!settled) {
            session.outcome(id);
        }
        session.awaitAnotherLink();
        assertAvailable(0);
        control.commit(transaction);
        assertAvailable(1);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @DisplayName("§4.4.1: what is posted is not available when the transaction is rolled back")
    void shouldNotDeliverWhenRolledBack(boolean settled) throws IOException {
        byte[] transaction = control.declare();
        WireLink sender = session.sender(address);
        control.post(sender, transaction, MESSAGE, settled);
        control.rollback(transaction);
        sender.sendAccepted(MESSAGE);
        assertAvailable(1);
    }

    @Test
    @DisplayName("§4.4.1: the outcome is told before the discharge, with the transaction")
    void shouldTellTheOutcomeWithTheTransactionWhenPosted() {
        byte[] transaction = control.declare();
        DeliveryState state = session.outcome(control.post(session.sender(address), transaction, MESSAGE, false));
        assertThat(state).isInstanceOf(TransactionalState.class);
        assertThat(((TransactionalState) state).getTxnId()).isEqualTo(new Binary(transaction));
        assertThat((Object) ((TransactionalState) state).getOutcome()).isInstanceOf(Outcome.class);
    }

    @Test
    @DisplayName("§4.4.1: a message in many transfers is posted, when all are in the transaction")
    void shouldDeliverWhenCommittedAndTheMessageCameInParts() throws IOException {
        byte[] transaction = control.declare();
        WireLink sender = session.sender(address);
        int id = session.nextDeliveryId();
        session.sendTransfer(
                Body.transfer(sender.handle(), id)
                        .with(5, bool(true))
                        .with(WireController.STATE, WireController.state(transaction)),
                Arrays.copyOf(MESSAGE, 5));
        session.sendTransfer(
                Body.of(0x14, uint(sender.handle())).with(WireController.STATE, WireController.state(transaction)),
                Arrays.copyOfRange(MESSAGE, 5, MESSAGE.length));
        session.outcome(id);
        control.commit(transaction);
        assertAvailable(1);
    }

    @Test
    @DisplayName(
            "§4.4.1: the discharge of a transaction with half a delivery ends the control link with transaction-rollback")
    void shouldDetachTheControlLinkWhenADeliveryIsNotComplete() {
        byte[] transaction = control.declare();
        WireLink sender = session.sender(address);
        session.sendTransfer(
                Body.transfer(sender.handle(), session.nextDeliveryId())
                        .with(5, bool(true))
                        .with(WireController.STATE, WireController.state(transaction)),
                Arrays.copyOf(MESSAGE, 5));
        control.link().send(WireController.discharge(transaction, false));
        Detach detach = session.detached(control.link().theirHandle());
        assertThat((Object) detach.getError().getCondition()).hasToString("amqp:transaction:rollback");
    }

    @Test
    @DisplayName("§4.1: what was posted is not available when the control link is closed")
    void shouldNotDeliverWhenTheControlLinkIsClosed() throws IOException {
        byte[] transaction = control.declare();
        session.outcome(control.post(session.sender(address), transaction, MESSAGE, false));
        control.link().close();
        assertAvailable(0);
    }

    @Test
    @DisplayName("§4.1: what was posted is not available when the connection breaks")
    void shouldNotDeliverWhenTheConnectionBreaks() throws IOException {
        byte[] transaction = control.declare();
        session.outcome(control.post(session.sender(address), transaction, MESSAGE, false));
        session.client().close();
        assertAvailable(0);
    }
}

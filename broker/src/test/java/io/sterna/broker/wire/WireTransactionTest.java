package io.sterna.broker.wire;

import static io.sterna.broker.testing.Wire.binary;
import static io.sterna.broker.testing.Wire.map;
import static io.sterna.broker.testing.Wire.symbol;
import static io.sterna.broker.testing.Wire.uint;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.sterna.broker.wire.WireLink.Delivery;
import java.io.IOException;
import java.util.Arrays;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.messaging.Modified;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.transaction.Coordinator;
import org.apache.qpid.proton.amqp.transaction.TransactionalState;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Receiving in a transaction, and both together (AMQP 1.0 §4.4.2 to §4.4.4). */
class WireTransactionTest extends WireTransactions {
    WireTransactionTest() throws IOException {}

    /** A link from the queue, in which there is a message. */
    private WireLink filled() {
        session.fill(address, MESSAGE);
        return session.receiver(address);
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    @DisplayName("§4.4.2: an outcome in a transaction is applied when it is committed")
    void shouldApplyTheOutcomeWhenCommitted(boolean settled) throws IOException {
        WireLink link = filled();
        Delivery delivery = link.receiveWithCredit();
        byte[] transaction = control.declare();
        control.dispose(delivery, transaction, Body.ACCEPTED, settled);
        control.commit(transaction);
        link.close();
        assertAvailable(0);
    }

    @Test
    @DisplayName("§4.4.2: a released outcome makes the message available when the transaction is committed")
    void shouldReleaseWhenCommitted() throws IOException {
        WireLink link = filled();
        Delivery delivery = link.receiveWithCredit();
        byte[] transaction = control.declare();
        control.dispose(delivery, transaction, Body.RELEASED, true);
        session.awaitAnotherLink();
        assertAvailable(0);
        control.commit(transaction);
        assertAvailable(1);
    }

    @Test
    @DisplayName("§4.4.4: when it is rolled back, what the client has settled has the default outcome")
    void shouldApplyTheDefaultOutcomeWhenRolledBackAndSettled() throws IOException {
        session.fill(address, MESSAGE);
        WireLink link = session.receiver(Body.source(address).with(8, Body.MODIFIED_FAILED));
        Delivery delivery = link.receiveWithCredit();
        byte[] transaction = control.declare();
        control.dispose(delivery, transaction, Body.ACCEPTED, true);
        control.rollback(transaction);
        boolean failed = ((Source) link.answer().getSource()).getDefaultOutcome() instanceof Modified modified
                && Boolean.TRUE.equals(modified.getDeliveryFailed());
        WireLink other = BROKER.begin().receiver(address);
        SectionsOf again = SectionsOf.message(other.receiveWithCredit().message());
        assertThat(again.bare()).isEqualTo(MESSAGE);
        if (failed) {
            assertThat(again.deliveryCount()).isEqualTo(1);
        }
    }

    @Test
    @DisplayName("§4.4.2: when it is rolled back, what is not settled stays acquired, and may have another outcome")
    void shouldStayAcquiredWhenRolledBackAndNotSettled() throws IOException {
        WireLink link = filled();
        Delivery delivery = link.receiveWithCredit();
        byte[] transaction = control.declare();
        control.dispose(delivery, transaction, Body.ACCEPTED, false);
        control.rollback(transaction);
        assertAvailable(0);
        link.dispose(delivery, Body.RELEASED);
        session.awaitAnotherLink();
        assertAvailable(1);
    }

    @Test
    @DisplayName("§4.4.2: an outcome of a transaction that was rolled back may be told again in another one")
    void shouldApplyTheOutcomeOfTheNextTransactionWhenTheFirstWasRolledBack() throws IOException {
        WireLink link = filled();
        Delivery delivery = link.receiveWithCredit();
        byte[] first = control.declare();
        control.dispose(delivery, first, Body.ACCEPTED, false);
        control.rollback(first);
        byte[] second = control.declare();
        control.dispose(delivery, second, Body.ACCEPTED, true);
        control.commit(second);
        link.close();
        assertAvailable(0);
    }

    @Test
    @DisplayName("§4.4: sending and receiving in one transaction are done together or not at all")
    void shouldDoBothOrNoneWhenMovingMessages() throws IOException {
        String from = WireBroker.address();
        session.fill(from, MESSAGE);
        WireLink receiver = session.receiver(from);
        WireLink sender = session.sender(address);
        Delivery delivery = receiver.receiveWithCredit();
        byte[] first = control.declare();
        session.outcome(control.post(sender, first, MESSAGE, false));
        control.dispose(delivery, first, Body.ACCEPTED, false);
        control.rollback(first);
        assertAvailable(0);
        byte[] second = control.declare();
        session.outcome(control.post(sender, second, MESSAGE, false));
        control.dispose(delivery, second, Body.ACCEPTED, true);
        control.commit(second);
        receiver.close();
        assertAvailable(1);
        assertThat(BROKER.begin().receiver(from).drain()).isEmpty();
    }

    // ---- §4.4.3 Acquiring

    @Test
    @DisplayName(
            "§4.4.3: messages are acquired in the transaction that the flow names, or the link ends with not-implemented")
    void shouldAcquireInTheTransactionOrRefuseWhenAFlowNamesOne() {
        WireLink link = filled();
        byte[] transaction = control.declare();
        session.send(session.flow()
                .with(4, uint(link.handle()))
                .with(5, uint(link.deliveryCount()))
                .with(6, uint(1))
                .with(10, map(symbol("txn-id"), binary(transaction))));
        Object answer = session.client()
                .awaitFrame(frame -> frame.performative() instanceof Transfer || frame.performative() instanceof Detach)
                .performative();
        if (answer instanceof Detach detach) {
            assertThat((Object) detach.getError().getCondition()).hasToString("amqp:not-implemented");
        } else {
            DeliveryState state = ((Transfer) answer).getState();
            assertThat(state).isInstanceOf(TransactionalState.class);
            assertThat(((TransactionalState) state).getTxnId()).isEqualTo(new Binary(transaction));
        }
    }

    @Test
    @DisplayName("§4.5.7: several transactions at a time, where the coordinator says that it can")
    void shouldKeepTransactionsApartWhenThereAreSeveral() throws IOException {
        Object[] capabilities = ((Coordinator) control.link().answer().getTarget()).getCapabilities();
        assumeThat(capabilities == null ? "" : Arrays.toString(capabilities)).contains("amqp:multi-txns-per-ssn");
        byte[] first = control.declare();
        byte[] second = control.declare();
        WireLink sender = session.sender(address);
        session.outcome(control.post(sender, first, MESSAGE, false));
        session.outcome(control.post(sender, second, MESSAGE, false));
        control.rollback(first);
        control.commit(second);
        assertAvailable(1);
    }
}

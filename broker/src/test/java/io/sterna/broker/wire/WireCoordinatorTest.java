package io.sterna.broker.wire;

import static io.sterna.broker.testing.Wire.NULL;
import static io.sterna.broker.testing.Wire.binary;
import static io.sterna.broker.testing.Wire.bool;
import static io.sterna.broker.testing.Wire.described;
import static io.sterna.broker.testing.Wire.string;
import static io.sterna.broker.testing.Wire.symbol;
import static io.sterna.broker.testing.Wire.uint;
import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.broker.testing.Wire;
import java.io.IOException;
import java.util.Arrays;
import org.apache.qpid.proton.amqp.messaging.Rejected;
import org.apache.qpid.proton.amqp.transaction.Coordinator;
import org.apache.qpid.proton.amqp.transaction.Declared;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.junit.jupiter.api.DisplayName;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Control links, declaring and discharging (AMQP 1.0 §4.2, §4.3). */
class WireCoordinatorTest extends WireTransactions {
    WireCoordinatorTest() throws IOException {}

    @Test
    @DisplayName("§4.2, §4.5.1: the target of a control link is a coordinator")
    void shouldAnswerWithACoordinatorWhenAControlLinkAttaches() {
        assertThat(control.link().answer().getTarget()).isInstanceOf(Coordinator.class);
    }

    @Test
    @DisplayName("§4.2, §4.5.4: a declare is answered with declared and a transaction-id of up to 32 octets")
    void shouldAnswerWithAnIdWhenDeclared() {
        assertThat(control.declare()).hasSizeBetween(0, 32);
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @DisplayName("§4.3: a discharge is accepted")
    void shouldAcceptTheDischargeWhenNothingWasDone(boolean fail) {
        control.link().sendAccepted(WireController.discharge(control.declare(), fail));
    }

    @Test
    @DisplayName("§4.2, §2.6.14: a declare may come in several transfers")
    void shouldDeclareWhenTheMessageComesInParts() {
        int id = session.nextDeliveryId();
        session.sendTransfer(
                Body.transfer(control.link().handle(), id).with(5, bool(true)),
                Arrays.copyOf(WireController.DECLARE, 2));
        session.sendTransfer(
                Body.of(0x14, uint(control.link().handle())),
                Arrays.copyOfRange(WireController.DECLARE, 2, WireController.DECLARE.length));
        assertThat(session.outcome(id)).isInstanceOf(Declared.class);
    }

    @Test
    @DisplayName("§4.5.2, §1.2: the descriptor of a declare may be a symbol")
    void shouldDeclareWhenTheDescriptorIsASymbol() {
        byte[] declare = Body.value(Body.of(0x31).octets(symbol("amqp:declare:list")));
        assertThat(session.outcome(control.link().send(declare))).isInstanceOf(Declared.class);
    }

    @ParameterizedTest
    @ValueSource(strings = {"unknown", "committed", "rolled back"})
    @DisplayName("§4.3: a commit of what is no transaction is rejected with a transaction-error")
    void shouldRejectTheDischargeWhenTheTransactionIsNone(String which) {
        byte[] transaction = {9, 9, 9, 9, 9, 9, 9, 9};
        if (!which.equals("unknown")) {
            transaction = control.declare();
            control.link().sendAccepted(WireController.discharge(transaction, which.equals("rolled back")));
        }
        DeliveryState state = session.outcome(control.link().send(WireController.discharge(transaction, false)));
        assertThat(state).isInstanceOf(Rejected.class);
        assertThat(((Rejected) state).getError().getCondition().toString()).startsWith("amqp:transaction:");
    }

    @Test
    @DisplayName("§4.3: where the source has no rejected, the control link is detached with the transaction-error")
    void shouldDetachWhenTheDischargeCannotBeRejected() {
        WireLink other = WireController.attach(session, "amqp:accepted:list");
        other.send(WireController.discharge(new byte[] {9, 9, 9, 9, 9, 9, 9, 9}, false));
        Detach detach = session.detached(other.theirHandle());
        assertThat(detach.getError().getCondition().toString()).startsWith("amqp:transaction:");
    }

    @ParameterizedTest(name = "{0}")
    @ValueSource(strings = {"a string", "data", "settled", "a global id", "no id"})
    @DisplayName("§2.4.3: what is no request to a coordinator is no reason to drop the connection without a close")
    void shouldCloseInGoodOrderWhenTheRequestIsNone(String what) {
        int id = session.nextDeliveryId();
        Body transfer = Body.transfer(control.link().handle(), id);
        session.sendTransfer(
                what.equals("settled") ? transfer.with(4, bool(true)) : transfer,
                switch (what) {
                    case "a string" -> Body.text("declare");
                    case "data" -> Wire.join(new byte[] {0, 0x53, 0x75}, binary(new byte[] {1}));
                    case "settled" -> WireController.DECLARE;
                    case "a global id" -> Body.value(described(0x31, string("global")));
                    default -> Body.value(described(0x32, NULL));
                });
        session.client().closesInGoodOrder();
    }
}

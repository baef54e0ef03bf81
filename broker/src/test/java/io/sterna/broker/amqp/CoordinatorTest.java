package io.sterna.broker.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.UnsignedInteger;
import org.apache.qpid.proton.amqp.UnsignedLong;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.AmqpValue;
import org.apache.qpid.proton.amqp.messaging.ApplicationProperties;
import org.apache.qpid.proton.amqp.messaging.Data;
import org.apache.qpid.proton.amqp.messaging.Rejected;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.transaction.Coordinator;
import org.apache.qpid.proton.amqp.transaction.Declare;
import org.apache.qpid.proton.amqp.transaction.Declared;
import org.apache.qpid.proton.amqp.transaction.Discharge;
import org.apache.qpid.proton.amqp.transaction.TransactionalState;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.Close;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.apache.qpid.proton.amqp.transport.Detach;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.apache.qpid.proton.amqp.transport.End;
import org.apache.qpid.proton.amqp.transport.Flow;
import org.apache.qpid.proton.amqp.transport.ReceiverSettleMode;
import org.apache.qpid.proton.amqp.transport.Transfer;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What a coordinator answers, and what it refuses (AMQP 1.0 §4.1 to §4.3, §4.5). */
class CoordinatorTest {
    private static final int CONTROL = 0;
    private static final int IN = 1;
    private static final int OUT = 2;
    private static final Symbol ACCEPTED = Symbol.valueOf("amqp:accepted:list");

    private Simulation broker = new Simulation(11);
    private Peer peer;
    private Controller controller;

    @BeforeEach
    void connect() {
        connectTo(broker);
    }

    private void connectTo(Simulation newBroker) {
        broker = newBroker;
        peer = broker.connect(0);
        controller = new Controller(broker, peer, CONTROL);
        peer.send("queue", IN);
        broker.settle();
    }

    private static Rejected rejected(DeliveryState state) {
        assertThat(state).isInstanceOf(Rejected.class);
        return (Rejected) state;
    }

    private static String condition(DeliveryState state) {
        return rejected(state).getError().getCondition().toString();
    }

    private String detachCondition() {
        return peer.last(Detach.class).getError().getCondition().toString();
    }

    private DeliveryState answer(int id) {
        broker.settle();
        return controller.answer(id).orElseThrow();
    }

    private static Discharge discharge(Binary transaction) {
        Discharge discharge = new Discharge();
        discharge.setTxnId(transaction);
        return discharge;
    }

    // ---- The control link

    /** §4.5.1: "when sent by the resource, defines the actual capabilities of the coordinator" */
    @Test
    void shouldSayWhatTheCoordinatorIsCapableOf() {
        Attach answer = peer.heard(Attach.class).get(0);
        Coordinator coordinator = (Coordinator) answer.getTarget();

        assertThat(coordinator.getCapabilities())
                .extracting(Symbol::toString)
                .containsExactlyInAnyOrder(
                        "amqp:local-transactions", "amqp:multi-txns-per-ssn", "amqp:multi-ssns-per-txn");
        assertThat(answer.getSource()).isNotNull();
    }

    @Test
    void shouldSayOnlyWhatItIsCapableOfWhenMoreIsDesired() {
        Attach attach = Controller.attach(5);
        Coordinator coordinator = new Coordinator();
        coordinator.setCapabilities(
                Symbol.valueOf("amqp:distributed-transactions"), Symbol.valueOf("amqp:promotable-transactions"));
        attach.setTarget(coordinator);
        Controller other = new Controller(broker, peer, attach);

        assertThat(((Coordinator) peer.last(Attach.class).getTarget()).getCapabilities())
                .extracting(Symbol::toString)
                .doesNotContain("amqp:distributed-transactions", "amqp:promotable-transactions");
        assertThat(other.declare()).isNotNull();
    }

    @Test
    void shouldGiveCreditForRequests() {
        assertThat(peer.heard(Flow.class))
                .anyMatch(
                        flow -> flow.getHandle() != null && flow.getLinkCredit().intValue() >= 2);
    }

    /** §4.2: "links to the coordinator cannot be resumed" */
    @Test
    void shouldKeepNothingUnsettledOfAFormerControlLink() {
        Attach attach = Controller.attach(5);
        attach.setUnsettled(Map.of(new Binary(new byte[] {1}), Accepted.getInstance()));
        Controller other = new Controller(broker, peer, attach);

        assertThat(peer.last(Attach.class).getUnsettled() == null).isTrue();
        assertThat(other).isNotNull();
    }

    // ---- Declaring, §4.2

    @Test
    void shouldAllocateAnIdentifierOfAtMostThirtyTwoOctets() {
        assertThat(controller.declare().getLength()).isBetween(1, 32);
        assertThat(controller.declare()).isNotEqualTo(controller.declare());
    }

    @Test
    void shouldSettleTheDeclareWithTheAnswer() {
        int id = controller.ask(new Declare());
        assertThat(answer(id)).isInstanceOf(Declared.class);

        assertThat(Controller.answer(peer, id).map(Disposition::getSettled)).contains(true);
    }

    @Test
    void shouldWaitForTheControllerToSettleWhenTheReceiverSettlesSecond() {
        Attach attach = Controller.attach(5);
        attach.setRcvSettleMode(ReceiverSettleMode.SECOND);
        Controller second = new Controller(broker, peer, attach);
        int id = second.ask(new Declare());
        broker.settle();

        assertThat(second.answer(id)).get().isInstanceOf(Declared.class);
        assertThat(Controller.answer(peer, id).map(Disposition::getSettled)).contains(false);
    }

    /** "Other standard message sections such as the header section SHOULD be ignored." */
    @Test
    void shouldPassOverOtherSectionsOfTheRequest() {
        byte[] properties = Controller.encode(new ApplicationProperties(Map.of("a", 1)));
        byte[] value = Controller.encode(new AmqpValue(new Declare()));
        byte[] both = java.nio.ByteBuffer.allocate(properties.length + value.length)
                .put(properties)
                .put(value)
                .array();

        assertThat(answer(controller.send(both, false))).isInstanceOf(Declared.class);
    }

    /** "If the coordinator receives a declare message that has been settled, it should detach with an appropriate error." */
    @Test
    void shouldDetachWhenADeclareIsSettled() {
        controller.send(Controller.encode(new AmqpValue(new Declare())), true);
        broker.settle();

        assertThat(detachCondition()).isEqualTo("amqp:not-allowed");
        assertThat(peer.last(Detach.class).getClosed()).isTrue();
        assertOnlyTheLinkEnded();
    }

    @Test
    void shouldDetachWhenADischargeIsSettled() {
        Binary transaction = controller.declare();
        controller.send(Controller.encode(new AmqpValue(discharge(transaction))), true);
        broker.settle();

        assertThat(detachCondition()).isEqualTo("amqp:not-allowed");
    }

    /** §4.5.2: global-id must not be set without the capability amqp:distributed-transactions. */
    @Test
    void shouldRejectADeclareOfAPartOfAGlobalTransaction() {
        byte[] declare = {0, 0x53, 0x77, 0, 0x53, 0x31, (byte) 0xc0, 6, 1, (byte) 0xa0, 3, 1, 2, 3};

        assertThat(condition(answer(controller.send(declare, false)))).isEqualTo("amqp:not-implemented");
        assertThat(controller.declare()).as("others still work").isNotNull();
    }

    @Test
    void shouldRejectADeclareWhenTooManyAreOpen() {
        connectTo(new Simulation(11, "transactions.max-open=2"));
        Binary first = controller.declare();
        controller.declare();
        int third = controller.ask(new Declare());
        assertThat(condition(answer(third))).isEqualTo("amqp:resource-limit-exceeded");
        assertThat(rejected(answer(third)).getError().getDescription()).contains("transactions.max-open");
        controller.rollback(first);

        assertThat(controller.declare()).isNotNull();
    }

    // ---- Other messages

    static Stream<Arguments> others() {
        return Stream.of(
                Arguments.of(Controller.encode(new AmqpValue("hello")), "amqp:not-allowed"),
                Arguments.of(Controller.encode(new AmqpValue(Accepted.getInstance())), "amqp:not-allowed"),
                Arguments.of(Controller.encode(new Data(new Binary(new byte[] {1}))), "amqp:not-allowed"),
                Arguments.of(new byte[0], "amqp:not-allowed"),
                Arguments.of(new byte[] {0, 0x53, 0x77}, "amqp:decode-error"),
                // A discharge without its mandatory txn-id.
                Arguments.of(new byte[] {0, 0x53, 0x77, 0, 0x53, 0x32, 0x45}, "amqp:decode-error"),
                // A declare whose fields are not a list.
                Arguments.of(new byte[] {0, 0x53, 0x77, 0, 0x53, 0x31, 0x41}, "amqp:decode-error"));
    }

    @ParameterizedTest
    @MethodSource("others")
    void shouldRejectWhatIsNoRequest(byte[] message, String condition) {
        assertThat(condition(answer(controller.send(message, false)))).isEqualTo(condition);
        assertThat(controller.declare()).as("others still work").isNotNull();
    }

    /** §4.1: "No transactional work is allowed on the control link." */
    @Test
    void shouldRejectTransactionalWorkOnTheControlLink() {
        Binary transaction = controller.declare();
        controller.post(transaction, CONTROL, 50, Controller.encode(new AmqpValue(new Declare())));
        broker.settle();

        assertThat(condition(controller.answer(50).orElseThrow())).isEqualTo("amqp:not-allowed");
    }

    /** Symbolic descriptors are as good as numeric ones (§1.3.2). */
    @Test
    void shouldReadARequestWithASymbolicDescriptor() {
        byte[] name = "amqp:declare:list".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
        byte[] message = java.nio.ByteBuffer.allocate(7 + name.length)
                .put(new byte[] {0, 0x53, 0x77, 0, (byte) 0xa3, (byte) name.length})
                .put(name)
                .put((byte) 0x45)
                .array();

        assertThat(answer(controller.send(message, false))).isInstanceOf(Declared.class);
    }

    // ---- Discharging, §4.3

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldRejectTheDischargeOfAnUnknownTransaction(boolean fail) {
        for (byte[] id : List.of(new byte[] {1}, new byte[8], new byte[32])) {
            assertThat(condition(answer(controller.discharge(new Binary(id), fail))))
                    .isEqualTo("amqp:transaction:unknown-id");
        }
    }

    @Test
    void shouldRejectASecondDischarge() {
        Binary transaction = controller.declare();
        controller.commit(transaction);

        assertThat(condition(controller.commit(transaction))).isEqualTo("amqp:transaction:unknown-id");
        assertThat(condition(controller.rollback(transaction))).isEqualTo("amqp:transaction:unknown-id");
    }

    @Test
    void shouldNotKnowTransactionsOfOtherConnections() {
        Binary transaction = controller.declare();
        Controller other = new Controller(broker, broker.connect(0), CONTROL);

        assertThat(condition(other.commit(transaction))).isEqualTo("amqp:transaction:unknown-id");
        assertThat(controller.commit(transaction)).isInstanceOf(Accepted.class);
    }

    @Test
    void shouldCommitAnEmptyTransaction() {
        assertThat(controller.commit(controller.declare())).isInstanceOf(Accepted.class);
        assertThat(controller.rollback(controller.declare())).isInstanceOf(Accepted.class);
    }

    /** "If the source does not support the rejected outcome, the transactional resource MUST detach the link" */
    @Test
    void shouldDetachInsteadOfRejectingWhenTheSourceDoesNotKnowThatOutcome() {
        Attach attach = Controller.attach(5);
        Source source = new Source();
        source.setOutcomes(ACCEPTED);
        attach.setSource(source);
        Controller other = new Controller(broker, peer, attach);
        other.discharge(new Binary(new byte[] {1}), false);
        broker.settle();

        assertThat(detachCondition()).isEqualTo("amqp:transaction:unknown-id");
        assertThat(peer.last(Detach.class).getHandle()).isEqualTo(UnsignedInteger.valueOf(2));
        assertOnlyTheLinkEnded();
    }

    /** §4.4.1: "the control link MUST be terminated with the transaction-rollback error" */
    @Test
    void shouldEndTheControlLinkWhenADeliveryIsNotCompleteAtTheDischarge() {
        Binary transaction = controller.declare();
        controller.post(transaction, IN, 0, TestMessages.durable(0));
        Transfer begun = Peer.transfer(IN, 1, false);
        begun.setState(Controller.state(transaction));
        begun.setMore(true);
        byte[] message = TestMessages.durable(1);
        peer.say(begun, java.util.Arrays.copyOf(message, 5));
        broker.settle();
        controller.discharge(transaction, false);
        broker.settle();

        assertThat(detachCondition()).isEqualTo("amqp:transaction:rollback");
        assertThat(broker.partitions().totals().messages()).isZero();
        assertOnlyTheLinkEnded();
    }

    @Test
    void shouldDetachWhenTheTransfersOfADeliveryNameDifferentTransactions() {
        Transfer begun = Peer.transfer(IN, 1, false);
        begun.setState(Controller.state(controller.declare()));
        begun.setMore(true);
        peer.say(begun, new byte[] {0});
        Transfer rest = Peer.transfer(IN, 1, false);
        rest.setState(Controller.state(controller.declare()));
        peer.say(rest, new byte[] {0x53});
        broker.settle();

        assertThat(detachCondition()).isEqualTo("amqp:invalid-field");
        assertOnlyTheLinkEnded();
    }

    // ---- Work that can't be

    @Test
    void shouldRejectAMessageThatNamesAnUnknownTransaction() {
        controller.post(new Binary(new byte[] {9}), IN, 0, TestMessages.durable(0));
        broker.settle();

        assertThat(condition(controller.answer(0).orElseThrow())).isEqualTo("amqp:transaction:unknown-id");
    }

    @Test
    void shouldDetachWhenASettledMessageNamesAnUnknownTransaction() {
        controller.post(new Binary(new byte[] {9}), IN, 0, TestMessages.durable(0), true);
        broker.settle();

        assertThat(detachCondition()).isEqualTo("amqp:transaction:unknown-id");
    }

    /** §4.1: "attempts to perform further transactional work on them will lead to failure" */
    @Test
    void shouldNotKnowTransactionsOfAControlLinkThatIsGone() {
        Binary transaction = controller.declare();
        peer.detach(CONTROL, true);
        controller.post(transaction, IN, 0, TestMessages.durable(0));
        broker.settle();

        assertThat(condition(controller.answer(0).orElseThrow())).isEqualTo("amqp:transaction:unknown-id");
    }

    /** §4.1: "all such transactions are immediately rolled back" */
    @Test
    void shouldRollBackWhenAnotherConnectionOfTheContainerTakesTheControlLink() {
        Peer first = client("same");
        Controller controlled = new Controller(broker, first, CONTROL);
        peer.transfer(IN, 0, TestMessages.durable(0));
        first.receive("queue", OUT);
        first.flow(OUT, 0, 1, false);
        broker.settle();
        Binary transaction = controlled.declare();
        controlled.accept(transaction, 0, 0);
        broker.settle();

        Controller thief = new Controller(broker, client("same"), CONTROL);

        assertThat(first.last(Detach.class).getError().getCondition().toString())
                .isEqualTo("amqp:link:stolen");
        assertThat(condition(new Controller(broker, first, 7).commit(transaction)))
                .isEqualTo("amqp:transaction:unknown-id");
        assertThat(thief.commit(thief.declare())).isInstanceOf(Accepted.class);
        peer.receive("queue", OUT);
        peer.flow(OUT, 0, 1, false);
        broker.settle();
        assertThat(peer.numbers()).containsExactly(0);
    }

    private Peer client(String containerId) {
        Peer client = broker.connectSilently(0);
        client.open(containerId);
        client.begin();
        return client;
    }

    private void receive(int messages) {
        for (int number = 0; number < messages; number++) {
            peer.transfer(IN, number, TestMessages.durable(number));
        }
        peer.receive("queue", OUT);
        peer.flow(OUT, 0, messages, false);
        broker.settle();
    }

    @Test
    void shouldDetachTheConsumerWhenADispositionNamesAnUnknownTransaction() {
        receive(1);
        controller.accept(new Binary(new byte[] {9}), 0, 0);
        broker.settle();

        assertThat(detachCondition()).isEqualTo("amqp:transaction:unknown-id");
        assertThat(broker.partitions().totals().messages()).isEqualTo(1);
        assertOnlyTheLinkEnded();
    }

    /** §4.4.2: the delivery must not be associated with different transactions. */
    @Test
    void shouldEndTheControlLinkWhenADeliveryIsRetiredInTwoTransactions() {
        receive(1);
        Binary first = controller.declare();
        Binary second = controller.declare();
        peer.dispose(0, 0, false, Controller.state(first, Accepted.getInstance()));
        peer.dispose(0, 0, false, Controller.state(second, Accepted.getInstance()));
        broker.settle();

        assertThat(detachCondition()).isEqualTo("amqp:transaction:rollback");
        assertThat(broker.partitions().totals().messages()).isEqualTo(1);
        assertOnlyTheLinkEnded();
    }

    /** §4.4.3: "If the link endpoint does not support transactional acquisition, the link MUST be terminated". */
    @Test
    void shouldEndTheLinkWhenMessagesAreToBeAcquiredInATransaction() {
        receive(1);
        Flow flow = new Flow();
        flow.setNextIncomingId(UnsignedInteger.ONE);
        flow.setIncomingWindow(UnsignedInteger.valueOf(100));
        flow.setNextOutgoingId(UnsignedInteger.ONE);
        flow.setOutgoingWindow(UnsignedInteger.valueOf(100));
        flow.setHandle(UnsignedInteger.valueOf(OUT));
        flow.setDeliveryCount(UnsignedInteger.ONE);
        flow.setLinkCredit(UnsignedInteger.valueOf(10));
        flow.setProperties(Map.of(Symbol.valueOf("txn-id"), controller.declare()));
        peer.say(flow);
        broker.settle();

        assertThat(detachCondition()).isEqualTo("amqp:not-implemented");
        assertOnlyTheLinkEnded();
    }

    @Test
    void shouldPassOverOtherPropertiesOfAFlow() {
        receive(0);
        Flow flow = new Flow();
        flow.setNextIncomingId(UnsignedInteger.ZERO);
        flow.setIncomingWindow(UnsignedInteger.valueOf(100));
        flow.setNextOutgoingId(UnsignedInteger.ONE);
        flow.setOutgoingWindow(UnsignedInteger.valueOf(100));
        flow.setHandle(UnsignedInteger.valueOf(OUT));
        flow.setDeliveryCount(UnsignedInteger.ZERO);
        flow.setLinkCredit(UnsignedInteger.valueOf(10));
        flow.setProperties(Map.of(Symbol.valueOf("x-mine"), UnsignedLong.valueOf(1)));
        peer.say(flow);
        peer.transfer(IN, 0, TestMessages.durable(4));
        broker.settle();

        assertThat(peer.numbers()).containsExactly(4);
    }

    // ---- Limits

    @Test
    void shouldRollBackWhenTheTransactionHasTooManyBytes() {
        connectTo(new Simulation(11, "transactions.max-bytes=1 KiB"));
        Binary transaction = controller.declare();
        controller.post(transaction, IN, 0, TestMessages.message(0, true, "", 600));
        controller.post(transaction, IN, 1, TestMessages.message(1, true, "", 600));
        broker.settle();
        TransactionalState provisional =
                (TransactionalState) controller.answer(1).orElseThrow();
        DeliveryState answer = controller.commit(transaction);

        assertThat(provisional.getTxnId()).isEqualTo(transaction);
        assertThat(condition((DeliveryState) provisional.getOutcome())).isEqualTo("amqp:resource-limit-exceeded");
        assertThat(condition(answer)).isEqualTo("amqp:transaction:rollback");
        assertThat(rejected(answer).getError().getDescription())
                .contains("transactions.max-bytes", "commit more often");
        assertThat(broker.partitions().totals().messages()).isZero();
    }

    @Test
    void shouldRollBackWhenTheTransactionHasTooManyOperations() {
        connectTo(new Simulation(11, "transactions.max-operations=3"));
        receive(4);
        Binary transaction = controller.declare();
        controller.accept(transaction, 0, 3);
        DeliveryState answer = controller.commit(transaction);

        assertThat(condition(answer)).isEqualTo("amqp:transaction:rollback");
        assertThat(rejected(answer).getError().getDescription()).contains("transactions.max-operations");
        assertThat(broker.partitions().totals().messages()).isEqualTo(4);
    }

    @Test
    void shouldRollBackWhenThereIsNoMemoryForOpenTransactions() {
        connectTo(new Simulation(11, 4_000));
        Binary transaction = controller.declare();
        for (int number = 0; number < 4; number++) {
            controller.post(transaction, IN, number, TestMessages.message(number, true, "", 600));
        }
        DeliveryState answer = controller.commit(transaction);
        assertThat(condition(answer)).isEqualTo("amqp:transaction:rollback");
        assertThat(rejected(answer).getError().getDescription()).contains("no memory");
        Binary next = controller.declare();
        controller.post(next, IN, 10, TestMessages.message(10, true, "", 600));

        assertThat(controller.commit(next)).as("the memory is free again").isInstanceOf(Accepted.class);
    }

    @Test
    void shouldAcceptTheRollbackOfATransactionThatCanNotBeCommitted() {
        connectTo(new Simulation(11, "transactions.max-operations=1"));
        Binary transaction = controller.declare();
        controller.post(transaction, IN, 0, TestMessages.durable(0));
        controller.post(transaction, IN, 1, TestMessages.durable(1));

        assertThat(controller.rollback(transaction)).isInstanceOf(Accepted.class);
    }

    // ---- Time-out

    @Test
    void shouldRollBackWhenTheTransactionTakesTooLong() {
        connectTo(new Simulation(11, "transactions.timeout=1 s"));
        receive(2);
        Binary transaction = controller.declare();
        controller.accept(transaction, 0, 0);
        controller.post(transaction, IN, 5, TestMessages.durable(5));
        broker.settle();
        for (int eighth = 0; eighth < 10; eighth++) {
            broker.pass(125);
        }
        assertThat(broker.partitions().totals().unsettled()).as("given back").isEqualTo(1);
        controller.post(transaction, IN, 6, TestMessages.durable(6));
        controller.accept(transaction, 1, 1);
        broker.settle();
        TransactionalState provisional =
                (TransactionalState) controller.answer(6).orElseThrow();
        DeliveryState answer = controller.commit(transaction);

        assertThat(condition((DeliveryState) provisional.getOutcome())).isEqualTo("amqp:transaction:timeout");
        assertThat(condition(answer)).isEqualTo("amqp:transaction:timeout");
        assertThat(rejected(answer).getError().getDescription()).contains("transactions.timeout");
        assertThat(broker.partitions().totals().messages()).isEqualTo(2);
        assertThat(broker.partitions().totals().unsettled()).isZero();
    }

    /** Clients declare one long before they need it: only work makes it old. */
    @Test
    void shouldKeepATransactionForAsLongAsNothingIsDoneInIt() {
        connectTo(new Simulation(11, "transactions.timeout=1 s"));
        Binary transaction = controller.declare();
        for (int second = 0; second < 10; second++) {
            broker.pass(1_000);
        }
        controller.post(transaction, IN, 5, TestMessages.durable(5));

        assertThat(controller.commit(transaction)).isInstanceOf(Accepted.class);
    }

    @Test
    void shouldNotTimeOutWhatWasDischargedInTime() {
        connectTo(new Simulation(11, "transactions.timeout=1 s"));
        for (int number = 0; number < 30; number++) {
            Binary transaction = controller.declare();
            controller.post(transaction, IN, number, TestMessages.durable(number));
            broker.settle();
            broker.pass(900);
            assertThat(controller.commit(transaction)).isInstanceOf(Accepted.class);
        }

        assertThat(broker.partitions().totals().messages()).isEqualTo(30);
    }

    private void assertOnlyTheLinkEnded() {
        assertThat(peer.heard(Detach.class)).hasSize(1);
        assertThat(peer.heard(End.class)).isEmpty();
        assertThat(peer.heard(Close.class)).isEmpty();
    }
}

package io.sterna.broker.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.amqp.codec.DecodeException;
import io.sterna.amqp.message.MessageSections;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Modified;
import org.apache.qpid.proton.amqp.messaging.Rejected;
import org.apache.qpid.proton.amqp.messaging.Released;
import org.apache.qpid.proton.amqp.messaging.Source;
import org.apache.qpid.proton.amqp.transaction.TransactionalState;
import org.apache.qpid.proton.amqp.transport.Attach;
import org.apache.qpid.proton.amqp.transport.DeliveryState;
import org.apache.qpid.proton.amqp.transport.Disposition;
import org.apache.qpid.proton.amqp.transport.ReceiverSettleMode;
import org.apache.qpid.proton.amqp.transport.Role;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Transactional work, and what commit and rollback make of it (AMQP 1.0 §4.4). */
class TransactionTest {
    private static final int CONTROL = 0;
    private static final int IN = 1;
    private static final int OUT = 2;
    private static final int OTHER_IN = 3;

    private final Simulation broker = new Simulation(7);
    private String address;

    /** On the other loop, and so in another partition. */
    private String elsewhere;

    private Peer peer;
    private Controller controller;
    private Peer watcher;

    @BeforeEach
    void connect() {
        address = broker.addressOn(0, "q");
        elsewhere = broker.addressOn(1, "p");
        peer = broker.connect(1);
        controller = new Controller(broker, peer, CONTROL);
        peer.send(address, IN);
        peer.send(elsewhere, OTHER_IN);
        watcher = broker.connect(0);
        broker.settle();
    }

    private void publish(int from, int to) {
        for (int number = from; number <= to; number++) {
            peer.transfer(IN, number, TestMessages.durable(number));
        }
        broker.settle();
    }

    /** The peer receives all there is. */
    private void receive(int credit) {
        Source source = Peer.source(address);
        Modified failed = new Modified();
        failed.setDeliveryFailed(true);
        source.setDefaultOutcome(failed);
        peer.say(Peer.receiver("receiver", OUT, source));
        peer.flow(OUT, 0, credit, false);
        broker.settle();
    }

    /** What is available to others now. */
    private List<Integer> available(String from) {
        Peer other = broker.connect(0);
        other.receive(from, 0);
        other.flow(0, 0, 1000, false);
        broker.settle();
        List<Integer> numbers = other.numbers();
        other.close();
        broker.settle();
        return numbers;
    }

    private static List<Integer> range(int from, int to) {
        return IntStream.rangeClosed(from, to).boxed().toList();
    }

    // ---- Posting, §4.4.1

    @Test
    void shouldMakeMessagesAvailableOnlyWhenTheTransactionIsDischarged() {
        Binary transaction = controller.declare();
        controller.post(transaction, IN, 0, TestMessages.durable(0));
        controller.post(transaction, IN, 1, TestMessages.volatileOne(1));
        broker.settle();
        assertThat(available(address)).isEmpty();

        assertThat(controller.commit(transaction)).isInstanceOf(Accepted.class);
        assertThat(available(address)).containsExactly(0, 1);
    }

    /** "the state of the delivery being a transactional-state with the correct transaction identified, and a terminal outcome" */
    @Test
    void shouldTellTheProvisionalOutcomeWithTheTransactionWhenAMessageIsPosted() {
        Binary transaction = controller.declare();
        controller.post(transaction, IN, 0, TestMessages.durable(0));
        broker.settle();

        Disposition disposition = Controller.answer(peer, 0).orElseThrow();
        assertThat(disposition.getSettled()).isTrue();
        TransactionalState state = (TransactionalState) disposition.getState();
        assertThat(state.getTxnId()).isEqualTo(transaction);
        assertThat(state.getOutcome()).isInstanceOf(Accepted.class);
    }

    @Test
    void shouldForgetPostedMessagesWhenTheTransactionIsRolledBack() {
        Binary transaction = controller.declare();
        controller.post(transaction, IN, 0, TestMessages.durable(0));
        assertThat(controller.rollback(transaction)).isInstanceOf(Accepted.class);

        assertThat(available(address)).isEmpty();
        assertThat(broker.partitions().totals().residentBytes()).isZero();
    }

    @Test
    void shouldPostWhatTheControllerHasSettled() {
        Binary transaction = controller.declare();
        controller.post(transaction, IN, 0, TestMessages.durable(0), true);
        assertThat(controller.commit(transaction)).isInstanceOf(Accepted.class);

        assertThat(available(address)).containsExactly(0);
    }

    /** §3.2.1, ttl: "based on the time of arrival at an intermediary". */
    @Test
    void shouldCountTimeToLiveFromTheArrivalOfTheMessage() throws DecodeException {
        Binary transaction = controller.declare();
        controller.post(transaction, IN, 0, TestMessages.mortal(0, 10_000));
        broker.settle();
        broker.pass(4_000);
        assertThat(controller.commit(transaction)).isInstanceOf(Accepted.class);
        receive(1);

        assertThat(MessageSections.scan(peer.messages().get(0)).ttlMillis()).hasValue(6_000);
    }

    @Test
    void shouldExpireAtOnceWhenTheTransactionTookLonger() {
        Binary transaction = controller.declare();
        controller.post(transaction, IN, 0, TestMessages.mortal(0, 10_000));
        controller.post(transaction, IN, 1, TestMessages.mortal(1, 20_000));
        broker.settle();
        broker.pass(10_001);
        assertThat(controller.commit(transaction)).isInstanceOf(Accepted.class);
        broker.pass(1);

        assertThat(available(address + "/$deadletterqueue")).containsExactly(0);
        assertThat(available(address)).containsExactly(1);
    }

    @Test
    void shouldGiveCreditAnewWhileTheTransactionIsOpen() {
        Binary transaction = controller.declare();
        for (int number = 0; number < 500; number++) {
            controller.post(transaction, IN, number, TestMessages.durable(number));
            broker.settle();
        }
        assertThat(controller.commit(transaction)).isInstanceOf(Accepted.class);

        assertThat(available(address)).isEqualTo(range(0, 499));
    }

    /** §4.4.4: after a successful discharge, the state of unsettled deliveries reflects the outcome that was applied. */
    @Test
    void shouldTellTheOutcomeItselfAfterTheDischargeWhenTheSenderHasNotSettled() {
        Attach attach = Peer.sender("second", 4, address);
        attach.setRcvSettleMode(ReceiverSettleMode.SECOND);
        peer.say(attach);
        broker.settle();
        Binary transaction = controller.declare();
        controller.post(transaction, 4, 0, TestMessages.durable(0));
        broker.settle();
        Disposition before = Controller.answer(peer, 0).orElseThrow();
        controller.commit(transaction);
        Disposition after = Controller.answer(peer, 0).orElseThrow();

        assertThat(before.getState()).isInstanceOf(TransactionalState.class);
        assertThat(before.getSettled()).isFalse();
        assertThat(after.getState()).isInstanceOf(Accepted.class);
        assertThat(after.getSettled()).isFalse();
    }

    @Test
    void shouldKeepThePostsOfALinkThatIsDetachedBeforeTheDischarge() {
        Binary transaction = controller.declare();
        controller.post(transaction, IN, 0, TestMessages.durable(0));
        peer.detach(IN, true);
        broker.settle();
        assertThat(controller.commit(transaction)).isInstanceOf(Accepted.class);

        assertThat(available(address)).containsExactly(0);
    }

    @Test
    void shouldPostWhereEachMessageSaysWhenTheLinkIsAnonymous() {
        peer.send("", 4);
        broker.settle();
        Binary transaction = controller.declare();
        controller.post(transaction, 4, 0, TestMessages.message(0, true, address, 0));
        controller.post(transaction, 4, 1, TestMessages.message(1, true, elsewhere, 0));
        // Not waiting for the provisional outcomes.
        assertThat(controller.commit(transaction)).isInstanceOf(Accepted.class);

        assertThat(available(address)).containsExactly(0);
        assertThat(available(elsewhere)).containsExactly(1);
    }

    @Test
    void shouldDoAllOrNothingWhenOneOfManyMessagesCannotBePosted() {
        Simulation strict = new Simulation(7, "queues.auto-create=known");
        Peer client = strict.connect(0);
        Controller its = new Controller(strict, client, CONTROL);
        client.send("known", IN);
        client.send("", OUT);
        strict.settle();
        Binary transaction = its.declare();
        its.post(transaction, IN, 0, TestMessages.durable(0));
        its.post(transaction, OUT, 1, TestMessages.message(1, true, "unknown", 0));
        strict.settle();
        TransactionalState provisional =
                (TransactionalState) Controller.answer(client, 1).orElseThrow().getState();
        DeliveryState answer = its.commit(transaction);

        assertThat(((Rejected) provisional.getOutcome())
                        .getError()
                        .getCondition()
                        .toString())
                .isEqualTo("amqp:not-found");
        assertThat(((Rejected) answer).getError().getCondition().toString()).isEqualTo("amqp:transaction:rollback");
        assertThat(((Rejected) answer).getError().getDescription()).contains("unknown");
        assertThat(strict.partitions().totals().messages()).isZero();
    }

    /** §4.4.4: what could not be processed must keep the transaction from being committed. */
    @Test
    void shouldNotCommitWithoutAMessageThatCameForALinkThatHadEnded() {
        Binary transaction = controller.declare();
        controller.post(transaction, IN, 0, TestMessages.durable(0));
        peer.say(Peer.sender("unused", 4, "$nothing"));
        controller.post(transaction, 4, 1, TestMessages.durable(1), true);
        DeliveryState answer = controller.commit(transaction);

        assertThat(((Rejected) answer).getError().getCondition().toString()).isEqualTo("amqp:transaction:rollback");
        assertThat(available(address)).isEmpty();
    }

    @Test
    void shouldCommitNothingWhenAQueueHasNoRoomForAll() {
        String policy = "queues.policies=[{match=\"small.*\",max-length=3,overflow=reject}]";
        Simulation limited = new Simulation(7, policy);
        Peer client = limited.connect(0);
        Controller its = new Controller(limited, client, CONTROL);
        client.send("small.one", IN);
        client.send("other", OUT);
        limited.settle();
        Binary first = its.declare();
        for (int number = 0; number < 4; number++) {
            its.post(first, IN, number, TestMessages.durable(number));
        }
        its.post(first, OUT, 4, TestMessages.durable(4));
        DeliveryState answer = its.commit(first);
        Binary second = its.declare();
        for (int number = 5; number < 8; number++) {
            its.post(second, IN, number, TestMessages.durable(number));
        }

        assertThat(((Rejected) answer).getError().getCondition().toString()).isEqualTo("amqp:transaction:rollback");
        assertThat(((Rejected) answer).getError().getDescription()).contains("small.one is full");
        assertThat(its.commit(second)).isInstanceOf(Accepted.class);
        assertThat(limited.partitions().totals().messages()).isEqualTo(3);
    }

    // ---- Retirement, §4.4.2

    @Test
    void shouldRetireDeliveriesWhenTheTransactionIsDischarged() {
        publish(0, 4);
        receive(10);
        Binary transaction = controller.declare();
        controller.accept(transaction, 0, 2);
        broker.settle();
        assertThat(broker.partitions().totals().messages()).isEqualTo(5);
        assertThat(controller.commit(transaction)).isInstanceOf(Accepted.class);

        assertThat(broker.partitions().totals().messages()).isEqualTo(2);
        assertThat(broker.partitions().totals().unsettled()).isEqualTo(2);
    }

    /** §4.4.4: what the controller has settled gets the default outcome, and so comes again, in order. */
    @Test
    void shouldApplyTheDefaultOutcomeToWhatWasSettledWhenRolledBack() {
        publish(0, 3);
        receive(3);
        Binary transaction = controller.declare();
        controller.accept(transaction, 0, 1);
        assertThat(controller.rollback(transaction)).isInstanceOf(Accepted.class);
        peer.flow(OUT, 3, 10, false);
        broker.settle();

        assertThat(peer.numbers()).containsExactly(0, 1, 2, 0, 1, 3);
    }

    /** "the deliveries will still be live and will remain acquired by the controller" */
    @Test
    void shouldLeaveWhatWasNotSettledWithTheControllerWhenRolledBack() {
        publish(0, 1);
        receive(10);
        Binary first = controller.declare();
        peer.dispose(0, 1, false, Controller.state(first, Accepted.getInstance()));
        controller.rollback(first);
        assertThat(peer.numbers()).containsExactly(0, 1);
        assertThat(broker.partitions().totals().unsettled()).isEqualTo(2);

        Binary second = controller.declare();
        peer.dispose(0, 0, false, Controller.state(second, Accepted.getInstance()));
        peer.dispose(1, 1, true, Released.getInstance());
        assertThat(controller.commit(second)).isInstanceOf(Accepted.class);
        assertThat(peer.numbers()).as("the released one again").containsExactly(0, 1, 1);
    }

    /** "the resource will apply the given outcome and may immediately settle the transfers" */
    @Test
    void shouldSettleWithTheOutcomeAfterTheDischargeWhenTheControllerHasNotSettled() {
        publish(0, 1);
        receive(10);
        Binary transaction = controller.declare();
        peer.dispose(0, 1, false, Controller.state(transaction, Accepted.getInstance()));
        broker.settle();
        assertThat(settlements()).isEmpty();
        controller.commit(transaction);

        assertThat(settlements()).hasSize(1);
        Disposition settled = settlements().get(0);
        assertThat(settled.getSettled()).isTrue();
        assertThat(settled.getState()).isInstanceOf(Accepted.class);
        assertThat(settled.getLast().intValue()).isEqualTo(1);
        assertThat(broker.partitions().totals().messages()).isZero();
    }

    private List<Disposition> settlements() {
        return peer.heard(Disposition.class).stream()
                .filter(disposition -> disposition.getRole() == Role.SENDER)
                .toList();
    }

    @Test
    void shouldTakeTheLastOutcomeWhenTheControllerChangesItInTheTransaction() {
        publish(0, 0);
        receive(1);
        Binary transaction = controller.declare();
        peer.dispose(0, 0, false, Controller.state(transaction, Released.getInstance()));
        peer.dispose(0, 0, false, Controller.state(transaction, Accepted.getInstance()));
        controller.commit(transaction);

        assertThat(broker.partitions().totals().messages()).isZero();
    }

    @Test
    void shouldKeepTheTransactionsOutcomeWhenTheControllerSettlesLater() {
        publish(0, 0);
        receive(1);
        Binary transaction = controller.declare();
        peer.dispose(0, 0, false, Controller.state(transaction, Accepted.getInstance()));
        peer.dispose(0, 0, true, null);
        broker.settle();
        assertThat(broker.partitions().totals().unsettled()).isEqualTo(1);
        controller.commit(transaction);

        assertThat(broker.partitions().totals().messages()).isZero();
    }

    @Test
    void shouldTakeADeliveryOutOfTheTransactionWhenItGetsAnOutcomeOutsideOfIt() {
        publish(0, 0);
        receive(1);
        Binary transaction = controller.declare();
        peer.dispose(0, 0, false, Controller.state(transaction, Accepted.getInstance()));
        peer.dispose(0, 0, true, Released.getInstance());
        broker.settle();
        assertThat(controller.commit(transaction)).isInstanceOf(Accepted.class);

        assertThat(available(address)).containsExactly(0);
    }

    @Test
    void shouldApplyEveryKindOfOutcomeWhenDischarged() {
        publish(0, 3);
        receive(4);
        Binary transaction = controller.declare();
        Modified failed = new Modified();
        failed.setDeliveryFailed(true);
        peer.dispose(0, 0, true, Controller.state(transaction, Accepted.getInstance()));
        peer.dispose(1, 1, true, Controller.state(transaction, Released.getInstance()));
        peer.dispose(2, 2, true, Controller.state(transaction, failed));
        peer.dispose(3, 3, true, Controller.state(transaction, new Rejected()));
        broker.settle();
        assertThat(broker.partitions().totals().unsettled()).isEqualTo(4);
        controller.commit(transaction);
        broker.crashAndRestart();

        assertThat(available(address)).containsExactly(1, 2);
        assertThat(available(address + "/$deadletterqueue")).containsExactly(3);
    }

    /** A closed consumer has no say any more, the transaction has. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldDecideOnDeliveriesOfAConsumerThatIsGone(boolean commit) {
        publish(0, 2);
        receive(10);
        Binary transaction = controller.declare();
        controller.accept(transaction, 0, 1);
        peer.detach(OUT, true);
        broker.settle();
        assertThat(available(address)).as("held").containsExactly(2);
        DeliveryState answer = commit ? controller.commit(transaction) : controller.rollback(transaction);

        assertThat(answer).isInstanceOf(Accepted.class);
        assertThat(available(address)).isEqualTo(commit ? List.of(2) : List.of(0, 1, 2));
    }

    @Test
    void shouldDecideOnDeliveriesThatAConsumerLeftUnsettled() {
        publish(0, 1);
        receive(10);
        Binary transaction = controller.declare();
        peer.dispose(0, 0, false, Controller.state(transaction, Accepted.getInstance()));
        peer.detach(OUT, true);
        controller.commit(transaction);

        assertThat(available(address)).containsExactly(1);
    }

    @Test
    void shouldGiveBackDeliveriesThatAConsumerLeftUnsettledWhenRolledBack() {
        publish(0, 1);
        receive(10);
        Binary transaction = controller.declare();
        peer.dispose(0, 0, false, Controller.state(transaction, Accepted.getInstance()));
        peer.detach(OUT, true);
        broker.settle();
        controller.rollback(transaction);

        assertThat(available(address)).containsExactly(0, 1);
    }

    // ---- Several queues, several transactions

    @Test
    void shouldMoveMessagesBetweenQueuesOfDifferentPartitions() {
        publish(0, 2);
        receive(10);
        Binary transaction = controller.declare();
        controller.accept(transaction, 0, 2);
        for (int number = 10; number < 13; number++) {
            controller.post(transaction, OTHER_IN, number, TestMessages.durable(number));
        }
        broker.settle();
        assertThat(available(elsewhere)).isEmpty();
        assertThat(controller.commit(transaction)).isInstanceOf(Accepted.class);

        assertThat(available(elsewhere)).containsExactly(10, 11, 12);
        assertThat(broker.partitions().totals().messages()).isEqualTo(3);
        broker.crashAndRestart();
        assertThat(available(elsewhere)).containsExactly(10, 11, 12);
        assertThat(available(address)).isEmpty();
    }

    @Test
    void shouldKeepTransactionsApartWhenSeveralAreOpenOnAControlLink() {
        Binary first = controller.declare();
        Binary second = controller.declare();
        Binary third = controller.declare();
        controller.post(first, IN, 0, TestMessages.durable(0));
        controller.post(second, IN, 1, TestMessages.durable(1));
        controller.post(first, IN, 2, TestMessages.durable(2));
        controller.post(third, IN, 3, TestMessages.durable(3));
        assertThat(controller.commit(second)).isInstanceOf(Accepted.class);
        assertThat(available(address)).containsExactly(1);
        assertThat(controller.rollback(first)).isInstanceOf(Accepted.class);
        assertThat(controller.commit(third)).isInstanceOf(Accepted.class);

        assertThat(available(address)).containsExactly(1, 3);
        assertThat(List.of(first, second, third)).doesNotHaveDuplicates();
    }

    /** §4.5.7 amqp:multi-ssns-per-txn. */
    @Test
    void shouldTakeWorkFromAnotherSessionOfTheConnection() {
        Binary transaction = controller.declare();
        peer.begin(5);
        peer.sayOn(5, Peer.sender("other-session", 0, address));
        broker.settle();
        var transfer = Peer.transfer(0, 0, false);
        transfer.setState(Controller.state(transaction));
        peer.sayOn(5, transfer, TestMessages.durable(9));
        broker.settle();
        assertThat(available(address)).isEmpty();
        assertThat(controller.commit(transaction)).isInstanceOf(Accepted.class);

        assertThat(available(address)).containsExactly(9);
    }

    // ---- What ends a transaction

    @Test
    void shouldRollBackWhenTheControlLinkIsDetached() {
        publish(0, 0);
        receive(1);
        Binary transaction = controller.declare();
        controller.accept(transaction, 0, 0);
        controller.post(transaction, IN, 1, TestMessages.durable(1));
        peer.detach(CONTROL, true);
        broker.settle();

        assertThat(available(address)).containsExactly(0);
    }

    @Test
    void shouldRollBackWhenTheSessionOfTheControlLinkEnds() {
        Binary transaction = controller.declare();
        peer.begin(5);
        peer.sayOn(5, Peer.sender("other-session", 0, address));
        broker.settle();
        var transfer = Peer.transfer(0, 0, false);
        transfer.setState(Controller.state(transaction));
        peer.sayOn(5, transfer, TestMessages.durable(9));
        peer.say(new org.apache.qpid.proton.amqp.transport.End());
        broker.settle();

        assertThat(available(address)).isEmpty();
        assertThat(broker.partitions().totals().residentBytes()).isZero();
    }

    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldRollBackWhenTheConnectionEnds(boolean inOrder) {
        publish(0, 1);
        receive(2);
        Binary transaction = controller.declare();
        controller.accept(transaction, 0, 1);
        controller.post(transaction, IN, 2, TestMessages.durable(2));
        broker.settle();
        if (inOrder) {
            peer.close();
        } else {
            peer.cut();
        }
        broker.settle();

        assertThat(available(address)).containsExactly(0, 1);
        assertThat(broker.partitions().totals().unsettled()).isZero();
    }

    @Test
    void shouldForgetWhatWasNotDischargedWhenThePowerGoes() {
        publish(0, 1);
        receive(2);
        Binary transaction = controller.declare();
        controller.accept(transaction, 0, 0);
        controller.post(transaction, IN, 2, TestMessages.durable(2));
        broker.settle();
        broker.crashAndRestart();

        assertThat(available(address)).containsExactly(0, 1);
    }

    @Test
    void shouldRememberWhatWasCommittedWhenThePowerGoes() {
        publish(0, 1);
        receive(2);
        Binary transaction = controller.declare();
        controller.accept(transaction, 0, 0);
        controller.post(transaction, IN, 2, TestMessages.durable(2));
        controller.commit(transaction);
        broker.crashAndRestart();

        assertThat(available(address)).containsExactly(1, 2);
    }

    @Test
    void shouldAnswerTheDischargeOnlyWhenItIsDurable() {
        Binary transaction = controller.declare();
        controller.post(transaction, IN, 0, TestMessages.durable(0));
        broker.settle();
        broker.store().holdBack();
        int id = controller.discharge(transaction, false);
        broker.settle();
        assertThat(controller.answer(id)).isEmpty();
        assertThat(watcher.numbers()).isEmpty();
        broker.store().release();
        broker.settle();

        assertThat(controller.answer(id)).get().isInstanceOf(Accepted.class);
    }
}

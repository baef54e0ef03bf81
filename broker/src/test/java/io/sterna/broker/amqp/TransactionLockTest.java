package io.sterna.broker.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Rejected;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Deliveries with a lock duration that a transaction settles (AMQP 1.0 §4.4.2). */
class TransactionLockTest {
    private static final int CONTROL = 0;
    private static final int IN = 1;
    private static final int OUT = 2;
    private static final int RESULTS = 3;
    private static final long LOCK_MILLIS = 5_000;

    private final Simulation broker = new Simulation(3, "queues.policies=[{match=\"locked.*\", lock-duration=5 s}]");
    private String address;
    private Peer peer;
    private Controller controller;

    @BeforeEach
    void receiveOne() {
        broker.pass(1_000);
        address = broker.addressOn(0, "locked.");
        peer = broker.connect(1);
        controller = new Controller(broker, peer, CONTROL);
        peer.send(address, IN);
        broker.settle();
        peer.transfer(IN, 0, TestMessages.durable(0));
        broker.settle();
        peer.receive(address, OUT);
        peer.flow(OUT, 0, 1, false);
        broker.settle();
        assertThat(peer.numbers()).containsExactly(0);
    }

    private List<Integer> available(String from) {
        Peer other = broker.connect(0);
        other.receive(from, 0);
        other.flow(0, 0, 10, false);
        broker.settle();
        List<Integer> numbers = other.numbers();
        other.close();
        broker.settle();
        return numbers;
    }

    private Binary work(String results) {
        peer.send(results, RESULTS);
        broker.settle();
        Binary transaction = controller.declare();
        controller.post(transaction, RESULTS, 2, TestMessages.durable(9));
        peer.dispose(0, 0, false, Controller.state(transaction, Accepted.getInstance()));
        broker.settle();
        return transaction;
    }

    @Test
    void shouldCommitWhenTheLockHasNotEnded() {
        String results = broker.addressOn(0, "results");
        Binary transaction = work(results);
        broker.pass(LOCK_MILLIS - 1);
        assertThat(controller.commit(transaction)).isInstanceOf(Accepted.class);
        broker.pass(LOCK_MILLIS);

        assertThat(available(address)).isEmpty();
        assertThat(available(results)).containsExactly(9);
    }

    /** Else the message would be processed twice, and its results be there twice, with both commits well. */
    @Test
    void shouldRefuseToCommitWhenADeliveryWasTakenBackMeanwhile() {
        String results = broker.addressOn(0, "results");
        Binary transaction = work(results);
        broker.pass(LOCK_MILLIS);
        broker.pass(1);

        Rejected rejected = (Rejected) controller.commit(transaction);
        assertThat(rejected.getError().getDescription()).contains("lock-duration");
        assertThat(available(results)).isEmpty();
        assertThat(available(address)).containsExactly(0);
    }

    /** The client has the message twice then, and would process it once more. */
    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    void shouldRefuseToCommitWhenTheSameLinkHasGotTheMessageAgain(boolean settled) {
        peer.flow(OUT, 0, 10, false);
        Binary transaction = controller.declare();
        peer.dispose(0, 0, settled, Controller.state(transaction, Accepted.getInstance()));
        broker.settle();
        broker.pass(LOCK_MILLIS + 1);
        assertThat(peer.numbers()).containsExactly(0, 0);

        Rejected rejected = (Rejected) controller.commit(transaction);
        assertThat(rejected.getError().getDescription()).contains("lock-duration");
        assertThat(available(address)).isEmpty();
        peer.dispose(1, 1, true, Accepted.getInstance());
        broker.settle();
        assertThat(broker.partitions().totals().messages()).isZero();
    }

    @Test
    void shouldRefuseToCommitInSeveralPartitionsWhenADeliveryWasTakenBackMeanwhile() {
        String results = broker.addressOn(1, "results");
        Binary transaction = work(results);
        broker.pass(LOCK_MILLIS);
        broker.pass(1);

        assertThat(controller.commit(transaction)).isInstanceOf(Rejected.class);
        assertThat(available(results)).isEmpty();
        assertThat(available(address)).containsExactly(0);
    }

    @Test
    void shouldTakeADeliveryBackWhenItsLockEndsAfterARollback() {
        Binary transaction = work(broker.addressOn(1, "results"));
        assertThat(controller.rollback(transaction)).isInstanceOf(Accepted.class);
        assertThat(available(address)).isEmpty();
        broker.pass(LOCK_MILLIS);
        broker.pass(1);

        assertThat(available(address)).containsExactly(0);
    }

    /** So many that locks of what is settled are forgotten meanwhile, and only those. */
    @Test
    void shouldTakeBackWhatIsUnsettledWhenTransactionsHaveSettledManyOthers() {
        peer.flow(OUT, 0, 200, false);
        for (int number = 1; number <= 150; number++) {
            peer.transfer(IN, number, TestMessages.durable(number));
            broker.settle();
            Binary transaction = controller.declare();
            controller.accept(transaction, number, number);
            assertThat(controller.commit(transaction)).isInstanceOf(Accepted.class);
        }
        assertThat(peer.numbers()).hasSize(151);
        broker.pass(LOCK_MILLIS);
        broker.pass(1);

        assertThat(peer.numbers()).hasSize(152).endsWith(0);
    }
}

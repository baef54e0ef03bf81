package io.sterna.broker.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.Symbol;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Modified;
import org.apache.qpid.proton.amqp.messaging.Rejected;
import org.apache.qpid.proton.amqp.transport.ErrorCondition;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * What recovery makes of a transaction over several partitions is what its commit would have made: outcomes that take
 * messages to the dead letters do so, and times count from the commit.
 */
class TransactionRecoveryTest {
    private static final String POLICIES = "queues.policies=[{match=\"failing.#\",max-deliveries=1},"
            + "{match=\"dropping.#\",dead-letter=false},{match=\"delaying.#\",redelivery-delay=60 s}]";
    private static final String DEAD_LETTERS = "/$deadletterqueue";

    /** More than a commit and its recovery take. */
    private static final int STEPS = 100;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4, 5})
    void shouldGiveOutcomesToDeadLettersWhenThePowerGoesAtAnyStep(int seed) {
        TreeSet<Boolean> happened = new TreeSet<>();
        for (int steps = 0; steps < STEPS; steps++) {
            happened.add(new Run(seed).commitAndCrash(steps, 0));
        }

        assertThat(happened).as("both were tried").containsExactly(false, true);
    }

    @ParameterizedTest
    @ValueSource(ints = {6, 7, 8})
    void shouldGiveOutcomesToDeadLettersWhenThePowerGoesAgainDuringRecovery(int seed) {
        for (int steps = 20; steps < STEPS; steps += 3) {
            for (int again = 1; again < 40; again += 4) {
                new Run(seed).commitAndCrash(steps, again);
            }
        }
    }

    /** AMQP 1.0 §3.2.1: ttl counts from the arrival of the message, here some seconds before the commit. */
    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void shouldLetMessagesExpireInTimeWhenTheirTransactionIsRecovered(int seed) {
        TreeSet<Integer> delivered = new TreeSet<>();
        for (int steps = 0; steps < STEPS; steps++) {
            Run run = new Run(seed);
            run.commitOfMessagesThatLive(10_000, steps);
            run.broker.crashAndRestart();
            run.broker.pass(6_001);
            for (String address : run.addresses) {
                delivered.addAll(run.drain(address));
            }
        }

        assertThat(delivered).as("only what was there before").containsExactly(0, 1, 2, 3);
    }

    private static final class Run {
        private final Simulation broker;
        private final List<String> addresses = new ArrayList<>();
        private final Peer peer;
        private final Controller controller;

        Run(int seed) {
            broker = new Simulation(seed, POLICIES);
            addresses.add(broker.addressOn(0, "rejecting.q"));
            addresses.add(broker.addressOn(1, "failing.q"));
            addresses.add(broker.addressOn(seed % 2, "dropping.q"));
            addresses.add(broker.addressOn(seed / 2 % 2, "delaying.q"));
            peer = broker.connect(seed % 2);
            controller = new Controller(broker, peer, 0);
            for (int queue = 0; queue < addresses.size(); queue++) {
                peer.send(addresses.get(queue), 1 + queue);
                peer.receive(addresses.get(queue), 11 + queue);
            }
            broker.settle();
            for (int queue = 0; queue < addresses.size(); queue++) {
                peer.transfer(1 + queue, queue, TestMessages.durable(queue));
                peer.flow(11 + queue, 0, 1, false);
                broker.settle();
            }
        }

        /** Returns whether the transaction has happened. */
        boolean commitAndCrash(int steps, int stepsOfRecovery) {
            Binary transaction = controller.declare();
            Rejected rejected = new Rejected();
            rejected.setError(new ErrorCondition(Symbol.valueOf("app:bad"), "can't be read"));
            Modified failed = new Modified();
            failed.setDeliveryFailed(true);
            peer.dispose(0, 0, true, Controller.state(transaction, rejected));
            peer.dispose(1, 1, true, Controller.state(transaction, failed));
            peer.dispose(2, 2, true, Controller.state(transaction, rejected));
            peer.dispose(3, 3, true, Controller.state(transaction, failed));
            for (int queue = 0; queue < addresses.size(); queue++) {
                controller.post(transaction, 1 + queue, 100 + queue, TestMessages.durable(100 + queue));
            }
            boolean answered = discharge(transaction, steps);
            broker.crashAndRestart();
            if (stepsOfRecovery > 0) {
                for (int step = 0; step < stepsOfRecovery && broker.step(); step++) {}
                broker.crashAndRestart();
            }
            broker.settle();
            List<List<Integer>> found = addresses.stream().map(this::drain).toList();
            List<Integer> rejectedOnes = drain(addresses.get(0) + DEAD_LETTERS, "app:bad", "can't be read");
            List<Integer> failedOnes = drain(addresses.get(1) + DEAD_LETTERS, "max-deliveries", "1 deliveries");
            if (answered || found.get(0).contains(100)) {
                assertThat(found).containsExactly(List.of(100), List.of(101), List.of(102), List.of(103));
                assertThat(rejectedOnes).containsExactly(0);
                assertThat(failedOnes).containsExactly(1);
                assertThat(broker.partitions().totals().messages())
                        .as("dead letters, posts, and the one that is delayed")
                        .isEqualTo(7);
                return true;
            }
            assertThat(found).containsExactly(List.of(0), List.of(1), List.of(2), List.of(3));
            assertThat(rejectedOnes).isEmpty();
            assertThat(failedOnes).isEmpty();
            return false;
        }

        void commitOfMessagesThatLive(int millis, int steps) {
            Binary transaction = controller.declare();
            byte[] message = TestMessages.mortal(100, millis);
            for (int queue = 0; queue < addresses.size(); queue++) {
                controller.post(transaction, 1 + queue, 100 + queue, message);
            }
            broker.settle();
            broker.pass(4_000);
            discharge(transaction, steps);
        }

        private boolean discharge(Binary transaction, int steps) {
            broker.settle();
            int discharge = controller.discharge(transaction, false);
            for (int step = 0; step < steps && broker.step(); step++) {}
            controller.answer(discharge).ifPresent(answer -> assertThat(answer).isInstanceOf(Accepted.class));
            return controller.answer(discharge).isPresent();
        }

        /** What is in a queue, and stays there. */
        private List<Integer> drain(String address, String... words) {
            Peer other = broker.connect(0);
            other.receive(address, 0);
            other.flow(0, 0, 1000, false);
            broker.settle();
            for (byte[] message : other.messages()) {
                String text = new String(message, StandardCharsets.ISO_8859_1);
                assertThat(List.of(words)).allMatch(text::contains);
            }
            return other.numbers();
        }
    }
}

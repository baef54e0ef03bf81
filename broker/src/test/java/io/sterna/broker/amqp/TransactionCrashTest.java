package io.sterna.broker.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Modified;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * The power goes at every step of a commit over three partitions, and again while that is recovered from: all of the
 * transaction has happened or nothing, and all of it when the client was told so.
 */
class TransactionCrashTest {
    private static final int SEEDS = 12;

    /** More than a commit and its recovery take. */
    private static final int STEPS = 90;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void shouldDoAllOrNothingWhenThePowerGoesAtAnyStep(int block) {
        TreeSet<Boolean> happened = new TreeSet<>();
        for (int seed = block * SEEDS; seed < (block + 1) * SEEDS; seed++) {
            for (int steps = 0; steps < STEPS; steps++) {
                happened.add(commitAndCrash(seed, steps, 0));
            }
        }

        assertThat(happened).as("both were tried").containsExactly(false, true);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void shouldDoAllOrNothingWhenThePowerGoesAgainDuringRecovery(int block) {
        for (int seed = block; seed < block + 2; seed++) {
            for (int steps = 10; steps < STEPS; steps += 2) {
                for (int again = 1; again < 16; again += 2) {
                    commitAndCrash(seed, steps, again);
                }
            }
        }
    }

    @Tag("long")
    @Test
    void shouldDoAllOrNothingForThousandsOfSeeds() {
        for (int seed = 1_000; seed < 1_400; seed++) {
            for (int steps = 0; steps < STEPS; steps++) {
                commitAndCrash(seed, steps, seed % 3 == 0 ? 1 + seed % 11 : 0);
            }
        }
    }

    /** Returns whether the transaction has happened. */
    private static boolean commitAndCrash(int seed, int steps, int stepsOfRecovery) {
        try {
            return new Run(seed).commitAndCrash(steps, stepsOfRecovery);
        } catch (RuntimeException | AssertionError failure) {
            throw new AssertionError(
                    "seed " + seed + ", " + steps + " steps, " + stepsOfRecovery + " steps of recovery", failure);
        }
    }

    private static final class Run {
        private final Simulation broker;
        private final List<String> addresses = new ArrayList<>();
        private final Peer peer;
        private final Controller controller;

        Run(int seed) {
            broker = new Simulation(seed);
            addresses.add(broker.addressOn(0, "a"));
            addresses.add(broker.addressOn(1, "b"));
            addresses.add(broker.addressOn(seed % 2, "c"));
            peer = broker.connect(seed % 2);
            controller = new Controller(broker, peer, 0);
            for (int queue = 0; queue < 3; queue++) {
                peer.send(addresses.get(queue), 1 + queue);
            }
            broker.settle();
            // Messages 0 and 1 in each queue; 1 stays.
            for (int queue = 0; queue < 3; queue++) {
                peer.transfer(1 + queue, 10 * queue, TestMessages.durable(10 * queue));
                peer.transfer(1 + queue, 10 * queue + 1, TestMessages.durable(10 * queue + 1));
            }
            broker.settle();
            for (int queue = 0; queue < 3; queue++) {
                peer.receive(addresses.get(queue), 11 + queue);
                peer.flow(11 + queue, 0, 1, false);
                broker.settle();
            }
        }

        boolean commitAndCrash(int steps, int stepsOfRecovery) {
            Binary transaction = controller.declare();
            Modified failed = new Modified();
            failed.setDeliveryFailed(true);
            controller.accept(transaction, 0, 0);
            controller.accept(transaction, 1, 1);
            peer.dispose(2, 2, true, Controller.state(transaction, failed));
            for (int queue = 0; queue < 3; queue++) {
                controller.post(transaction, 1 + queue, 100 + queue, TestMessages.durable(100 + queue));
            }
            broker.settle();
            int discharge = controller.discharge(transaction, false);
            for (int step = 0; step < steps && broker.step(); step++) {}
            boolean answered = controller.answer(discharge).isPresent();
            if (answered) {
                assertThat(controller.answer(discharge).orElseThrow()).isInstanceOf(Accepted.class);
            }
            broker.crashAndRestart();
            if (stepsOfRecovery > 0) {
                for (int step = 0; step < stepsOfRecovery && broker.step(); step++) {}
                broker.crashAndRestart();
            }
            broker.settle();
            List<List<Integer>> found = addresses.stream().map(this::drain).toList();
            if (answered || found.get(0).contains(100)) {
                assertThat(found).containsExactly(List.of(1, 100), List.of(11, 101), List.of(20, 21, 102));
                return true;
            }
            assertThat(found).containsExactly(List.of(0, 1), List.of(10, 11), List.of(20, 21));
            return false;
        }

        private List<Integer> drain(String address) {
            Peer other = broker.connect(0);
            other.receive(address, 0);
            other.flow(0, 0, 1000, false);
            broker.settle();
            return other.numbers();
        }
    }
}

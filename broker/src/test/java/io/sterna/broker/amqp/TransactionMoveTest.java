package io.sterna.broker.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.apache.qpid.proton.amqp.Binary;
import org.apache.qpid.proton.amqp.messaging.Accepted;
import org.apache.qpid.proton.amqp.messaging.Modified;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Partitions that have parts of one transaction come to different nodes, at every step of its commit: all of it has happened
 * or nothing, and all of it when the client was told so. Nothing of it is left in the store then.
 */
class TransactionMoveTest {
    /** More than a commit takes, and opening partitions elsewhere. */
    private static final int STEPS = 80;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void shouldDoAllOrNothingWhenPartitionsOpenAtDifferentNodesAfterACrash(int block) {
        TreeSet<Boolean> happened = new TreeSet<>();
        for (int seed = block * 4; seed < block * 4 + 4; seed++) {
            for (int steps = 0; steps < STEPS; steps++) {
                happened.add(new Run(seed).commitAndCrash(steps));
            }
        }

        assertThat(happened).as("both were tried").containsExactly(false, true);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void shouldDoAllOrNothingWhenTheyCrashOrMoveAgainWhileTheyAsk(int block) {
        for (int seed = block * 2; seed < block * 2 + 2; seed++) {
            for (int steps = 10; steps < STEPS; steps += 2) {
                for (int again = 1 + steps % 5; again < 30; again += 5) {
                    new Run(seed).commitAndCrashTwice(steps, again);
                    new Run(seed).commitCrashAndMove(steps, again);
                }
            }
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2})
    void shouldDoAllOrNothingWhenAPartitionMovesDuringTheCommit(int moving) {
        TreeSet<Boolean> happened = new TreeSet<>();
        for (int seed = 0; seed < 8; seed++) {
            for (int steps = 0; steps < STEPS; steps++) {
                happened.add(new Run(seed).commitAndMove(steps, moving));
            }
        }

        assertThat(happened).as("both were tried").containsExactly(false, true);
    }

    @Test
    void shouldGiveNobodyWhatIsPreparedUntilItIsKnownWhatWasDecided() {
        Set<Boolean> happened = new HashSet<>();
        for (int seed = 0; seed < 8; seed++) {
            for (int steps = 0; steps < STEPS; steps++) {
                happened.addAll(new Run(seed).openTheDecidingOneLast(steps));
            }
        }

        assertThat(happened).as("both were tried while prepared").containsExactlyInAnyOrder(false, true);
    }

    @Tag("long")
    @Test
    void shouldDoAllOrNothingForThousandsOfSeeds() {
        for (int seed = 1_000; seed < 1_300; seed++) {
            for (int steps = 0; steps < STEPS; steps++) {
                new Run(seed).commitAndCrash(steps);
                new Run(seed).commitAndCrashTwice(steps, 1 + seed % 29);
                new Run(seed).commitCrashAndMove(steps, 1 + seed % 31);
                new Run(seed).commitAndMove(steps, seed % 3);
            }
        }
    }

    private static final class Run {
        private final int seed;
        private final MovingNodes nodes;
        private final List<String> addresses = new ArrayList<>();
        private final List<Integer> partitions = new ArrayList<>();
        private final Peer peer;
        private final Controller controller;

        /** Three queues of node 0 with two messages each, of which a client has the first. */
        Run(int seed) {
            this.seed = seed;
            nodes = new MovingNodes(seed);
            for (int queue = 0; queue < 3; queue++) {
                addAddress("queue-" + queue + "-", (seed >> queue) % 2);
            }
            partitions.forEach(partition -> nodes.open(partition, 0));
            Simulation broker = nodes.node(0);
            peer = broker.connect(seed % 2);
            controller = new Controller(broker, peer, 0);
            for (int queue = 0; queue < 3; queue++) {
                peer.send(addresses.get(queue), 1 + queue);
            }
            broker.settle();
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

        private void addAddress(String name, int loop) {
            for (int number = 0; ; number++) {
                String address = nodes.node(0).addressOn(loop, name + number + "-");
                int partition = nodes.partitionOf(address);
                if (!partitions.contains(partition)) {
                    addresses.add(address);
                    partitions.add(partition);
                    return;
                }
            }
        }

        /** Returns whether the client was told that it is committed. */
        private boolean commit(int steps) {
            Binary transaction = controller.declare();
            Modified failed = new Modified();
            failed.setDeliveryFailed(true);
            controller.accept(transaction, 0, 0);
            controller.accept(transaction, 1, 1);
            peer.dispose(2, 2, true, Controller.state(transaction, failed));
            for (int queue = 0; queue < 3; queue++) {
                controller.post(transaction, 1 + queue, 100 + queue, TestMessages.durable(100 + queue));
            }
            nodes.settle();
            int discharge = controller.discharge(transaction, false);
            for (int step = 0; step < steps && nodes.step(); step++) {}
            return controller
                    .answer(discharge)
                    .filter(Accepted.class::isInstance)
                    .isPresent();
        }

        /** The partition that decides comes to one node, one or both of the others to the other one. */
        private void openApart(int how) {
            for (int queue = 0; queue < 3; queue++) {
                nodes.open(partitions.get(queue), ((1 + how % 3) >> queue & 1) ^ (how >> 2 & 1));
            }
        }

        boolean commitAndCrash(int steps) {
            boolean answered = commit(steps);
            nodes.crash();
            openApart(seed);
            return check(answered, steps);
        }

        void commitAndCrashTwice(int steps, int again) {
            boolean answered = commit(steps);
            nodes.crash();
            openApart(seed);
            for (int step = 0; step < again && nodes.step(); step++) {}
            nodes.crash();
            openApart(seed + 1 + again);
            check(answered, steps);
        }

        void commitCrashAndMove(int steps, int again) {
            boolean answered = commit(steps);
            nodes.crash();
            openApart(seed);
            int moving = partitions.get(again % 3);
            for (int step = 0; step < again && nodes.step(); step++) {}
            int to = nodes.ownerOf(moving) == nodes.node(0) ? 1 : 0;
            nodes.close(moving);
            nodes.open(moving, to);
            check(answered, steps);
        }

        boolean commitAndMove(int steps, int moving) {
            boolean answered = commit(steps);
            nodes.close(partitions.get(moving));
            nodes.open(partitions.get(moving), 1);
            nodes.settle();
            nodes.pass(1_000);
            peer.close();
            return check(answered, steps);
        }

        /** Returns whether it has happened, of those cases in which something was prepared. */
        Set<Boolean> openTheDecidingOneLast(int steps) {
            boolean answered = commit(steps);
            nodes.crash();
            nodes.open(partitions.get(1), 1);
            nodes.open(partitions.get(2), 1);
            nodes.pass(5_000);
            List<Integer> before = drain(1);
            assertThat(before).isSubsetOf(10, 11, 101).contains(11);
            boolean prepared = !before.contains(10) && !before.contains(101);
            nodes.open(partitions.get(0), 0);
            boolean happened = check(answered, steps);
            return prepared ? Set.of(happened) : Set.of();
        }

        private boolean check(boolean answered, int steps) {
            for (int count = 0; count < 40; count++) {
                nodes.pass(1_000);
            }
            List<List<Integer>> found = List.of(drain(0), drain(1), drain(2));
            boolean happened = answered || found.get(0).contains(100);
            assertThat(found)
                    .as("seed %d, %d steps", seed, steps)
                    .isEqualTo(
                            happened
                                    ? List.of(List.of(1, 100), List.of(11, 101), List.of(20, 21, 102))
                                    : List.of(List.of(0, 1), List.of(10, 11), List.of(20, 21)));
            assertThat(nodes.store().values())
                    .as("what is left of it, seed %d, %d steps", seed, steps)
                    .isZero();
            return happened;
        }

        /** What is in a queue, and stays there. */
        private List<Integer> drain(int queue) {
            Simulation owner = nodes.ownerOf(partitions.get(queue));
            Peer other = owner.connect(0);
            other.receive(addresses.get(queue), 0);
            other.flow(0, 0, 1000, false);
            nodes.settle();
            List<Integer> numbers = other.numbers();
            other.close();
            nodes.settle();
            return numbers;
        }
    }
}

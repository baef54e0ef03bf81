package io.sterna.broker.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Clients move tokens between queues, in transactions that they commit, roll back or lose, while links, connections and the
 * power go: each token is always in one place.
 */
class TransactionInvariantTest {
    private static final int SEEDS = 12;
    private static final int TOKENS = 40;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void shouldKeepEachTokenInOnePlaceWhenClientsDoAnything(int block) {
        for (int seed = block * SEEDS; seed < (block + 1) * SEEDS; seed++) {
            run(seed, false);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3})
    void shouldKeepEachTokenInOnePlaceWhenThePowerGoesToo(int block) {
        for (int seed = block * SEEDS; seed < (block + 1) * SEEDS; seed++) {
            run(seed, true);
        }
    }

    @Tag("long")
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void shouldKeepEachTokenInOnePlaceForThousandsOfSeeds(boolean crashes) {
        for (int seed = 1_000; seed < 3_000; seed++) {
            run(seed, crashes);
        }
    }

    private static void run(int seed, boolean crashes) {
        try {
            new Run(seed, crashes).run();
        } catch (RuntimeException | AssertionError failure) {
            throw new AssertionError("seed " + seed + ", crashes " + crashes, failure);
        }
    }

    private static final class Run {
        private final Simulation broker;
        private final boolean crashes;
        private final List<String> addresses = new ArrayList<>();
        private final List<TokenMover> movers = new ArrayList<>();

        Run(int seed, boolean crashes) {
            broker = new Simulation(seed);
            this.crashes = crashes;
            for (int queue = 0; queue < 4; queue++) {
                addresses.add(broker.addressOn(queue % 2, "q" + queue));
            }
            Peer producer = broker.connect(0);
            for (int queue = 0; queue < 4; queue++) {
                producer.send(addresses.get(queue), queue);
            }
            broker.settle();
            for (int token = 0; token < TOKENS; token++) {
                producer.transfer(token % 4, token, message(token));
                broker.settle();
            }
            producer.close();
            broker.settle();
        }

        private byte[] message(int token) {
            return crashes || token % 3 > 0 ? TestMessages.durable(token) : TestMessages.volatileOne(token);
        }

        void run() {
            connect();
            for (int round = 0; round < 900; round++) {
                int choice = broker.random().nextInt(crashes ? 400 : 399);
                if (choice == 399) {
                    broker.crashAndRestart();
                    connect();
                } else if (choice % 3 == 0) {
                    movers.get(choice % movers.size()).act();
                } else {
                    broker.step();
                }
            }
            broker.settle();
            assertThat(movers).noneMatch(TokenMover::asking);
            if (!crashes) {
                long moved = movers.stream().mapToInt(TokenMover::committed).sum();
                assertThat(moved).isPositive();
            }
            movers.forEach(TokenMover::end);
            broker.settle();
            assertThat(broker.partitions().problem()).isEmpty();
            assertThat(broker.partitions().totals().unsettled()).isZero();
            assertThat(drain())
                    .containsExactlyInAnyOrderElementsOf(
                            IntStream.range(0, TOKENS).boxed().toList());
        }

        private void connect() {
            movers.clear();
            for (int number = 0; number < 3; number++) {
                movers.add(new TokenMover(broker, addresses, this::message));
            }
            broker.settle(); // Attaching takes many steps; what is random begins after it.
        }

        private List<Integer> drain() {
            List<Integer> found = new ArrayList<>();
            for (String address : addresses) {
                Peer peer = broker.connect(0);
                peer.receive(address, 0);
                peer.flow(0, 0, 1000, false);
                broker.settle();
                found.addAll(peer.numbers());
            }
            return found;
        }
    }
}

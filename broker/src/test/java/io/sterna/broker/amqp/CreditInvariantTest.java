package io.sterna.broker.amqp;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.broker.partition.PartitionTotals;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Whatever consumers do, in whatever order the loops get to it: credit granted is deliveries sent, credit given up and
 * credit outstanding; and each message is consumed exactly once.
 */
class CreditInvariantTest {
    private static final int SEEDS = 30;
    private static final int MESSAGES = 120;

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4})
    void shouldKeepTheAccountWhenConsumersDoAnything(int block) {
        for (int seed = block * SEEDS; seed < (block + 1) * SEEDS; seed++) {
            run(seed, Simulation.PLENTY_BYTES);
        }
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 2, 3, 4})
    void shouldKeepTheAccountWhenThereIsRoomForFewMessages(int block) {
        for (int seed = block * SEEDS; seed < (block + 1) * SEEDS; seed++) {
            run(seed, 200);
        }
    }

    @Tag("long")
    @ParameterizedTest
    @ValueSource(longs = {Simulation.PLENTY_BYTES, 200, 2000})
    void shouldKeepTheAccountForThousandsOfSeeds(long memoryBytes) {
        for (int seed = 1_000; seed < 3_000; seed++) {
            run(seed, memoryBytes);
        }
    }

    private static void run(int seed, long memoryBytes) {
        try {
            new Run(seed, memoryBytes).run();
        } catch (RuntimeException | AssertionError failure) {
            throw new AssertionError("seed " + seed + ", memory " + memoryBytes, failure);
        }
    }

    private static final class Run {
        private final Simulation broker;
        private final String address;
        private final Map<Integer, Integer> consumed = new HashMap<>();
        private final List<ModelConsumer> consumers = new ArrayList<>();
        private final Peer producer;
        private int sent;

        Run(int seed, long memoryBytes) {
            broker = new Simulation(seed, memoryBytes);
            address = broker.addressOn(broker.random().nextInt(2), "q");
            producer = broker.connect(broker.random().nextInt(2));
            producer.send(address, 0);
            for (int number = 0; number < 3; number++) {
                consumers.add(new ModelConsumer(broker, address, consumed));
            }
            broker.settle();
        }

        void run() {
            for (int round = 0; round < 1_500; round++) {
                switch (broker.random().nextInt(4)) {
                    case 0 -> publish();
                    case 1 -> consumers.get(broker.random().nextInt(3)).act();
                    default -> broker.step();
                }
            }
            broker.settle();
            checkAccounts();
            checkCreditIsGood();
            drainQueue();
        }

        private void publish() {
            if (sent < Math.min(MESSAGES, producer.limit(0))) {
                boolean durable = broker.random().nextBoolean();
                producer.transfer(0, sent, durable ? TestMessages.durable(sent) : TestMessages.volatileOne(sent));
                sent++;
            }
        }

        private void checkAccounts() {
            assertThat(consumers).noneMatch(ModelConsumer::linkLost);
            assertThat(consumers).noneMatch(ModelConsumer::drainUnanswered);
            PartitionTotals totals = broker.partitions().totals();
            assertThat(totals.consumers()).isEqualTo(3);
            assertThat(totals.credit())
                    .isEqualTo(
                            consumers.stream().mapToInt(ModelConsumer::credit).sum());
            assertThat(totals.unsettled())
                    .isEqualTo(consumers.stream()
                            .mapToInt(ModelConsumer::unsettled)
                            .sum());
            assertThat(totals.messages()).isEqualTo(producer.accepted().size() - consumed.size());
            assertThat(broker.partitions().problem()).isEmpty();
        }

        /** No credit has been lost on the way: what is asked for now is what comes. */
        private void checkCreditIsGood() {
            for (ModelConsumer consumer : consumers) {
                consumers.forEach(each -> each.grant(0, false));
                broker.settle();
                consumers.forEach(ModelConsumer::acceptAll);
                broker.settle();
                long there = broker.partitions().totals().messages();
                int before = consumer.deliveryCount();
                consumer.grant(3, false);
                // Where memory is tight one comes after the other.
                for (int time = 0; time < 3; time++) {
                    broker.settle();
                    consumer.acceptAll();
                }
                broker.settle();
                assertThat(consumer.deliveryCount() - before).isEqualTo((int) Math.min(3, there));
            }
        }

        private void drainQueue() {
            consumers.forEach(consumer -> consumer.grant(MESSAGES, false));
            for (int time = 0; time < MESSAGES; time++) {
                broker.settle();
                consumers.forEach(ModelConsumer::acceptAll);
            }
            broker.settle();
            assertThat(consumed.keySet())
                    .containsExactlyInAnyOrderElementsOf(
                            IntStream.range(0, sent).boxed().toList());
            assertThat(consumed.values()).allMatch(times -> times == 1);
            consumers.forEach(ModelConsumer::leave);
            broker.settle();
            assertThat(broker.partitions().totals())
                    .isEqualTo(new PartitionTotals(1, 0, 0, 0, 0, 0, 0, 0, 0, MESSAGES, 0, 0));
        }
    }
}

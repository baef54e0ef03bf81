package io.sterna.broker.partition;

import static org.assertj.core.api.Assertions.assertThat;

import io.sterna.amqp.message.AnnotationMap;
import io.sterna.broker.config.QueuePolicies;
import io.sterna.broker.queue.MessageTraits;
import io.sterna.store.InMemoryStore;
import io.sterna.store.SpillPlace;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** A loop's account of memory under any order of what adds to it and takes from it. */
class LoopMemoryTest {
    private static final long LIMIT_BYTES = 80_000;
    private static final long MOST_PART_BYTES = 30_000;

    private final ArrayDeque<Runnable> turns = new ArrayDeque<>();
    private final Loop loop = new Loop(new Turns(), LIMIT_BYTES);
    private final List<Client> clients = new ArrayList<>();
    private final List<Part> allParts = new ArrayList<>();
    private final ArrayDeque<Long> whole = new ArrayDeque<>();
    private final ArrayDeque<Long> setAside = new ArrayDeque<>();

    private final class Turns implements EventLoop {
        @Override
        public void execute(Runnable turn) {
            turns.add(turn);
        }

        /** Time stands still. */
        @Override
        public void schedule(long delayMillis, Runnable task) {}

        @Override
        public long nowMillis() {
            return 0;
        }

        @Override
        public boolean isCurrent() {
            return true;
        }
    }

    private final class Client implements InboundMemory.Client, Producer {
        private final List<Part> parts = new ArrayList<>();
        private boolean held;
        private int brakes;

        void add(long bytes) {
            Part part = new Part(this);
            parts.add(part);
            allParts.add(part);
            part.grow(bytes);
        }

        long partBytes() {
            return parts.stream().mapToLong(part -> part.bytes).sum();
        }

        @Override
        public void holdInput(boolean hold) {
            assertThat(held).isNotEqualTo(hold);
            held = hold;
        }

        @Override
        public String containerId() {
            return "client";
        }

        @Override
        public void onTight(Brake brake) {
            brakes++;
        }

        @Override
        public void onRoom(Brake brake) {
            brakes--;
        }
    }

    private final class Part implements InboundMemory.Part {
        private final Client client;
        private long bytes;

        Part(Client client) {
            this.client = client;
        }

        void grow(long more) {
            bytes += more;
            loop.inbound().onPart(this, bytes);
        }

        void end() {
            leave();
            loop.inbound().onPart(this, 0);
        }

        private void leave() {
            allParts.remove(this);
            client.parts.remove(this);
        }

        @Override
        public Client client() {
            return client;
        }

        @Override
        public void giveUp(long mostBytes) {
            assertThat(mostBytes).isEqualTo(MOST_PART_BYTES);
            assertThat(allParts.get(0)).as("the oldest").isNotSameAs(this);
            assertThat(client.parts.get(client.parts.size() - 1)).isSameAs(this);
            long besides = client.partBytes() - client.parts.get(0).bytes;
            assertThat(clients).filteredOn(other -> !other.parts.isEmpty()).allSatisfy(other -> assertThat(
                            other.partBytes() - other.parts.get(0).bytes)
                    .isLessThanOrEqualTo(besides));
            leave();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10})
    void shouldKeepToItsBoundsAndComeBackToNothing(long seed) {
        Random random = new Random(seed);
        for (int number = 0; number < 5; number++) {
            clients.add(new Client());
        }
        for (int step = 0; step < 3_000; step++) {
            step(random, clients.get(random.nextInt(clients.size())));
            long parts = clients.stream().mapToLong(Client::partBytes).sum();
            long largest = allParts.stream().mapToLong(part -> part.bytes).max().orElse(0);
            long others = sum(whole) + sum(setAside);
            assertThat(parts - largest).isLessThanOrEqualTo(MOST_PART_BYTES);
            assertThat(loop.memory().residentBytes()).isEqualTo(others + Math.min(parts, MOST_PART_BYTES));
            assertThat(loop.figures().totals().inboundBytes()).isEqualTo(parts + sum(whole));
            assertThat(clients).allSatisfy(client -> assertThat(client.brakes).isBetween(0, 1));
        }
        List.copyOf(allParts).forEach(Part::end);
        while (!whole.isEmpty()) {
            loop.inbound().onDone(whole.remove());
        }
        while (!setAside.isEmpty()) {
            loop.giveBack(setAside.remove());
        }
        assertThat(loop.memory().residentBytes()).isZero();
        assertThat(loop.memory().tight()).isFalse();
        assertThat(clients).allSatisfy(client -> {
            assertThat(client.held).isFalse();
            assertThat(client.brakes).isZero();
        });
    }

    /** Else nobody would, and the loop would ask for ever. */
    @ParameterizedTest
    @CsvSource({"1, 0 0 0", "2, 0 0 0", "1101, 1100 0 0", "5, 3 1 0", "1, 7 7 7 7", "40, 20 10 5 0 0", "1, 1"})
    void shouldLeaveTheLargestLessThanItHas(long bytesToFree, String sizes) {
        List<Long> largestFirst =
                Arrays.stream(sizes.split(" ")).map(Long::valueOf).toList();
        assertThat(LoopMemory.level(largestFirst, Long::longValue, bytesToFree)).isLessThan(largestFirst.get(0));
    }

    /** A published message has one sequence in all subscriptions, and another one with the dead letters. */
    @Test
    void shouldNotTakeACopyForWhatSubscriptionsShare() throws Exception {
        BrokerMessage published = BrokerMessage.received(new byte[100], 7).sharedIn(loop.memory());
        published.onSpilled(new SpillChunk(new SpillSegment(1), new SpillPlace(1, 0, 100), 1));
        assertThat(published.spilled()).isPresent();
        assertThat(published.changed(0, AnnotationMap.EMPTY).spilled()).isEmpty();
    }

    /** As when a command has dead letters moved, and the queue that they go to has no room but by this one's payloads. */
    @Test
    void shouldCountOnceWhatIsLetGoWithinACommand() throws Exception {
        Partition partition = Partitions.recover(
                        new InMemoryStore(turns::add), List.of(loop), QueuePolicies.NONE, new NoLinks())
                .of("queue");
        while (!turns.isEmpty()) {
            turns.remove().run();
        }
        Lookup found = partition.find("queue", address -> Optional.of(NodeKind.QUEUE));
        QueueNode node = (QueueNode) ((Lookup.Found) found).node();
        BrokerMessage message = BrokerMessage.received(new byte[1_000], 7);
        for (int count = 0; count < 60; count++) {
            node.enter(partition.nextSequence(), message, MessageTraits.DEFAULT, true);
        }
        node.command(() -> loop.memory().onInbound(20_000));
        assertThat(node.residentBytes()).isLessThan(60_000);
        assertThat(loop.memory().residentBytes()).isEqualTo(node.residentBytes() + 20_000);
    }

    private void step(Random random, Client client) {
        long bytes = 1L + random.nextInt(random.nextInt(50) == 0 ? 50_000 : 3_000);
        switch (random.nextInt(8)) {
            case 0 -> client.add(bytes);
            case 1, 2 -> {
                if (!client.parts.isEmpty()) {
                    Part part = client.parts.get(random.nextInt(client.parts.size()));
                    if (random.nextBoolean()) {
                        part.grow(bytes);
                    } else {
                        part.end();
                    }
                }
            }
            case 3 -> {
                loop.inbound().maybeHalt(client, client);
                if (!client.held) {
                    whole.add(bytes);
                    loop.inbound().onWhole(client, bytes);
                }
            }
            case 4 -> {
                if (!whole.isEmpty()) {
                    loop.inbound().onDone(whole.remove());
                }
            }
            case 5 -> {
                if (loop.setAside(bytes)) {
                    setAside.add(bytes);
                }
            }
            default -> {
                if (!setAside.isEmpty()) {
                    loop.giveBack(setAside.remove());
                }
            }
        }
    }

    private static long sum(ArrayDeque<Long> bytes) {
        return bytes.stream().mapToLong(Long::longValue).sum();
    }
}

package io.sterna.broker.partition;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A loop's account of memory under any order of what adds to it and takes from it. */
class LoopMemoryTest {
    private static final long LIMIT_BYTES = 80_000;
    private static final long MOST_PART_BYTES = 30_000;

    private final ArrayDeque<Runnable> turns = new ArrayDeque<>();
    private final Loop loop = new Loop(new Turns(), LIMIT_BYTES);
    private final List<Client> clients = new ArrayList<>();
    private final ArrayDeque<Long> whole = new ArrayDeque<>();
    private final ArrayDeque<Long> setAside = new ArrayDeque<>();

    private final class Turns implements EventLoop {
        @Override
        public void execute(Runnable turn) {
            turns.add(turn);
        }

        @Override
        public void schedule(long delayMillis, Runnable task) {
            throw new UnsupportedOperationException("nothing here waits for a time");
        }

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
        private final List<Long> parts = new ArrayList<>();
        private boolean held;
        private int brakes;

        void add(long bytes) {
            parts.add(bytes);
            loop.inbound().onParts(this, bytes, 1);
        }

        void remove(int index) {
            long bytes = parts.remove(index);
            loop.inbound().onParts(this, -bytes, -1);
        }

        @Override
        public long partBytes() {
            return parts.stream().mapToLong(Long::longValue).sum();
        }

        @Override
        public void giveUpLargestPart(long mostBytes) {
            assertThat(mostBytes).isEqualTo(MOST_PART_BYTES);
            assertThat(clients)
                    .allSatisfy(other -> assertThat(other.partBytes()).isLessThanOrEqualTo(partBytes()));
            remove(parts.indexOf(parts.stream().max(Comparator.naturalOrder()).orElseThrow()));
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
            int count = clients.stream().mapToInt(client -> client.parts.size()).sum();
            long others = sum(whole) + sum(setAside);
            assertThat(parts <= MOST_PART_BYTES || count == 1).isTrue();
            assertThat(loop.memory().residentBytes()).isEqualTo(others + Math.min(parts, MOST_PART_BYTES));
            assertThat(loop.figures().totals().inboundBytes()).isEqualTo(parts + sum(whole));
            assertThat(clients).allSatisfy(client -> assertThat(client.brakes).isBetween(0, 1));
        }
        for (Client client : clients) {
            while (!client.parts.isEmpty()) {
                client.remove(0);
            }
        }
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

    private void step(Random random, Client client) {
        long bytes = 1L + random.nextInt(random.nextInt(50) == 0 ? 50_000 : 3_000);
        switch (random.nextInt(7)) {
            case 0, 1 -> client.add(bytes);
            case 2 -> {
                if (!client.parts.isEmpty()) {
                    client.remove(random.nextInt(client.parts.size()));
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

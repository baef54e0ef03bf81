package io.sterna.broker.crash;

import static org.awaitility.Awaitility.await;

import io.sterna.broker.testing.BrokerProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Kills the broker's process while clients move tokens between queues of several partitions in transactions. */
class KillTransactionTest {
    private static final int MOVERS = 3;

    @TempDir
    Path directory;

    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final TokenMoves moves = new TokenMoves("move");

    @AfterEach
    void stopThreads() {
        threads.shutdownNow();
    }

    @Test
    @Timeout(180)
    void shouldKeepEachTokenInOnePlaceWhenKilledDuringTransactions() throws Exception {
        killAndRestart(3, new Random().nextLong());
    }

    @Test
    @Tag("long")
    @Timeout(1_200)
    void shouldKeepEachTokenInOnePlaceWhenKilledTwentyTimes() throws Exception {
        killAndRestart(20, new Random().nextLong());
    }

    private void killAndRestart(int lives, long seed) throws Exception {
        Random random = new Random(seed);
        Path data = directory.resolve("data");
        try (BrokerProcess broker = BrokerProcess.start(data, 0, List.of())) {
            moves.place(broker);
        }
        for (int life = 0; life < lives; life++) {
            try (BrokerProcess broker = BrokerProcess.start(data, 0, List.of())) {
                int enough = moves.commits() + 40 + random.nextInt(200);
                List<Future<?>> movers = new ArrayList<>();
                for (int mover = 0; mover < MOVERS; mover++) {
                    Random its = new Random(random.nextLong());
                    movers.add(threads.submit(() -> moves.move(broker, its)));
                }
                await("seed " + seed).atMost(Duration.ofSeconds(60)).until(() -> moves.commits() >= enough);
                broker.kill();
                for (Future<?> mover : movers) {
                    mover.get(60, TimeUnit.SECONDS);
                }
            }
        }
        try (BrokerProcess broker = BrokerProcess.start(data, 0, List.of())) {
            moves.check(broker, "seed " + seed);
        }
    }
}

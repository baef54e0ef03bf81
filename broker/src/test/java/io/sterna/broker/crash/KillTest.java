package io.sterna.broker.crash;

import static org.assertj.core.api.Assertions.assertThat;
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
import org.apache.qpid.protonj2.client.exceptions.ClientException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Kills the broker's process under load and starts it again on the same data: every accepted message comes, in order,
 * and no settled one comes back. The seed of a failing run is in the assertion's message.
 */
class KillTest {
    private static final List<String> ADDRESSES = List.of("crash.one", "crash.two", "crash.three");
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    private final Ledger ledger = new Ledger();
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @Test
    @Timeout(180)
    void shouldKeepItsWordWhenKilledUnderLoad() throws Exception {
        killAndRestart(3, new Random().nextLong(), TailDamage.NONE);
    }

    @ParameterizedTest
    @EnumSource(names = {"GARBAGE", "TORN_RECORD", "CUT"})
    @Timeout(180)
    void shouldKeepItsWordWhenTheJournalsTailIsDamaged(TailDamage damage) throws Exception {
        killAndRestart(1, new Random().nextLong(), damage);
    }

    @Test
    @Tag("long")
    @Timeout(1_200)
    void shouldKeepItsWordWhenKilledTwentyTimes() throws Exception {
        killAndRestart(20, new Random().nextLong(), TailDamage.NONE);
    }

    @ParameterizedTest
    @EnumSource(names = {"GARBAGE", "TORN_RECORD", "CUT"})
    @Tag("long")
    @Timeout(1_200)
    void shouldKeepItsWordWhenTheJournalsTailIsDamagedTwentyTimes(TailDamage damage) throws Exception {
        killAndRestart(20, new Random().nextLong(), damage);
    }

    private void killAndRestart(int cycles, long seed, TailDamage damage) throws Exception {
        Random random = new Random(seed);
        Path data = directory.resolve("data");
        int port = 0;
        try {
            for (int life = 1; life <= cycles; life++) {
                port = liveAndDie(data, port, life, random);
                damage.apply(data, random);
            }
            emptyAllQueues(data, port, cycles + 1);
            assertThat(ledger.verdict()).as("seed %s", seed).isEmpty();
            assertThat(ledger.acceptedCount()).isPositive();
            assertThat(ledger.confirmedCount()).isPositive();
        } finally {
            threads.shutdownNow();
        }
    }

    /** One life under load, ended at a random moment; returns the port to come back on. */
    private int liveAndDie(Path data, int port, int life, Random random) throws Exception {
        int enough = ledger.acceptedCount() + 200 + random.nextInt(3_000);
        try (BrokerProcess broker = BrokerProcess.start(data, port, List.of())) {
            List<Future<?>> workers = new ArrayList<>();
            for (String address : ADDRESSES) {
                for (int i = 0; i < 2; i++) {
                    workers.add(threads.submit(
                            new LoadConsumer(ledger, broker.host(), broker.port(), address, life, i == 0 ? 0 : 30)));
                    String name = address + "#" + life + "." + i;
                    int payload = random.nextInt(10) == 0 ? 20_000 : random.nextInt(1_000);
                    workers.add(threads.submit(new LoadProducer(
                            List.of(ledger), broker.host(), broker.port(), address, name, i == 0 ? 1 : 100, payload)));
                }
            }
            await().atMost(PATIENCE)
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> ledger.acceptedCount() >= enough);
            broker.kill();
            for (Future<?> worker : workers) {
                worker.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            }
            return broker.port();
        }
    }

    /** Takes all that is left, then looks again, also after a stop in good order. */
    private void emptyAllQueues(Path data, int port, int life) throws ClientException {
        for (int round = 0; round < 2; round++) {
            try (BrokerProcess broker = BrokerProcess.start(data, port, List.of())) {
                for (String address : ADDRESSES) {
                    LoadConsumer last =
                            new LoadConsumer(ledger, broker.host(), broker.port(), address, life + round, 0);
                    int left = last.drain();
                    if (round > 0) {
                        assertThat(left).as("left in %s", address).isZero();
                    }
                }
            }
        }
    }
}

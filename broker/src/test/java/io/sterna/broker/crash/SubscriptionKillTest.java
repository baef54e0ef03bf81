package io.sterna.broker.crash;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sterna.broker.testing.BrokerProcess;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.apache.qpid.protonj2.client.Client;
import org.apache.qpid.protonj2.client.Connection;
import org.apache.qpid.protonj2.client.DurabilityMode;
import org.apache.qpid.protonj2.client.ExpiryPolicy;
import org.apache.qpid.protonj2.client.ReceiverOptions;
import org.apache.qpid.protonj2.client.exceptions.ClientException;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/**
 * Kills the broker's process while messages are published to a topic with durable subscriptions: every one of them gets
 * every accepted message, in order, and none that it has settled comes back. The seed of a failing run is in the
 * assertion's message.
 */
class SubscriptionKillTest {
    private static final String TOPIC = "crash.topic";
    private static final List<String> SETTINGS = List.of("topics.addresses=crash.#");
    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    /** By the topic or pattern that they are to. */
    private final Map<String, String> topicByName = Map.of("one", TOPIC, "two", TOPIC, "pattern", "crash.*");

    private final Map<String, Ledger> ledgers = new LinkedHashMap<>();
    private final ExecutorService threads = Executors.newCachedThreadPool();

    @Test
    @Timeout(180)
    void shouldKeepItsWordToEverySubscriptionWhenKilledUnderLoad() throws Exception {
        killAndRestart(3, new Random().nextLong());
    }

    @Test
    @Tag("long")
    @Timeout(1_200)
    void shouldKeepItsWordToEverySubscriptionWhenKilledTwentyTimes() throws Exception {
        killAndRestart(20, new Random().nextLong());
    }

    private void killAndRestart(int cycles, long seed) throws Exception {
        topicByName.keySet().forEach(name -> ledgers.put(name, new Ledger()));
        Random random = new Random(seed);
        Path data = directory.resolve("data");
        int port = 0;
        try {
            for (int life = 1; life <= cycles; life++) {
                port = liveAndDie(data, port, life, random);
            }
            emptyAllSubscriptions(data, port, cycles + 1);
            ledgers.forEach((name, ledger) -> {
                assertThat(ledger.verdict())
                        .as("subscription %s, seed %s", name, seed)
                        .isEmpty();
                assertThat(ledger.acceptedCount()).isPositive();
                assertThat(ledger.confirmedCount()).isPositive();
            });
        } finally {
            threads.shutdownNow();
        }
    }

    private String queue(String name) {
        return topicByName.get(name) + "/subscriptions/" + name;
    }

    /** Shared by all clients, so that its queue is named by its name alone. */
    private void subscribe(BrokerProcess broker) throws ClientException {
        try (Client client = Client.create();
                Connection connection = client.connect(broker.host(), broker.port(), LoadConsumer.options())) {
            for (String name : topicByName.keySet()) {
                ReceiverOptions options =
                        new ReceiverOptions().linkName(name + "|global").creditWindow(0);
                options.sourceOptions()
                        .capabilities("topic", "shared", "global")
                        .durabilityMode(DurabilityMode.UNSETTLED_STATE)
                        .expiryPolicy(ExpiryPolicy.NEVER);
                connection
                        .openReceiver(topicByName.get(name), options)
                        .openFuture()
                        .get(PATIENCE.toSeconds(), TimeUnit.SECONDS)
                        .detach();
            }
        } catch (ClientException e) {
            throw e;
        } catch (Exception e) {
            throw new AssertionError("no subscription was made", e);
        }
    }

    private int liveAndDie(Path data, int port, int life, Random random) throws Exception {
        Ledger first = ledgers.get("one");
        int enough = first.acceptedCount() + 200 + random.nextInt(2_000);
        try (BrokerProcess broker = BrokerProcess.start(data, port, SETTINGS)) {
            if (life == 1) {
                subscribe(broker);
            }
            List<Future<?>> workers = new ArrayList<>();
            ledgers.forEach((name, ledger) -> workers.add(threads.submit(new LoadConsumer(
                    ledger, broker.host(), broker.port(), queue(name), life, name.equals("one") ? 0 : 30))));
            for (int i = 0; i < 3; i++) {
                String name = "producer#" + life + "." + i;
                workers.add(threads.submit(new LoadProducer(
                        List.copyOf(ledgers.values()),
                        broker.host(),
                        broker.port(),
                        TOPIC,
                        name,
                        i == 0 ? 1 : 100,
                        random.nextInt(2_000))));
            }
            await().atMost(PATIENCE)
                    .pollDelay(Duration.ZERO)
                    .pollInterval(Duration.ofMillis(1))
                    .until(() -> first.acceptedCount() >= enough);
            broker.kill();
            for (Future<?> worker : workers) {
                worker.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
            }
            return broker.port();
        }
    }

    /** Takes all that is left, then looks again, also after a stop in good order. */
    private void emptyAllSubscriptions(Path data, int port, int life) throws ClientException {
        for (int round = 0; round < 2; round++) {
            try (BrokerProcess broker = BrokerProcess.start(data, port, SETTINGS)) {
                for (Map.Entry<String, Ledger> each : ledgers.entrySet()) {
                    LoadConsumer last = new LoadConsumer(
                            each.getValue(), broker.host(), broker.port(), queue(each.getKey()), life + round, 0);
                    int left = last.drain();
                    if (round > 0) {
                        assertThat(left).as("left in %s", each.getKey()).isZero();
                    }
                }
            }
        }
    }
}

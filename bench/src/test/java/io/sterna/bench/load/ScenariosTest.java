package io.sterna.bench.load;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sterna.broker.Broker;
import io.sterna.broker.config.BrokerConfig;
import io.sterna.broker.partition.DiskSpace;
import io.sterna.store.DurableStore;
import io.sterna.store.StoreConfig;
import io.vertx.core.Vertx;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Every scenario once, briefly, against Sterna in this process: that it ends, and that its figures are there. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class ScenariosTest {

    private static final long TIMEOUT_SECONDS = 30;
    private static final Load BRIEF = new Load(Duration.ofMillis(50), Duration.ofMillis(100), 0.01, 1_024);

    static final List<Scenario> SCENARIOS = Scenarios.ALL;

    private final Vertx vertx = Vertx.vertx();

    private DurableStore store;
    private Broker broker;

    @BeforeAll
    void start(@TempDir Path directory) throws Exception {
        store = DurableStore.open(directory, StoreConfig.defaults().withJournal(1 << 20, 16));
        broker = Broker.start(
                        BrokerConfig.of("amqp.port=0"),
                        vertx,
                        store,
                        DiskSpace.of(directory),
                        new SimpleMeterRegistry())
                .toCompletionStage()
                .toCompletableFuture()
                .get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    }

    @AfterAll
    void stop() throws Exception {
        broker.stop().toCompletionStage().toCompletableFuture().get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
        store.close();
        vertx.close().toCompletionStage().toCompletableFuture().get(TIMEOUT_SECONDS, TimeUnit.SECONDS);
    }

    @ParameterizedTest
    @FieldSource("SCENARIOS")
    void shouldGiveFiguresOrSayThatTheBrokerRefuses(Scenario scenario) throws Exception {
        Target target = new Target(
                URI.create("amqp://127.0.0.1:" + broker.amqpPort()),
                "",
                "",
                "bench.topic.",
                BrokerProcess.of(ProcessHandle.current().pid()));

        Result result = new Runner(target, BRIEF, "sterna", 1).run(scenario);

        result.problem().ifPresentOrElse(problem -> assertThat(problem).startsWith("not supported"), () -> assertThat(
                        result.figures())
                .containsKey(Figure.RSS_MIB));
    }
}

package io.sterna.broker;

import io.micrometer.core.instrument.MeterRegistry;
import io.sterna.amqp.sasl.SaslAuthenticator;
import io.sterna.broker.amqp.BrokerServices;
import io.sterna.broker.amqp.ContainerIds;
import io.sterna.broker.amqp.TrafficCounters;
import io.sterna.broker.config.AuthConfig;
import io.sterna.broker.config.BrokerConfig;
import io.sterna.broker.partition.Partitions;
import io.sterna.store.Store;
import io.sterna.store.StoreException;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;

/** The AMQP side of a node. Methods may be called on any thread. */
public final class Broker {
    /** The part of the heap that message payloads may take. */
    private static final double MEMORY_SHARE = 0.4;

    private static final int SHARED_FREE_PORT = -1;

    private final List<BrokerLoop> loops;
    private final Partitions partitions;
    private final int port;

    private Broker(List<BrokerLoop> loops, Partitions partitions, int port) {
        this.loops = loops;
        this.partitions = partitions;
        this.port = port;
    }

    /**
     * Recovers the store and begins to listen.
     *
     * @param store open and not yet recovered; closed by the caller after {@link #stop}
     * @param meters where the broker registers its meters
     * @return completed when clients can connect; failed with a message for the operator when they never will
     */
    public static Future<Broker> start(BrokerConfig config, Vertx vertx, Store store, MeterRegistry meters) {
        int count = Runtime.getRuntime().availableProcessors();
        long memoryBytes = (long) (Runtime.getRuntime().maxMemory() * MEMORY_SHARE) / count;
        List<BrokerLoop> loops = new ArrayList<>();
        List<Future<String>> deployed = new ArrayList<>();
        for (int number = 0; number < count; number++) {
            BrokerLoop loop = new BrokerLoop(memoryBytes);
            loops.add(loop);
            deployed.add(vertx.deployVerticle(loop));
        }
        return Future.all(deployed)
                .compose(all -> vertx.executeBlocking(() -> recover(store, loops)))
                .compose(partitions -> listen(config, vertx, loops, partitions, meters));
    }

    private static Partitions recover(Store store, List<BrokerLoop> loops) throws StoreException {
        return Partitions.recover(store, loops.stream().map(BrokerLoop::loop).toList());
    }

    private static Future<Broker> listen(
            BrokerConfig config, Vertx vertx, List<BrokerLoop> loops, Partitions partitions, MeterRegistry meters) {
        BrokerServices services =
                new BrokerServices(config, partitions, new ContainerIds(), new TrafficCounters(meters));
        SaslAuthenticator authenticator = authenticator(config.auth(), vertx);
        // For 0 each loop's server would take a free port of its own; those that ask Vert.x for the same negative
        // number
        // share a free one.
        int port = config.amqp().port() == 0 ? SHARED_FREE_PORT : config.amqp().port();
        List<Future<Integer>> listening = loops.stream()
                .map(loop -> loop.listen(services, authenticator, config.amqp().host(), port))
                .toList();
        return Future.all(listening)
                .map(all -> new Broker(loops, partitions, listening.get(0).result()));
    }

    private static SaslAuthenticator authenticator(AuthConfig auth, Vertx vertx) {
        Executor workers = task -> {
            Future<Boolean> unused = vertx.executeBlocking(
                    () -> {
                        task.run();
                        return true;
                    },
                    false);
        };
        return auth.authenticator(workers, new SecureRandom());
    }

    /** The port that clients connect to. */
    public int amqpPort() {
        return port;
    }

    /** Why clients are not served, for instance that the store has failed; empty while they are. */
    public Optional<String> problem() {
        return partitions.failure().map(failure -> "the store has failed: " + failure.getMessage());
    }

    /**
     * Stops listening, tells connected clients {@code amqp:connection:forced}, and completes when nothing is on its way
     * to the store any more.
     */
    public Future<Void> stop() {
        return Future.all(loops.stream().map(BrokerLoop::close).toList()).mapEmpty();
    }
}

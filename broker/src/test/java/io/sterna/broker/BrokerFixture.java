package io.sterna.broker;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.sterna.broker.config.BrokerConfig;
import io.sterna.broker.config.ConfigException;
import io.sterna.broker.forward.Peering;
import io.sterna.broker.partition.DiskSpace;
import io.sterna.broker.partition.Partitions;
import io.sterna.store.Store;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.qpid.protonj2.client.Client;
import org.apache.qpid.protonj2.client.ClientOptions;
import org.apache.qpid.protonj2.client.Connection;
import org.apache.qpid.protonj2.client.ConnectionOptions;
import org.apache.qpid.protonj2.client.exceptions.ClientException;

/** A broker on real loops and sockets within the test, on a store of the test's, and clients of it. */
public final class BrokerFixture implements AutoCloseable {
    /** A disk that is never full. */
    public static final DiskSpace PLENTY_OF_DISK = () -> new DiskSpace.Reading(Long.MAX_VALUE, Long.MAX_VALUE);

    private static final long PATIENCE_SECONDS = 30;

    private final Vertx vertx = Vertx.vertx();
    private final Store store;
    private final SimpleMeterRegistry meters = new SimpleMeterRegistry();
    private final List<Client> clients = new ArrayList<>();
    private final Broker broker;

    /** Starts it; the store is closed with it. */
    public BrokerFixture(Store store, long memoryBytes) throws ConfigException {
        this(store, memoryBytes, PLENTY_OF_DISK);
    }

    /** As above, on a disk of the test's. */
    public BrokerFixture(Store store, long memoryBytes, DiskSpace disk) throws ConfigException {
        this(store, memoryBytes, disk, Peering.ALONE, List.of());
    }

    /** As above, beside other nodes, with settings of its own. */
    public BrokerFixture(Store store, long memoryBytes, DiskSpace disk, Peering peering, List<String> settings)
            throws ConfigException {
        this.store = store;
        List<String> all = new ArrayList<>(List.of("amqp.port=0", "threads.event-loops=2"));
        all.addAll(settings);
        broker = await(Broker.start(
                BrokerConfig.of(all.toArray(String[]::new)),
                vertx,
                store,
                disk,
                meters,
                memoryBytes,
                Optional.of(peering)));
    }

    public Broker broker() {
        return broker;
    }

    public Partitions partitions() {
        return broker.partitions();
    }

    public double meter(String name) {
        return meters.get(name).gauge().value();
    }

    /** A connection of a client of its own. */
    public Connection connect() throws ClientException {
        Client client = Client.create(new ClientOptions().id("client-" + clients.size()));
        clients.add(client);
        return client.connect(
                "127.0.0.1",
                broker.amqpPort(),
                new ConnectionOptions()
                        .openTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                        .sendTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                        .requestTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                        .closeTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS));
    }

    private static <T> T await(Future<T> future) {
        return future.toCompletionStage()
                .toCompletableFuture()
                .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .join();
    }

    @Override
    public void close() {
        clients.forEach(Client::close);
        await(broker.stop());
        await(vertx.close());
        store.close();
        meters.close();
    }
}

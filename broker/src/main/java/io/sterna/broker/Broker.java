package io.sterna.broker;

import io.micrometer.core.instrument.MeterRegistry;
import io.sterna.broker.config.BrokerConfig;
import io.sterna.store.Store;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetServer;
import java.util.Optional;

/** The AMQP side of a node. Methods may be called on any thread. */
public final class Broker {
    private final NetServer server;

    private Broker(NetServer server) {
        this.server = server;
    }

    /**
     * Recovers the store and begins to listen.
     *
     * @param store open and not yet recovered; closed by the caller after {@link #stop}
     * @param meters where the broker registers its meters
     * @return completed when clients can connect; failed with a message for the operator when they never will
     */
    public static Future<Broker> start(BrokerConfig config, Vertx vertx, Store store, MeterRegistry meters) {
        return vertx.createNetServer()
                .connectHandler(socket -> socket.close())
                .listen(config.amqp().port(), config.amqp().host())
                .map(Broker::new);
    }

    /** The port that clients connect to. */
    public int amqpPort() {
        return server.actualPort();
    }

    /** Why clients are not served, for instance that the store has failed; empty while they are. */
    public Optional<String> problem() {
        return Optional.empty();
    }

    /**
     * Stops listening, tells connected clients {@code amqp:connection:forced}, and completes when nothing is on its way
     * to the store any more.
     */
    public Future<Void> stop() {
        return server.close();
    }
}

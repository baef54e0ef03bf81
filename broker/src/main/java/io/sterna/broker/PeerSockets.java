package io.sterna.broker;

import io.sterna.amqp.ConnectionHandler;
import io.sterna.amqp.ConnectionSettings;
import io.sterna.amqp.OpenTerms;
import io.sterna.amqp.net.AmqpLoop;
import io.sterna.amqp.sasl.SharedSecret;
import io.sterna.broker.forward.PeerAddress;
import io.sterna.broker.forward.PeerConnector;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Connections from one event loop to other nodes. Owned by that loop. */
final class PeerSockets implements PeerConnector {
    /** A node that is there answers at once; clients wait meanwhile. */
    private static final int CONNECT_TIMEOUT_MILLIS = 2_000;

    private final AmqpLoop sockets;
    private final SharedSecret secret;
    private final Function<String, ConnectionSettings> settings;
    private final Vertx vertx;
    private @Nullable NetClient client;

    /** @param settings those of a connection under a container id */
    PeerSockets(Vertx vertx, AmqpLoop sockets, SharedSecret secret, Function<String, ConnectionSettings> settings) {
        this.sockets = sockets;
        this.secret = secret;
        this.settings = settings;
        this.vertx = vertx;
    }

    /** Made when it is needed for the first time, on the loop. */
    private NetClient client() {
        NetClient made = client;
        if (made == null) {
            made = vertx.createNetClient(new NetClientOptions()
                    .setConnectTimeout(CONNECT_TIMEOUT_MILLIS)
                    .setTcpNoDelay(true)
                    .setTcpKeepAlive(true));
            client = made;
        }
        return made;
    }

    @Override
    public void connect(
            PeerAddress peer,
            String containerId,
            OpenTerms terms,
            ConnectionHandler handler,
            Consumer<String> onFailed) {
        sockets.connect(
                        client(),
                        peer.port(),
                        peer.host(),
                        settings.apply(containerId),
                        Optional.of(secret.credentials()),
                        handler)
                .onSuccess(connection -> connection.open(terms))
                .onFailure(failure -> onFailed.accept(String.valueOf(failure.getMessage())));
    }
}

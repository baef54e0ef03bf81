package io.sterna.broker.management;

import io.sterna.broker.Broker;
import io.sterna.broker.BrokerFixture;
import io.sterna.broker.config.BrokerConfig;
import io.sterna.broker.config.HttpConfig;
import io.sterna.broker.http.HttpEndpoint;
import io.sterna.broker.http.Metrics;
import io.sterna.broker.management.ManagementRequest.Operation;
import io.sterna.broker.partition.NodeKind;
import io.sterna.store.InMemoryStore;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.json.JsonObject;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.qpid.protonj2.client.Client;
import org.apache.qpid.protonj2.client.Connection;
import org.apache.qpid.protonj2.client.ConnectionOptions;
import org.apache.qpid.protonj2.client.Delivery;
import org.apache.qpid.protonj2.client.Message;
import org.apache.qpid.protonj2.client.Receiver;
import org.apache.qpid.protonj2.client.ReceiverOptions;
import org.apache.qpid.protonj2.client.Sender;
import org.apache.qpid.protonj2.client.exceptions.ClientException;

/** A broker with both ways to manage it, on real sockets, and clients of all kinds. */
final class ManagedBroker implements AutoCloseable {
    static final long PATIENCE_SECONDS = 20;

    private final Vertx vertx = Vertx.vertx();
    private final InMemoryStore store = new InMemoryStore();
    private final Metrics metrics = new Metrics(store::metrics);
    private final Client client = Client.create();
    private final HttpClient http = HttpClient.newHttpClient();
    private final Broker broker;
    private final HttpEndpoint endpoint;

    ManagedBroker(String... settings) throws Exception {
        List<String> all = new ArrayList<>(List.of(settings));
        all.addAll(List.of("amqp.port=0", "threads.event-loops=2"));
        BrokerConfig config = BrokerConfig.of(all.toArray(String[]::new));
        broker = await(Broker.start(config, vertx, store, BrokerFixture.PLENTY_OF_DISK, metrics.registry()));
        endpoint = await(HttpEndpoint.start(
                new HttpConfig("127.0.0.1", 0),
                vertx,
                Optional::empty,
                metrics,
                () -> Optional.of(broker.manager()),
                broker::cluster,
                Broker.managers(config.auth(), vertx)));
    }

    /** Of an endpoint that is not management. */
    int plainStatus(String path) throws IOException, InterruptedException {
        HttpRequest request = HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + endpoint.port() + path))
                .build();
        return http.send(request, BodyHandlers.discarding()).statusCode();
    }

    Connection connect() throws ClientException {
        return client.connect(
                "127.0.0.1",
                broker.amqpPort(),
                new ConnectionOptions()
                        .openTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                        .sendTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                        .requestTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                        .closeTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS));
    }

    String amqpUrl() {
        return "amqp://127.0.0.1:" + broker.amqpPort();
    }

    /** Makes queues with numbers behind a prefix, not one after the other, which would take long. */
    void createQueues(String prefix, int count) throws InterruptedException {
        CountDownLatch left = new CountDownLatch(count);
        for (int number = 0; number < count; number++) {
            ManagementRequest request = new ManagementRequest(
                    Operation.CREATE, Optional.of(NodeKind.QUEUE), prefix + number, Map.of(), Map.of());
            broker.manager().handle(request, answer -> left.countDown());
        }
        if (!left.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new AssertionError(left.getCount() + " queues were not made");
        }
    }

    // ---- HTTP

    HttpResponse<String> call(String method, String path, String body, String... headers)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + endpoint.port() + "/api/v1/" + path))
                .method(method, BodyPublishers.ofString(body));
        if (headers.length > 0) {
            request.headers(headers);
        }
        return http.send(request.build(), BodyHandlers.ofString());
    }

    int status(String method, String path) throws IOException, InterruptedException {
        return call(method, path, "").statusCode();
    }

    JsonObject get(String path) throws IOException, InterruptedException {
        return new JsonObject(call("GET", path, "").body());
    }

    static String encoded(String address) {
        return URLEncoder.encode(address, StandardCharsets.UTF_8).replace("+", "%20");
    }

    // ---- Messages

    /** Durable messages with the bodies {@code 0 … count-1} and, for selectors, the property {@code n}. */
    static void sendNumbered(Connection connection, String address, int count) throws ClientException {
        try (Sender sender = connection.openSender(address)) {
            for (int n = 0; n < count; n++) {
                sender.send(Message.create(Integer.toString(n)).durable(true).property("n", n))
                        .awaitAccepted(PATIENCE_SECONDS, TimeUnit.SECONDS);
            }
        }
    }

    static Delivery receive(Receiver receiver) throws ClientException {
        Delivery delivery = receiver.receive(PATIENCE_SECONDS, TimeUnit.SECONDS);
        if (delivery == null) {
            throw new AssertionError("no delivery within " + PATIENCE_SECONDS + " s");
        }
        return delivery;
    }

    /** Makes dead letters of what is in a queue. */
    static void rejectAll(Connection connection, String address, int count) throws ClientException {
        ReceiverOptions byHand = new ReceiverOptions().autoAccept(false).autoSettle(false);
        try (Receiver receiver = connection.openReceiver(address, byHand)) {
            for (int n = 0; n < count; n++) {
                receive(receiver).reject("test:no", "not wanted");
            }
        }
    }

    private static <T> T await(Future<T> future) {
        return future.toCompletionStage()
                .toCompletableFuture()
                .orTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .join();
    }

    @Override
    public void close() {
        client.close();
        await(broker.stop());
        await(endpoint.stop());
        await(vertx.close());
        store.close();
        metrics.close();
    }
}

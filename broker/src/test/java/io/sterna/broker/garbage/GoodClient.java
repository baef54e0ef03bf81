package io.sterna.broker.garbage;

import static org.awaitility.Awaitility.await;

import io.sterna.broker.testing.BrokerUnderTest;
import java.time.Duration;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.qpid.protonj2.client.Client;
import org.apache.qpid.protonj2.client.Connection;
import org.apache.qpid.protonj2.client.ConnectionOptions;
import org.apache.qpid.protonj2.client.Delivery;
import org.apache.qpid.protonj2.client.Message;
import org.apache.qpid.protonj2.client.Receiver;
import org.apache.qpid.protonj2.client.Sender;
import org.apache.qpid.protonj2.client.exceptions.ClientException;

/** A client that sends and receives all the time on one connection, and must not be disturbed. */
final class GoodClient implements AutoCloseable {
    private static final long PATIENCE_SECONDS = 20;

    private final CompletableFuture<Void> ended = new CompletableFuture<>();
    // Written by the client's thread, read by any.
    private final AtomicInteger rounds = new AtomicInteger();
    // Written by close, read by the client's thread.
    private volatile boolean closing;

    /** Starts the client; it is at work when this returns. */
    static GoodClient start(BrokerUnderTest broker) {
        GoodClient client = new GoodClient();
        Thread thread = new Thread(() -> client.run(broker), "good-client");
        thread.setDaemon(true);
        thread.start();
        client.awaitProgress();
        return client;
    }

    private void run(BrokerUnderTest broker) {
        String address = "good." + UUID.randomUUID();
        try (Client client = Client.create();
                Connection connection = client.connect(broker.host(), broker.port(), options());
                Sender sender = connection.openSender(address);
                Receiver receiver = connection.openReceiver(address)) {
            while (!closing) {
                int number = rounds.get();
                sender.send(Message.create(number)).awaitAccepted(PATIENCE_SECONDS, TimeUnit.SECONDS);
                Delivery delivery = receiver.receive(PATIENCE_SECONDS, TimeUnit.SECONDS);
                if (delivery == null || !delivery.message().body().equals(number)) {
                    throw new AssertionError("message " + number + " did not come back: " + delivery);
                }
                rounds.incrementAndGet();
            }
            ended.complete(null);
        } catch (ClientException | AssertionError e) {
            ended.completeExceptionally(e);
        }
    }

    private static ConnectionOptions options() {
        return new ConnectionOptions()
                .reconnectEnabled(false)
                .openTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .sendTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS)
                .requestTimeout(PATIENCE_SECONDS, TimeUnit.SECONDS);
    }

    /** Waits until a few more messages have made their way; fails when the client was cut off. */
    void awaitProgress() {
        int goal = rounds.get() + 3;
        await().atMost(Duration.ofSeconds(PATIENCE_SECONDS))
                .until(() -> ended.isCompletedExceptionally() || rounds.get() >= goal);
        if (ended.isCompletedExceptionally()) {
            ended.join();
        }
    }

    @Override
    public void close() {
        closing = true;
        ended.join();
    }
}

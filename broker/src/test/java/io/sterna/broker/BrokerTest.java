package io.sterna.broker;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.sterna.store.InMemoryStore;
import java.net.InetAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.qpid.protonj2.client.Connection;
import org.apache.qpid.protonj2.client.Delivery;
import org.apache.qpid.protonj2.client.Message;
import org.apache.qpid.protonj2.client.Receiver;
import org.apache.qpid.protonj2.client.ReceiverOptions;
import org.apache.qpid.protonj2.client.Sender;
import org.apache.qpid.protonj2.client.Tracker;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The broker as a whole, over sockets: how it stops, and what clients hear when it can't go on. */
@Timeout(60)
class BrokerTest {
    private static final long PLENTY_BYTES = 256L << 20;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private final InMemoryStore store = new InMemoryStore();

    private static Message<String> durable(String text) throws Exception {
        return Message.create(text).durable(true);
    }

    @Test
    void shouldTellEveryClientWhyWhenTheStoreFails() throws Exception {
        try (BrokerFixture fixture = new BrokerFixture(store, PLENTY_BYTES)) {
            List<Connection> connections = new ArrayList<>();
            for (int number = 0; number < 4; number++) {
                connections.add(fixture.connect());
            }
            Sender sender = connections.get(0).openSender("queue");
            sender.send(durable("safe")).awaitAccepted();
            store.holdBack();
            Tracker unsafe = sender.send(durable("unsafe"));
            connections.get(1).openReceiver("queue");

            store.fail("no space left on device");

            for (Connection connection : connections) {
                await().atMost(PATIENCE).untilAsserted(() -> assertThatThrownBy(() ->
                                connection.openSender("other").openFuture().get())
                        .hasStackTraceContaining("no space left on device"));
            }
            assertThatThrownBy(() -> unsafe.settlementFuture().get(20, TimeUnit.SECONDS))
                    .isInstanceOf(ExecutionException.class)
                    .hasStackTraceContaining("amqp:internal-error");
            assertThat(fixture.broker().problem()).contains("the store has failed: no space left on device");
            assertThatThrownBy(() -> {
                        Connection late = fixture.connect();
                        late.openFuture().get(20, TimeUnit.SECONDS);
                        late.openSender("queue").openFuture().get(20, TimeUnit.SECONDS);
                    })
                    .hasStackTraceContaining("no space left on device");
        }
    }

    @Test
    void shouldGiveOutcomesAndSayThatItIsForcedWhenStopped() throws Exception {
        try (BrokerFixture fixture = new BrokerFixture(store, PLENTY_BYTES)) {
            Connection connection = fixture.connect();
            Sender sender = connection.openSender("queue");
            sender.send(durable("first")).awaitAccepted();
            Connection other = fixture.connect();
            Receiver receiver = other.openReceiver(
                    "queue", new ReceiverOptions().autoAccept(false).autoSettle(false));
            assertThat(receiver.receive(20, TimeUnit.SECONDS)).isNotNull();
            store.holdBack();
            Tracker tracker = sender.send(durable("second"));
            await().atMost(PATIENCE).until(() -> fixture.meter("sterna.producers") == 1);

            var stopped = fixture.broker().stop().toCompletionStage().toCompletableFuture();
            store.release();
            stopped.get(20, TimeUnit.SECONDS);

            assertThat(tracker.settlementFuture()
                            .get(20, TimeUnit.SECONDS)
                            .remoteState()
                            .isAccepted())
                    .isTrue();
            assertThatThrownBy(() -> connection.openSender("other").openFuture().get(20, TimeUnit.SECONDS))
                    .hasStackTraceContaining("amqp:connection:forced");
            assertThatThrownBy(() -> other.openSender("other").openFuture().get(20, TimeUnit.SECONDS))
                    .hasStackTraceContaining("shutting down");
        }
        try (BrokerFixture again = new BrokerFixture(store.reopen(), PLENTY_BYTES)) {
            Receiver receiver = again.connect().openReceiver("queue");
            List<Object> bodies = new ArrayList<>();
            for (int number = 0; number < 2; number++) {
                Delivery delivery = receiver.receive(20, TimeUnit.SECONDS);
                bodies.add(delivery.message().body());
            }
            assertThat(bodies).isEqualTo(List.of("first", "second"));
        }
    }

    @Test
    void shouldStopInTimeWhenTheStoreHangsAndAClientIsSilent() throws Exception {
        try (BrokerFixture fixture = new BrokerFixture(store, PLENTY_BYTES);
                var silent = new Socket(
                        InetAddress.getLoopbackAddress(), fixture.broker().amqpPort())) {
            Sender sender = fixture.connect().openSender("queue");
            sender.send(durable("first")).awaitAccepted();
            store.holdBack();
            sender.send(durable("second"));

            assertThat(fixture.broker().stop().toCompletionStage().toCompletableFuture())
                    .succeedsWithin(PATIENCE);

            assertThat(silent.isConnected()).isTrue();
            store.release();
        }
    }

    @Test
    void shouldShowWhatQueuesHold() throws Exception {
        try (BrokerFixture fixture = new BrokerFixture(store, PLENTY_BYTES)) {
            Connection connection = fixture.connect();
            Sender sender = connection.openSender("queue");
            for (int number = 0; number < 5; number++) {
                sender.send(durable("message")).awaitAccepted();
            }
            Receiver receiver = connection.openReceiver(
                    "queue", new ReceiverOptions().creditWindow(0).autoAccept(false));
            receiver.addCredit(2);
            receiver.receive(20, TimeUnit.SECONDS);
            receiver.receive(20, TimeUnit.SECONDS);
            connection
                    .openReceiver("empty", new ReceiverOptions().creditWindow(7))
                    .openFuture()
                    .get();

            await().atMost(PATIENCE).until(() -> fixture.meter("sterna.credit") == 7);
            assertThat(fixture.meter("sterna.queues")).isEqualTo(2);
            assertThat(fixture.meter("sterna.queues.stalled")).isZero();
            assertThat(fixture.meter("sterna.messages")).isEqualTo(5);
            assertThat(fixture.meter("sterna.messages.unsettled")).isEqualTo(2);
            assertThat(fixture.meter("sterna.messages.resident.bytes")).isPositive();
            assertThat(fixture.meter("sterna.consumers")).isEqualTo(2);
            assertThat(fixture.meter("sterna.producers")).isEqualTo(1);
            assertThat(fixture.meter("sterna.connections")).isEqualTo(1);
        }
    }
}

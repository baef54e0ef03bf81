package io.sterna.amqp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.sterna.amqp.message.OutgoingMessage;
import io.sterna.amqp.net.AmqpLoop;
import io.vertx.core.Context;
import io.vertx.core.net.NetClient;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Both roles of the engine against each other over a real socket. */
class SmokeTest {
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private EchoNode node;
    private Client client;

    @BeforeEach
    void start() throws Exception {
        node = EchoNode.start();
        client = new Client(node.port());
    }

    @AfterEach
    void stop() throws Exception {
        client.close();
        node.close();
    }

    @Test
    void shouldAcceptOneMessageWhenAClientSendsIt() {
        client.send(1, 100);

        await().atMost(LIMIT).until(() -> client.accepted.join() == 1);
        assertThat(node.deliveries).singleElement().satisfies(delivery -> assertThat(delivery.payload())
                .isEqualTo(message(0, 100)));
    }

    @Test
    void shouldAcceptEachInOrderWhenAClientSendsTenThousand() {
        client.send(10_000, 200);

        assertThat(client.accepted).succeedsWithin(LIMIT).isEqualTo(10_000);
        List<Integer> numbers = new ArrayList<>();
        node.deliveries.forEach(
                delivery -> numbers.add(ByteBuffer.wrap(delivery.payload()).getInt()));
        assertThat(numbers).hasSize(10_000).isSorted().doesNotHaveDuplicates();
    }

    @Test
    void shouldCarryTwentyMebibytesWhenSentBothWays() {
        int bytes = 20 * 1024 * 1024;
        client.send(1, bytes);

        assertThat(client.accepted).succeedsWithin(LIMIT).isEqualTo(1);
        assertThat(Arrays.equals(node.deliveries.get(0).payload(), message(0, bytes)))
                .isTrue();

        client.receive(1);
        await().atMost(LIMIT).until(() -> node.senders.size() == 1 && node.events.contains("credit 1"));
        node.run(() -> node.senders
                .get(0)
                .send(new byte[] {1}, 0, OutgoingMessage.untouched(message(7, bytes)), false, "context"));
        await().atMost(LIMIT).until(() -> client.received.size() == 1);
        assertThat(Arrays.equals(client.received.get(0), message(7, bytes))).isTrue();
        await().atMost(LIMIT).until(() -> node.outcomes.size() == 1);
        assertThat(node.outcomes.get(0).settled()).isTrue();
        assertThat(node.outcomes.get(0).state()).contains(DeliveryState.Accepted.INSTANCE);
        assertThat(node.outcomes.get(0).delivery().context()).isEqualTo("context");
    }

    @Test
    void shouldEndInOrderWhenTheClientDetachesEndsAndCloses() {
        client.send(1, 10);
        assertThat(client.accepted).succeedsWithin(LIMIT).isEqualTo(1);

        client.run(() -> client.sender.detach(true, Optional.empty()));
        await().atMost(LIMIT).until(() -> node.events.contains("closed to-echo"));
        client.run(() -> client.session.end(Optional.empty()));
        client.run(() -> client.connection.close(Optional.empty()));

        await().atMost(LIMIT).until(() -> node.closed.size() == 1 && client.closed.isDone());
        assertThat(node.closed.get(0)).isEmpty();
        assertThat(client.closed.join()).isEmpty();
    }

    @Test
    void shouldTellTheClientWhenTheServerClosesWithAnError() {
        client.send(1, 10);
        assertThat(client.accepted).succeedsWithin(LIMIT).isEqualTo(1);

        node.run(() -> node.connections
                .get(0)
                .close(Optional.of(AmqpError.of(ErrorCondition.CONNECTION_FORCED, "going down"))));

        assertThat(client.closed)
                .succeedsWithin(LIMIT)
                .isEqualTo(Optional.of(AmqpError.of(ErrorCondition.CONNECTION_FORCED, "going down")));
    }

    static byte[] message(int number, int bytes) {
        byte[] message = new byte[bytes];
        for (int i = 4; i < bytes; i++) {
            message[i] = (byte) (i * 31 + number);
        }
        if (bytes >= 4) {
            ByteBuffer.wrap(message).putInt(number);
        }
        return message;
    }

    private static final class Client implements ConnectionHandler {
        private final Context context = EchoNode.vertx().getOrCreateContext();
        private final NetClient netClient = EchoNode.vertx().createNetClient();
        private final CompletableFuture<Boolean> open = new CompletableFuture<>();
        private final CompletableFuture<Integer> accepted = new CompletableFuture<>();
        private final CompletableFuture<Optional<AmqpError>> closed = new CompletableFuture<>();
        private final List<byte[]> received = new CopyOnWriteArrayList<>();
        private Connection connection;
        private Session session;
        private SenderLink sender;
        private int sent;
        private int settled;

        Client(int port) throws Exception {
            CompletableFuture<Connection> connected = new CompletableFuture<>();
            context.runOnContext(nothing -> new AmqpLoop(EchoNode.vertx())
                    .connect(
                            netClient,
                            port,
                            "127.0.0.1",
                            EchoNode.Behaviour.settings(64 * 1024),
                            Optional.empty(),
                            this)
                    .onComplete(
                            made -> {
                                connection = made;
                                made.open(OpenTerms.PLAIN);
                                connected.complete(made);
                            },
                            connected::completeExceptionally));
            connected.get(10, TimeUnit.SECONDS);
            open.get(10, TimeUnit.SECONDS);
        }

        void run(Runnable task) {
            context.runOnContext(nothing -> task.run());
        }

        void send(int count, int bytes) {
            run(() -> {
                session = connection.begin();
                sender = session.attachSender(
                        "to-echo",
                        LinkTerms.of(
                                Terminus.Source.at("here"),
                                Terminus.Target.at("echo"),
                                SettleMode.Sender.MIXED,
                                SettleMode.Receiver.FIRST),
                        new SenderHandler() {
                            @Override
                            public void onCredit() {
                                while (sent < count && sender.credit() > 0) {
                                    byte[] tag =
                                            ByteBuffer.allocate(4).putInt(sent).array();
                                    sender.send(tag, 0, OutgoingMessage.untouched(message(sent, bytes)), false, sent);
                                    sent++;
                                }
                            }

                            @Override
                            public void onDisposition(
                                    OutgoingDelivery delivery, Optional<DeliveryState> state, boolean isSettled) {
                                if (isSettled && state.equals(Optional.of(DeliveryState.Accepted.INSTANCE))) {
                                    settled++;
                                }
                                if (settled == count) {
                                    accepted.complete(settled);
                                }
                            }

                            @Override
                            public void onDetached(boolean closedToo, Optional<AmqpError> error) {}

                            @Override
                            public void onLost(boolean inOrder) {}
                        });
            });
        }

        void receive(int window) {
            run(() -> session.attachReceiver(
                            "from-echo",
                            LinkTerms.of(
                                    Terminus.Source.at("echo"),
                                    Terminus.Target.at("here"),
                                    SettleMode.Sender.MIXED,
                                    SettleMode.Receiver.FIRST),
                            new ReceiverHandler() {
                                @Override
                                public void onDelivery(IncomingDelivery delivery) {
                                    received.add(delivery.payload());
                                    delivery.settle(DeliveryState.Accepted.INSTANCE);
                                }

                                @Override
                                public void onDetached(boolean closedToo, Optional<AmqpError> error) {}

                                @Override
                                public void onLost(boolean inOrder) {}
                            })
                    .window(window));
        }

        void close() throws Exception {
            run(() -> connection.close(Optional.empty()));
            closed.get(10, TimeUnit.SECONDS);
            netClient.close();
        }

        @Override
        public void onOpen(Connection ours) {
            open.complete(true);
        }

        @Override
        public void onAttach(SenderLink link) {
            throw new IllegalStateException("a server does not attach");
        }

        @Override
        public void onAttach(ReceiverLink link) {
            throw new IllegalStateException("a server does not attach");
        }

        @Override
        public void onClosed(Connection ours, Optional<AmqpError> error) {
            closed.complete(error);
        }
    }
}

package io.sterna.amqp;

import static org.awaitility.Awaitility.await;

import io.sterna.amqp.message.OutgoingMessage;
import io.sterna.amqp.net.AmqpLoop;
import io.sterna.amqp.sasl.SaslAuthenticator;
import io.sterna.amqp.sasl.UserAuthenticator;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.net.NetServer;
import io.vertx.core.net.NetServerOptions;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import java.util.function.BooleanSupplier;
import java.util.function.Consumer;

/**
 * A server over a real socket that takes every link, keeps what it gets in memory and sends what it is told to. Its lists
 * are for any thread; the engine's objects in them only for {@link #run}.
 */
final class EchoNode implements AutoCloseable {
    /** What the node does with its peers; each test says only what differs from the defaults. */
    static final class Behaviour {
        ConnectionSettings settings = settings(64 * 1024);
        SaslAuthenticator authenticator = new UserAuthenticator(Map.of(), true, Runnable::run, new SecureRandom());
        boolean answerOpens = true;
        boolean answerAttaches = true;
        boolean answerDetaches = true;
        int window = 100;
        Optional<DeliveryState> outcome = Optional.of(DeliveryState.Accepted.INSTANCE);
        long maxMessageBytes;

        /** When there, the node takes WebSockets, and web pages from these origins. */
        Optional<List<String>> webSocketOrigins = Optional.empty();

        Consumer<SenderLink> onSender = link -> {};
        Consumer<SenderLink> onCredit = link -> {};
        Consumer<ReceiverLink> onReceiver = link -> {};
        BiConsumer<ReceiverLink, Integer> onBuffering = (link, bytes) -> {};

        /** While this says so, nothing is written. */
        BooleanSupplier holding = () -> false;

        /** What the node says in its attaches to be unsettled on its side. */
        Optional<List<UnsettledDelivery>> unsettled = Optional.empty();

        static ConnectionSettings settings(int maxFrameBytes) {
            return new ConnectionSettings("echo", maxFrameBytes, 255, 255, 2048, 0, 10_000, 10_000);
        }
    }

    record Outcome(OutgoingDelivery delivery, Optional<DeliveryState> state, boolean settled) {}

    private static final Vertx VERTX = Vertx.vertx();

    final Behaviour behaviour;
    final List<Connection> connections = new CopyOnWriteArrayList<>();
    final List<SenderLink> senders = new CopyOnWriteArrayList<>();
    final List<ReceiverLink> receivers = new CopyOnWriteArrayList<>();
    final List<IncomingDelivery> deliveries = new CopyOnWriteArrayList<>();
    final List<IncomingDelivery> settled = new CopyOnWriteArrayList<>();
    final List<Outcome> outcomes = new CopyOnWriteArrayList<>();
    final List<String> events = new CopyOnWriteArrayList<>();
    final List<Optional<AmqpError>> closed = new CopyOnWriteArrayList<>();
    final List<Session> ended = new CopyOnWriteArrayList<>();
    final List<OutgoingDelivery> sends = new CopyOnWriteArrayList<>();
    private int sent;
    private final Context context = VERTX.getOrCreateContext();
    private final NetServer server;

    // The node's loop writes before the constructor ends.
    private volatile AmqpLoop loop;

    private EchoNode(Behaviour behaviour) throws Exception {
        this.behaviour = behaviour;
        CompletableFuture<NetServer> listening = new CompletableFuture<>();
        context.runOnContext(nothing -> listen().onComplete(listening::complete, listening::completeExceptionally));
        server = listening.get(10, TimeUnit.SECONDS);
    }

    private Future<NetServer> listen() {
        loop = new AmqpLoop(VERTX);
        loop.holdOutputWhile(behaviour.holding);
        NetServerOptions options = new NetServerOptions().setHost("127.0.0.1").setPort(0);
        return behaviour
                .webSocketOrigins
                .map(origins -> loop.listenWebSocket(
                        options, origins, behaviour.settings, behaviour.authenticator, Handler::new))
                .orElseGet(() -> loop.listen(options, behaviour.settings, behaviour.authenticator, Handler::new));
    }

    static EchoNode start() throws Exception {
        return start(behaviour -> {});
    }

    static EchoNode start(Consumer<Behaviour> changes) throws Exception {
        Behaviour behaviour = new Behaviour();
        changes.accept(behaviour);
        return new EchoNode(behaviour);
    }

    /** For clients in tests. */
    static Vertx vertx() {
        return VERTX;
    }

    /** Its loop; for {@link #run}. */
    AmqpLoop loop() {
        return loop;
    }

    int port() {
        return server.actualPort();
    }

    /** Runs something on the node's loop and waits for it. */
    void run(Runnable task) {
        call(() -> {
            task.run();
            return true;
        });
    }

    /** Asks for something on the node's loop. */
    <T> T call(Callable<T> task) {
        CompletableFuture<T> result = new CompletableFuture<>();
        context.runOnContext(nothing -> {
            try {
                result.complete(task.call());
            } catch (Exception | AssertionError failure) {
                result.completeExceptionally(failure);
            }
        });
        try {
            return result.get(20, TimeUnit.SECONDS);
        } catch (Exception failure) {
            throw new AssertionError(failure);
        }
    }

    /** Sends messages of one byte, as many as there is credit for, on the link of that name. */
    void send(String name, int count) {
        run(() -> sendOnLoop(name, count));
    }

    /** As {@link #send}, once the credit for all of them has come. */
    void sendWhenCredit(String name, int count) {
        await().atMost(Duration.ofSeconds(20))
                .until(() -> call(() -> sender(name).credit() >= count));
        send(name, count);
    }

    private void sendOnLoop(String name, int count) {
        for (int i = 0; i < count && sender(name).credit() > 0; i++) {
            sendOne(name);
        }
    }

    /** Sends a message of one byte; on the loop. */
    void sendOne(String name) {
        byte number = (byte) sent++;
        OutgoingMessage message = OutgoingMessage.untouched(new byte[] {number});
        sends.add(sender(name).send(new byte[] {number}, 0, message, false, "message " + number));
    }

    SenderLink sender(String name) {
        return senders.stream()
                .filter(link -> link.name().equals(name))
                .reduce((former, latter) -> latter)
                .orElseThrow();
    }

    ReceiverLink receiver(String name) {
        return receivers.stream()
                .filter(link -> link.name().equals(name))
                .reduce((former, latter) -> latter)
                .orElseThrow();
    }

    @Override
    public void close() {
        server.close()
                .toCompletionStage()
                .toCompletableFuture()
                .orTimeout(10, TimeUnit.SECONDS)
                .join();
    }

    private final class Handler implements ConnectionHandler {
        @Override
        public void onOpen(Connection connection) {
            connections.add(connection);
            if (behaviour.answerOpens) {
                connection.open(OpenTerms.PLAIN);
            }
        }

        @Override
        public void onAttach(SenderLink link) {
            senders.add(link);
            if (behaviour.answerAttaches) {
                link.accept(terms(link), new Sending(link));
                behaviour.onSender.accept(link);
            }
        }

        @Override
        public void onAttach(ReceiverLink link) {
            receivers.add(link);
            if (behaviour.answerAttaches) {
                link.accept(terms(link).withMaxMessageBytes(behaviour.maxMessageBytes), new Receiving(link));
                link.window(behaviour.window);
                behaviour.onReceiver.accept(link);
            }
        }

        @Override
        public void onBuffering(ReceiverLink link, int bytes) {
            behaviour.onBuffering.accept(link, bytes);
        }

        @Override
        public void onEnded(Session session) {
            ended.add(session);
        }

        @Override
        public void onClosed(Connection connection, Optional<AmqpError> error) {
            closed.add(error);
        }
    }

    private LinkTerms terms(Link link) {
        LinkTerms asked = LinkTerms.asAsked(link.remote());
        return behaviour.unsettled.map(asked::withUnsettled).orElse(asked);
    }

    private void onDetached(Link link, boolean closedToo) {
        events.add((closedToo ? "closed " : "detached ") + link.name());
        if (behaviour.answerDetaches) {
            link.detach(closedToo, Optional.empty());
        }
    }

    final class Sending implements SenderHandler {
        private final SenderLink link;

        Sending(SenderLink link) {
            this.link = link;
        }

        @Override
        public void onCredit() {
            events.add("credit " + link.credit() + (link.drain() ? " drain" : ""));
            behaviour.onCredit.accept(link);
        }

        @Override
        public void onDisposition(OutgoingDelivery delivery, Optional<DeliveryState> state, boolean settled) {
            outcomes.add(new Outcome(delivery, state, settled));
        }

        @Override
        public void onDetached(boolean closedToo, Optional<AmqpError> error) {
            EchoNode.this.onDetached(link, closedToo);
        }

        @Override
        public void onLost(boolean inOrder) {
            events.add("lost " + link.name());
        }

        @Override
        public void onStolen() {
            events.add("stolen " + link.name());
        }
    }

    final class Receiving implements ReceiverHandler {
        private final ReceiverLink link;

        Receiving(ReceiverLink link) {
            this.link = link;
        }

        @Override
        public void onDelivery(IncomingDelivery delivery) {
            deliveries.add(delivery);
            behaviour.outcome.ifPresent(delivery::settle);
        }

        @Override
        public void onSettled(IncomingDelivery delivery) {
            settled.add(delivery);
        }

        @Override
        public void onDrained() {
            events.add("drained " + link.name());
        }

        @Override
        public void onDetached(boolean closedToo, Optional<AmqpError> error) {
            EchoNode.this.onDetached(link, closedToo);
        }

        @Override
        public void onLost(boolean inOrder) {
            events.add("lost " + link.name());
        }

        @Override
        public void onStolen() {
            events.add("stolen " + link.name());
        }
    }
}

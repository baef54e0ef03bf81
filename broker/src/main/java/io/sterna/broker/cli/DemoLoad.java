package io.sterna.broker.cli;

import io.sterna.amqp.AmqpError;
import io.sterna.amqp.Connection;
import io.sterna.amqp.ConnectionHandler;
import io.sterna.amqp.ConnectionSettings;
import io.sterna.amqp.DeliveryState;
import io.sterna.amqp.ErrorCondition;
import io.sterna.amqp.IncomingDelivery;
import io.sterna.amqp.Link;
import io.sterna.amqp.LinkTerms;
import io.sterna.amqp.OpenTerms;
import io.sterna.amqp.OutgoingDelivery;
import io.sterna.amqp.ReceiverHandler;
import io.sterna.amqp.ReceiverLink;
import io.sterna.amqp.SenderHandler;
import io.sterna.amqp.SenderLink;
import io.sterna.amqp.Session;
import io.sterna.amqp.SettleMode;
import io.sterna.amqp.Terminus;
import io.sterna.amqp.message.OutgoingMessage;
import io.sterna.amqp.net.AmqpLoop;
import io.vertx.core.Context;
import io.vertx.core.Vertx;
import io.vertx.core.VertxOptions;
import io.vertx.core.file.FileSystemOptions;
import io.vertx.core.net.NetClient;
import io.vertx.core.net.NetClientOptions;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * A small load for a demonstration: durable messages through some queues, over one connection to whichever node takes it, and
 * an account of what has become of them. A message that was not accepted is sent again, and takes as long as until it is.
 * Owned by an event loop of its own, but for what says so.
 */
final class DemoLoad {
    private static final int QUEUES = 12;
    private static final int TICK_MILLIS = 20;
    private static final int AGAIN_MILLIS = 50;
    private static final int CONNECT_TIMEOUT_MILLIS = 1_000;
    private static final int WINDOW = 20;

    /** A durable message with a number of eight bytes: header (AMQP 1.0 §3.2.1) and data (§3.2.6). */
    private static final byte[] HEAD = {
        0x00, 0x53, 0x70, (byte) 0xc0, 0x02, 0x01, 0x41, 0x00, 0x53, 0x75, (byte) 0xa0, Long.BYTES
    };

    private static final ConnectionSettings SETTINGS =
            new ConnectionSettings("sterna-demo", 64 * 1024, 10, 4 * QUEUES, 2048, 10_000, 5_000, 1_000);

    private final List<Integer> ports;
    private final Vertx vertx;
    private final List<Flow> flows = new ArrayList<>();
    private @Nullable AmqpLoop sockets;
    private @Nullable NetClient client;
    private int attempts;
    private boolean slowestForgotten;

    // The loop writes, any thread reads.
    private volatile Figures figures = new Figures(0, 0, 0, 0, 0);

    /**
     * Since it was started.
     *
     * @param missing accepted and not received yet
     * @param repeated received although it was received before
     * @param slowestMillis the longest time until a message was accepted, or for which one waits now
     */
    record Figures(long accepted, long received, long missing, long repeated, long slowestMillis) {}

    /** @param ports of the nodes on this machine */
    DemoLoad(List<Integer> ports) {
        this.ports = List.copyOf(ports);
        vertx = Vertx.vertx(new VertxOptions()
                .setEventLoopPoolSize(1)
                .setFileSystemOptions(new FileSystemOptions()
                        .setClassPathResolvingEnabled(false)
                        .setFileCachingEnabled(false)));
        for (int number = 1; number <= QUEUES; number++) {
            flows.add(new Flow("demo." + number));
        }
    }

    /** Any thread. */
    void start() {
        Context context = vertx.getOrCreateContext();
        context.runOnContext(now -> {
            sockets = new AmqpLoop(vertx);
            client = vertx.createNetClient(new NetClientOptions()
                    .setConnectTimeout(CONNECT_TIMEOUT_MILLIS)
                    .setTcpNoDelay(true));
            vertx.setPeriodic(TICK_MILLIS, id -> tick());
            connect();
        });
    }

    /** Any thread. */
    Figures figures() {
        return figures;
    }

    /** The slowest message is looked for anew. Any thread. */
    void forgetSlowest() {
        vertx.getOrCreateContext().runOnContext(now -> slowestForgotten = true);
    }

    /** Blocks for a moment. Any thread. */
    void end() {
        try {
            vertx.close().toCompletionStage().toCompletableFuture().get(2, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } catch (ExecutionException | TimeoutException goesOn) {
            // The process ends anyway.
        }
    }

    private void connect() {
        if (sockets == null || client == null) {
            throw new IllegalStateException("not started");
        }
        int port = ports.get(attempts++ % ports.size());
        sockets.connect(client, port, "127.0.0.1", SETTINGS, Optional.empty(), new Life())
                .onSuccess(connection -> connection.open(OpenTerms.PLAIN))
                .onFailure(nobody -> again());
    }

    private void again() {
        vertx.setTimer(AGAIN_MILLIS, id -> connect());
    }

    private void tick() {
        long now = System.nanoTime();
        if (slowestForgotten) {
            flows.forEach(flow -> flow.slowestNanos = 0);
            slowestForgotten = false;
        }
        flows.forEach(flow -> flow.send(now));
        figures = new Figures(
                flows.stream().mapToLong(flow -> flow.accepted).sum(),
                flows.stream().mapToLong(flow -> flow.received).sum(),
                flows.stream().mapToLong(flow -> flow.missing.size()).sum(),
                flows.stream().mapToLong(flow -> flow.repeated).sum(),
                TimeUnit.NANOSECONDS.toMillis(flows.stream()
                        .mapToLong(flow -> flow.slowestNanos(now))
                        .max()
                        .orElse(0)));
    }

    /** A connection. */
    private final class Life implements ConnectionHandler {
        @Override
        public void onOpen(Connection connection) {
            if (connection.isOpen()) {
                Session session = connection.begin();
                flows.forEach(flow -> flow.attach(session));
            }
        }

        @Override
        public void onAttach(SenderLink link) {
            refuse(link);
        }

        @Override
        public void onAttach(ReceiverLink link) {
            refuse(link);
        }

        private void refuse(Link link) {
            link.refuse(AmqpError.of(ErrorCondition.NOT_ALLOWED, "nothing is served here"));
        }

        @Override
        public void onClosed(Connection connection, Optional<AmqpError> error) {
            again();
        }
    }

    /** The messages of one queue, one at a time: it is sent until it is accepted. */
    private static final class Flow implements SenderHandler, ReceiverHandler {
        private final String queue;
        private final Set<Long> missing = new HashSet<>();
        private @Nullable SenderLink sender;

        /** What an earlier demonstration has left in the same queue has lower numbers. */
        private final long first = System.currentTimeMillis();

        /** Of the message that is to be accepted next. */
        private long number = first;

        /** When it was to be sent for the first time; 0 when its turn has not come. */
        private long begunNanos;

        private boolean sent;
        private boolean receivedBeforeAccepted;
        private long accepted;
        private long received;
        private long repeated;
        private long slowestNanos;

        Flow(String queue) {
            this.queue = queue;
        }

        void attach(Session session) {
            sent = false;
            Terminus.Source local = Terminus.Source.at(queue);
            Terminus.Target remote = new Terminus.Target(Terminus.Node.at(queue));
            LinkTerms terms = LinkTerms.of(local, remote, SettleMode.Sender.UNSETTLED, SettleMode.Receiver.FIRST);
            session.attachReceiver(queue, terms, this).window(WINDOW);
            sender = session.attachSender(queue, terms, this);
        }

        /** Each turn, so that there is at most one message each. */
        void send(long nowNanos) {
            if (begunNanos == 0) {
                begunNanos = nowNanos;
            }
            SenderLink link = sender;
            if (link == null || sent) {
                return;
            }
            if (link.attached() && link.credit() > 0) {
                sent = true;
                byte[] message = ByteBuffer.allocate(HEAD.length + Long.BYTES)
                        .put(HEAD)
                        .putLong(number)
                        .array();
                byte[] tag = ByteBuffer.allocate(Long.BYTES).putLong(number).array();
                link.send(tag, 0, OutgoingMessage.untouched(message), false, this);
            }
        }

        long slowestNanos(long nowNanos) {
            return Math.max(slowestNanos, begunNanos == 0 ? 0 : nowNanos - begunNanos);
        }

        @Override
        public void onDisposition(OutgoingDelivery delivery, Optional<DeliveryState> state, boolean settled) {
            if (!settled) {
                state.ifPresent(delivery::settle);
            }
            sent = false;
            if (state.orElse(null) instanceof DeliveryState.Accepted) {
                slowestNanos = Math.max(slowestNanos, System.nanoTime() - begunNanos);
                begunNanos = 0;
                accepted++;
                if (!receivedBeforeAccepted) {
                    missing.add(number);
                }
                receivedBeforeAccepted = false;
                number++;
            }
        }

        @Override
        public void onDelivery(IncomingDelivery delivery) {
            byte[] payload = delivery.payload();
            long its = ByteBuffer.wrap(payload).getLong(payload.length - Long.BYTES);
            if (missing.remove(its)) {
                received++;
            } else if (its == number && !receivedBeforeAccepted) {
                receivedBeforeAccepted = true;
                received++;
            } else if (its >= first) {
                repeated++;
            }
            delivery.settle(DeliveryState.Accepted.INSTANCE);
        }

        @Override
        public void onCredit() {
            // The next turn sends.
        }

        /** It is being opened elsewhere: begin anew, with all links, as after the loss of a connection. */
        @Override
        public void onDetached(boolean closed, Optional<AmqpError> error) {
            SenderLink link = sender;
            sender = null;
            if (link != null && link.connection().isOpen()) {
                link.connection().close(Optional.empty());
            }
        }

        @Override
        public void onLost(boolean inOrder) {
            sender = null;
            sent = false;
        }
    }
}
